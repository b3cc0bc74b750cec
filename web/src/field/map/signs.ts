/** Households on the map: told apart by shape first, by colour second. */
import type { Need } from "../core/summary";

export const PIXEL_RATIO = 2;
const SIZE = 30;

/** Dark enough on the pale ground in sunlight. */
export const COLOURS: Record<Need, string> = {
  conflict: "#7a1f8a",
  overdue: "#a3200d",
  visit: "#0b4f55",
  survey: "#8a4b00",
  nothing: "#4d4a45",
};

/** The outline of each sign on a grid of 30. */
export const PATHS: Record<Need, string> = {
  // A rhombus.
  conflict: "M15 2 28 15 15 28 2 15Z",
  // A triangle.
  overdue: "M15 3 28.500 27H1.500Z",
  // A square.
  visit: "M4 4h22v22H4Z",
  // A ring: still empty.
  survey: "M15 3a12 12 0 1 1 0 24 12 12 0 0 1 0-24Zm0 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z",
  // A small dot.
  nothing: "M15 8a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z",
};

/** What stands within a sign. */
const MARKS: Partial<Record<Need, string>> = { conflict: "≠", overdue: "!", visit: "→" };

export const signOf = (need: Need): string => `need-${need}`;

export function pictures(): [id: string, image: ImageData][] {
  return (Object.keys(PATHS) as Need[]).map((need) => [signOf(need), picture(need)]);
}

function picture(need: Need): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * PIXEL_RATIO;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("This browser gives no 2D canvas to draw the map's signs on.");
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  const path = new Path2D(PATHS[need]);
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = "#ffffff";
  pen.stroke(path);
  pen.fillStyle = COLOURS[need];
  pen.fill(path, "evenodd");
  const mark = MARKS[need];
  if (mark) {
    pen.fillStyle = "#ffffff";
    pen.font = "700 15px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(mark, 15, need === "overdue" ? 19 : 15.5);
  }
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
