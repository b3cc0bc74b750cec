/** Changes of rank on the map: a sign for each site that moved, the larger the more places. */
import type { SymbolLayerSpecification } from "maplibre-gl";
import type { Change } from "../ranking/changes";

export const CHANGES = "rank-changes";

/** Blue and orange are told apart by every form of colour blindness; the shapes say the same. */
export const gainedColour = "#2166ac";
export const lostColour = "#d8700f";

export interface Sign extends Change {
  lon: number;
  lat: number;
  /** The largest change on the map. */
  largest: number;
}

const SIDE = 48;

type Shape = "gained" | "lost" | "out" | "in";

export function shapeOf({ gained, now }: Change): Shape {
  if (gained !== 0) return gained > 0 ? "gained" : "lost";
  return now > 0 ? "in" : "out";
}

/** 0–1: how large a sign is drawn. Half the size for a quarter of the change, as areas are read. */
export function sizeOf({ gained, largest }: Sign): number {
  return gained === 0 ? 0.6 : Math.sqrt(Math.abs(gained) / Math.max(1, largest));
}

export function changeLayer(): SymbolLayerSpecification {
  return {
    id: CHANGES,
    type: "symbol",
    source: CHANGES,
    layout: {
      "icon-image": ["concat", "change-", ["get", "shape"]],
      "icon-size": ["interpolate", ["linear"], ["get", "size"], 0, 0.3, 1, 1],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      // The largest on top.
      "symbol-sort-key": ["get", "size"],
    },
  };
}

/** The signs as images, each with a white edge that lifts it off the map. */
export function changeImages(): [id: string, image: ImageData][] {
  return (["gained", "lost", "out", "in"] as const).map((shape) => [`change-${shape}`, drawn(shape)]);
}

function drawn(shape: Shape): ImageData {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SIDE, SIDE];
  const pen = canvas.getContext("2d");
  if (!pen) return new ImageData(SIDE, SIDE);
  const [near, far, middle] = [7, SIDE - 7, SIDE / 2];
  pen.lineJoin = "round";
  pen.lineCap = "round";
  pen.beginPath();
  if (shape === "gained" || shape === "lost") {
    const [tip, foot] = shape === "gained" ? [near, far - 3] : [far, near + 3];
    pen.moveTo(middle, tip);
    pen.lineTo(far, foot);
    pen.lineTo(near, foot);
    pen.closePath();
    pen.lineWidth = 7;
    pen.strokeStyle = "#ffffff";
    pen.stroke();
    pen.fillStyle = shape === "gained" ? gainedColour : lostColour;
    pen.fill();
  } else {
    const cross: [number, number][] =
      shape === "out"
        ? [
            [13, 13],
            [35, 35],
            [35, 13],
            [13, 35],
          ]
        : [
            [middle, 9],
            [middle, 39],
            [9, middle],
            [39, middle],
          ];
    cross.forEach(([x, y], n) => (n % 2 === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
    pen.lineWidth = 14;
    pen.strokeStyle = "#ffffff";
    pen.stroke();
    pen.lineWidth = 8;
    pen.strokeStyle = shape === "out" ? "#3d3730" : gainedColour;
    pen.stroke();
  }
  return pen.getImageData(0, 0, SIDE, SIDE);
}
