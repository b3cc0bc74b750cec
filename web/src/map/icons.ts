/** The map's few pictures, drawn here rather than loaded: one file less to serve, and sharp on every screen. */
import { excludedColour, onDark, scoreRamp, selectedColour } from "./ramp";
import { HATCH, PIN, PIN_CHOSEN } from "./sites";

export const PIXEL_RATIO = 2;

/** Pictograms of services on a 16 × 16 grid, filled (even-odd). */
const servicePaths: Record<string, string> = {
  primary_school: "M8 2 15 5.500 8 9 1 5.500ZM3.500 7.800 8 10v4L3.500 11.800ZM12.500 7.800 8 10v4l4.500-2.200Z",
  preschool: "M3 7h4v6H3ZM9 7h4v6H9ZM5.500 2h5v4h-5Z",
  nursery: "M8 1.800a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM3 14a5 5 0 0 1 10 0Z",
  health_centre: "M6 2h4v4h4v4h-4v4H6v-4H2V6h4Z",
  hospital: "M3 2h3v4.500h4V2h3v12h-3V9.500H6V14H3Z",
  market: "M2 3h12l1 4H1ZM2.500 8h11v6h-4v-4h-3v4h-4Z",
  factory: "M2 14V6l4 3V6l4 3V2h4v12Z",
  social_service: "M8 14 2.500 8.500a3.300 3.300 0 0 1 5.500-4 3.300 3.300 0 0 1 5.500 4Z",
  bus_stop: "M3 2h10v10h-1.500v2h-2v-2h-3v2h-2v-2H3ZM4.500 4v3.500h7V4Z",
  water_point: "M8 1.500c2.500 3.500 4 5.500 4 8a4 4 0 0 1-8 0c0-2.500 1.500-4.500 4-8Z",
};

export const serviceColours: Record<string, string> = {
  primary_school: "#7a4a00",
  preschool: "#7a4a00",
  nursery: "#8a2a68",
  health_centre: "#a3122a",
  hospital: "#a3122a",
  market: "#3d5a12",
  factory: "#434a54",
  social_service: "#5b3a8e",
  bus_stop: "#1d4f91",
  water_point: "#0a6079",
};

export const serviceKinds = Object.keys(servicePaths);
export const serviceIcon = (kind: string) => `service-${kind}`;

export function pictures(): [id: string, image: ImageData][] {
  const services = Object.entries(servicePaths).map(([kind, path]): [string, ImageData] => [
    serviceIcon(kind),
    badge(path, serviceColours[kind] ?? "#444444"),
  ]);
  return [...services, [HATCH, hatch()], [PIN, pin(scoreRamp[5])], [PIN_CHOSEN, pin(selectedColour)]];
}

/** The pictogram of a service as SVG path data, for the legend. */
export function servicePath(kind: string): string | undefined {
  return servicePaths[kind];
}

function draw(width: number, height: number, paint: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = width * PIXEL_RATIO;
  canvas.height = height * PIXEL_RATIO;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("This browser gives no 2D canvas to draw the map's pictures on.");
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  paint(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function badge(path: string, colour: string): ImageData {
  return draw(22, 22, (pen) => {
    pen.beginPath();
    pen.arc(11, 11, 9.5, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
    pen.lineWidth = 1.5;
    pen.strokeStyle = onDark;
    pen.stroke();
    pen.translate(5.4, 5.4);
    pen.scale(0.7, 0.7);
    pen.fillStyle = onDark;
    pen.fill(new Path2D(path), "evenodd");
  });
}

function hatch(): ImageData {
  return draw(8, 8, (pen) => {
    pen.fillStyle = "rgba(141, 133, 120, 0.16)";
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = excludedColour;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift - 1, 9);
      pen.lineTo(shift + 9, -1);
    }
    pen.stroke();
  });
}

/** A drop-shaped pin whose tip is the bottom middle of the picture. */
function pin(colour: string): ImageData {
  return draw(30, 37, (pen) => {
    pen.beginPath();
    pen.moveTo(15, 36);
    pen.bezierCurveTo(11, 29, 3, 24, 3, 14.5);
    pen.arc(15, 14.5, 12, Math.PI, 0);
    pen.bezierCurveTo(27, 24, 19, 29, 15, 36);
    pen.closePath();
    pen.fillStyle = colour;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = onDark;
    pen.stroke();
  });
}
