/** Photos and sound, made small before they are kept. */
import type { Bytes } from "../core/bytes";

/** The longer side of a photo, in pixels: faces, papers and roofs stay readable. */
const LONG_SIDE = 1280;
const QUALITY = 0.72;

/** Draws a photo anew: smaller, upright, and without what the camera wrote into it (place, time, device). */
export async function shrunk(photo: Blob): Promise<File> {
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.max(1, picture.width * scale), Math.max(1, picture.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The phone cannot draw.");
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const small = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  return new File([small], "photo.jpg", { type: "image/jpeg" });
}

export const bytesOf = async (blob: Blob): Promise<Bytes> => new Uint8Array(await blob.arrayBuffer());

/** A recording in progress. */
export interface Recording {
  stop(): Promise<File>;
  drop(): void;
}

export async function recordSound(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start(1000);
  const close = () => stream.getTracks().forEach((track) => track.stop());
  return {
    stop: () =>
      new Promise((done) => {
        recorder.onstop = () => {
          close();
          const type = recorder.mimeType.split(";")[0] || "audio/webm";
          const ending = type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm";
          done(new File(parts, `sound.${ending}`, { type }));
        };
        recorder.stop();
      }),
    drop: close,
  };
}
