/**
 * Sites seen from afar: a dot for each, of the site's own area, drawn straight from the numbers that the page ranks by. A
 * hundred thousand sites need no tile for it, a new weight is one upload of their scores, and the better site lies on top.
 */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import type { Matrix } from "../api/types";
import type { Order } from "../ranking/weighted";
import { compiled, ready, type Uniforms } from "./dot-shader";
import { EARTH_M, worldX, worldY } from "./mercator";
import { excludedColour, maybeColour, scoreRamp, selectedColour } from "./ramp";

export const DOTS = "site-dots";

/** From this zoom on sites are drawn in their shapes, from tiles. */
export const SHAPES_FROM = 12;

/** Pixels that a dot has at least: few sites can be larger than many. */
const LEAST = { few: 6, many: 3.5 };
const MANY = 10_000;

/** A disc of a site's area is this many times as wide as a square of it. */
const DISC = 2 / Math.sqrt(Math.PI);

export interface Dots {
  matrix: Pick<Matrix, "sites" | "excluded">;
  order: Order;
  stops: readonly number[];
}

type Marks = Record<"pointed" | "chosen", number | null>;

type Buffers = Record<"place" | "kind" | "score" | "order", WebGLBuffer | null>;

export class SiteDots implements CustomLayerInterface {
  readonly id = DOTS;
  readonly type = "custom";
  readonly renderingMode = "2d";
  opacity = 1;
  readonly #marks: Marks = { pointed: null, chosen: null };

  /** `drawn` is called when the sites are drawn for the first time. */
  constructor(private readonly drawn: () => void) {}

  #isDrawn = false;
  #map: MapLibre | null = null;
  #gl: WebGL2RenderingContext | null = null;
  #program: WebGLProgram | null = null;
  #uniforms: Uniforms | null = null;
  #vertices: WebGLVertexArrayObject | null = null;
  #buffers: Buffers | null = null;
  #shown: Dots | null = null;
  /** Which part of the above has not reached the graphics card yet. */
  #stale = { places: true, scores: true };

  /** Where the sites are, in parts of the world's width from `#origin`: whole coordinates are too long for the card. */
  #origin: [x: number, y: number] = [0, 0];
  #places = new Float32Array(0);
  #sides = new Float32Array(0);

