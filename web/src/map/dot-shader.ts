/** The program that draws dots on the graphics card: their size and colour are worked out there from the site's numbers. */
import { NARROWEST, STOPS } from "../ranking/stops";

export interface Uniforms {
  place: number;
  kind: number;
  score: number;
  matrix: WebGLUniformLocation | null;
  ratio: WebGLUniformLocation | null;
  world: WebGLUniformLocation | null;
  least: WebGLUniformLocation | null;
  stops: WebGLUniformLocation | null;
  ramp: WebGLUniformLocation | null;
  edges: WebGLUniformLocation | null;
  opacity: WebGLUniformLocation | null;
  /** Colour and width of a ring around the dot; of no width: the dot itself. */
  ring: WebGLUniformLocation | null;
}

/** A site's place on the ramp is that of `positionOn`. */
const vertex = `#version 300 es
in vec2 place;
in vec2 kind;
in float score;
uniform mat4 matrix;
uniform float ratio;
uniform float world;
uniform float least;
uniform float stops[${STOPS}];
uniform vec3 ramp[${STOPS}];
uniform vec4 ring;
out vec3 colour;
flat out float standing;
flat out float wide;
void main() {
  gl_Position = matrix * vec4(place, 0.0, 1.0);
  wide = max(least, kind.y * world) + 2.0 * ring.a;
  standing = kind.x;
  // Excluded sites step back.
  if (standing == 1.0 && ring.a == 0.0) wide = max(0.75 * least, kind.y * world);
  gl_PointSize = wide * ratio;
  float at = 0.0;
  for (int n = 0; n < ${STOPS - 1}; n++) {
    at += clamp((score - stops[n]) / max(stops[n + 1] - stops[n], ${NARROWEST.toFixed(7)}), 0.0, 1.0);
  }
  int below = min(int(at), ${STOPS - 2});
  colour = mix(ramp[below], ramp[below + 1], at - float(below));
}`;

/** Excluded sites are hatched and sites that may be excluded edged in dashes, as in their shapes and in the legend. */
const fragment = `#version 300 es
precision highp float;
uniform float ratio;
uniform vec3 edges[2];
uniform float opacity;
uniform vec4 ring;
in vec3 colour;
flat in float standing;
flat in float wide;
out vec4 fragColor;
void main() {
  vec2 from = (gl_PointCoord - 0.5) * wide;
  float inside = wide / 2.0 - length(from);
  float cover = clamp(inside * ratio + 0.5, 0.0, 1.0);
  if (cover == 0.0) discard;
  vec4 paint = vec4(colour, 1.0);
  if (ring.a > 0.0) {
    paint = vec4(ring.rgb, clamp((ring.a - inside) * ratio + 0.5, 0.0, 1.0));
  } else if (standing == 1.0) {
    vec2 pixel = gl_FragCoord.xy / ratio;
    bool line = mod(pixel.x + pixel.y, 5.0) < 1.3 || inside < 0.8;
    paint = vec4(line ? edges[0] : vec3(0.945, 0.933, 0.91), line ? 0.8 : 0.55);
  } else if (standing == 2.0 && wide > 4.5 && inside < 1.5 && mod(atan(from.y, from.x) * wide / 2.0, 3.5) < 2.0) {
    paint = vec4(edges[1], 1.0);
  } else if (wide > 5.0 && inside < 0.8) {
    // Where sites crowd, a light edge tells one from the next.
    paint = vec4(mix(colour, vec3(1.0), 0.55), 1.0);
  }
  float alpha = paint.a * cover * opacity;
  fragColor = vec4(paint.rgb * alpha, alpha);
}`;

/** Hands the program to the graphics card, which may take its time: nothing is asked of it before {@link ready}. */
export function compiled(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) continue;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  return program;
}

/** Where the program takes its numbers; waits until the card has it. */
export function ready(gl: WebGL2RenderingContext, program: WebGLProgram): Uniforms {
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The dots of the map cannot be drawn here: ${gl.getProgramInfoLog(program) ?? "no reason given"}`);
  }
  const uniform = (name: string) => gl.getUniformLocation(program, name);
  const attribute = (name: string) => gl.getAttribLocation(program, name);
  return {
    place: attribute("place"),
    kind: attribute("kind"),
    score: attribute("score"),
    matrix: uniform("matrix"),
    ratio: uniform("ratio"),
    world: uniform("world"),
    least: uniform("least"),
    stops: uniform("stops"),
    ramp: uniform("ramp"),
    edges: uniform("edges"),
    opacity: uniform("opacity"),
    ring: uniform("ring"),
  };
}
