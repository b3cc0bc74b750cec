/** Reading QR codes with the camera: by the browser where it can, else by a reader that is loaded then. */

interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}
interface DetectorKind {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

const PAUSE_MS = 200;
/** Wide enough for a code on a card, and quick on a cheap phone. */
const WIDTH = 480;

export interface Scan {
  stop: () => void;
  /** Comes true where there is no camera, or it is refused. */
  failed: Promise<void>;
}

export function startScan(video: HTMLVideoElement, onfound: (text: string) => void): Scan {
  let stream: MediaStream | null = null;
  let isOver = false;
  const stop = () => {
    isOver = true;
    stream?.getTracks().forEach((track) => track.stop());
  };
  const failed = new Promise<void>((fail) => {
    const run = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (isOver) return stop();
      video.srcObject = stream;
      await video.play();
      const read = await reader();
      while (!isOver) {
        const text = video.videoWidth > 0 ? await read(video) : null;
        if (text !== null && !isOver) {
          stop();
          onfound(text);
          return;
        }
        await new Promise((rest) => setTimeout(rest, PAUSE_MS));
      }
    };
    run().catch(() => {
      stop();
      fail();
    });
  });
  return { stop, failed };
}

async function reader(): Promise<(video: HTMLVideoElement) => Promise<string | null>> {
  const kind = (globalThis as { BarcodeDetector?: DetectorKind }).BarcodeDetector;
  const formats = await kind?.getSupportedFormats().catch(() => []);
  if (kind && formats?.some((format) => format === "qr_code")) {
    const detector = new kind({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video).catch(() => []))[0]?.rawValue ?? null;
  }
  const { default: decode } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    canvas.width = WIDTH;
    canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
    pen?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = pen?.getImageData(0, 0, canvas.width, canvas.height);
    try {
      return Promise.resolve(
        picture ? decode({ width: picture.width, height: picture.height, data: picture.data }) : null,
      );
    } catch {
      // No code in this picture.
      return Promise.resolve(null);
    }
  };
}