  /** Takes the sites, their order and the stops of their colours; what stayed the same is not uploaded again. */
  show(dots: Dots): void {
    if (dots.matrix.sites !== this.#shown?.matrix.sites) this.#locate(dots.matrix.sites);
    if (dots.matrix.excluded !== this.#shown?.matrix.excluded) this.#stale.places = true;
    this.#shown = dots;
    this.#stale.scores = true;
    this.#map?.triggerRepaint();
  }

  /** Rings a site; whether that changes the picture. */
  mark(as: keyof Marks, i: number | null): boolean {
    const changes = this.#marks[as] !== i;
    this.#marks[as] = i;
    return changes;
  }

  #locate({ lon, lat, area_m2 }: Matrix["sites"]): void {
    const [x0, y0] = (this.#origin = [worldX(lon[0] ?? 0), worldY(lat[0] ?? 0)]);
    const size = lon.length;
    this.#places = new Float32Array(2 * size);
    this.#sides = new Float32Array(size);
    for (let i = 0; i < size; i += 1) {
      this.#places[2 * i] = worldX(lon[i] ?? 0) - x0;
      this.#places[2 * i + 1] = worldY(lat[i] ?? 0) - y0;
      // Metres are longer on the map the farther they are from the equator.
      const metre = 1 / (EARTH_M * Math.cos(((lat[i] ?? 0) * Math.PI) / 180));
      this.#sides[i] = Math.sqrt(area_m2[i] ?? 0) * metre * DISC;
    }
    this.#stale.places = true;
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.#map = map;
    this.#gl = gl;
    this.#program = compiled(gl);
    this.#vertices = gl.createVertexArray();
    this.#buffers = {
      place: gl.createBuffer(),
      kind: gl.createBuffer(),
      score: gl.createBuffer(),
      order: gl.createBuffer(),
    };
    this.#stale = { places: true, scores: true };
  }

  onRemove(): void {
    for (const buffer of Object.values(this.#buffers ?? {})) this.#gl?.deleteBuffer(buffer);
    this.#gl?.deleteVertexArray(this.#vertices);
    this.#gl?.deleteProgram(this.#program);
    this.#map = this.#gl = this.#program = this.#uniforms = this.#vertices = this.#buffers = null;
  }

  /** Whether the sites are drawn by dots now: from afar, and closer while their shapes are on the way. */
  visibleAt(zoom: number, shapesLoaded: boolean): boolean {
    return this.#shown !== null && this.opacity > 0 && (zoom < SHAPES_FROM || !shapesLoaded);
  }

  render(gl: WebGL2RenderingContext, { modelViewProjectionMatrix: view }: CustomRenderMethodInput): void {
    const [map, program, dots] = [this.#map, this.#program, this.#shown];
    if (!map || !program || !dots || !this.visibleAt(map.getZoom(), shapesLoaded(map))) return;
    const uniforms = (this.#uniforms ??= ready(gl, program));
    gl.useProgram(program);
    gl.bindVertexArray(this.#vertices);
    this.#upload(gl, uniforms, dots);
    const world = 512 * 2 ** map.getZoom();
    gl.uniformMatrix4fv(uniforms.matrix, false, placed(view, this.#origin, world));
    gl.uniform1f(uniforms.ratio, map.getPixelRatio());
    gl.uniform1f(uniforms.world, world);
    gl.uniform1f(uniforms.least, dots.order.order.length > MANY ? LEAST.many : LEAST.few);
    gl.uniform1fv(uniforms.stops, [...dots.stops]);
    gl.uniform3fv(uniforms.ramp, scoreRamp.flatMap(rgb));
    gl.uniform3fv(uniforms.edges, [excludedColour, maybeColour].flatMap(rgb));
    gl.uniform1f(uniforms.opacity, this.opacity);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniform4f(uniforms.ring, 0, 0, 0, 0);
    gl.drawElements(gl.POINTS, dots.order.order.length, gl.UNSIGNED_INT, 0);
    const { pointed, chosen } = this.#marks;
    for (const [row, colour, width] of [[pointed, "#1d1b18", 2] as const, [chosen, selectedColour, 3.5] as const]) {
      if (row === null || row >= dots.order.order.length) continue;
      gl.uniform4f(uniforms.ring, ...rgb(colour), width);
      gl.drawArrays(gl.POINTS, row, 1);
    }
    gl.bindVertexArray(null);
    if (!this.#isDrawn) this.drawn();
    this.#isDrawn = true;
  }

  #upload(gl: WebGL2RenderingContext, uniforms: Uniforms, { matrix, order }: Dots): void {
    const buffers = this.#buffers;
    if (!buffers) return;
    const feed = (buffer: WebGLBuffer | null, attribute: number, data: Float32Array, length: number) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      gl.enableVertexAttribArray(attribute);
      gl.vertexAttribPointer(attribute, length, gl.FLOAT, false, 0, 0);
    };
    if (this.#stale.places) {
      const kinds = new Float32Array(2 * matrix.excluded.length);
      matrix.excluded.forEach((kind, i) => {
        kinds[2 * i] = kind;
        kinds[2 * i + 1] = this.#sides[i] ?? 0;
      });
      feed(buffers.place, uniforms.place, this.#places, 2);
      feed(buffers.kind, uniforms.kind, kinds, 2);
    }
    if (this.#stale.scores) {
      feed(buffers.score, uniforms.score, Float32Array.from(order.score), 1);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers.order);
      // The last is drawn on top.
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order.order.slice().reverse(), gl.DYNAMIC_DRAW);
    }
    this.#stale = { places: false, scores: false };
  }

  /** The site whose dot lies under a place, or nearest to it within `reach` pixels; the better one of two. */
  at(lon: number, lat: number, zoom: number, reach: number): number | null {
    const dots = this.#shown;
    if (!dots) return null;
    const world = 512 * 2 ** zoom;
    const [x, y] = [worldX(lon) - this.#origin[0], worldY(lat) - this.#origin[1]];
    const { rank } = dots.order;
    const least = dots.order.order.length > MANY ? LEAST.many : LEAST.few;
    const place = (i: number) => rank[i] || Infinity;
    let found: number | null = null;
    let nearest = reach;
    for (let i = 0; i < rank.length; i += 1) {
      const dx = ((this.#places[2 * i] as number) - x) * world;
      if (dx > 64 || dx < -64) continue;
      const dy = ((this.#places[2 * i + 1] as number) - y) * world;
      const radius = Math.max(least, (this.#sides[i] as number) * world) / 2;
      const beyond = Math.max(0, Math.hypot(dx, dy) - radius);
      if (beyond > nearest || (beyond === nearest && found !== null && place(found) <= place(i))) continue;
      nearest = beyond;
      found = i;
    }
    return found;
  }
}

function shapesLoaded(map: MapLibre): boolean {
  return map.getSource("sites") !== undefined && map.isSourceLoaded("sites");
}

/** The view's matrix for points that are given from `origin` in parts of the world's width. */
function placed(view: ArrayLike<number>, [x, y]: [number, number], world: number): Float32Array {
  const at = (n: number) => view[n] as number;
  const matrix = new Float32Array(16);
  for (let row = 0; row < 4; row += 1) {
    matrix[row] = at(row) * world;
    matrix[4 + row] = at(4 + row) * world;
    matrix[8 + row] = at(8 + row);
    matrix[12 + row] = at(row) * x * world + at(4 + row) * y * world + at(12 + row);
  }
  return matrix;
}

function rgb(css: string): [number, number, number] {
  const channel = (start: number) => Number.parseInt(css.slice(start, start + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}
