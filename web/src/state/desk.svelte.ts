/** The wide panel under the map (on a phone: in the sheet), for what needs more room than a column. */
export type Work = "compare" | "sure";

const MEMORY = "phteah.desk";

/** The part of the window's height that the desk takes: enough for a few lines, and never all of the map. */
export const LEAST = 0.2;
export const MOST = 0.8;
const USUAL = 0.5;

class Desk {
  work = $state<Work | null>(null);
  /** Part of the window's height. */
  height = $state(remembered());

  toggle(work: Work): void {
    this.work = this.work === work ? null : work;
  }

  resize(height: number): void {
    this.height = Math.min(MOST, Math.max(LEAST, height));
    try {
      localStorage.setItem(MEMORY, this.height.toFixed(3));
    } catch {
      // A browser that stores nothing keeps the height until the page is closed.
    }
  }

  reset(): void {
    this.resize(USUAL);
  }
}

function remembered(): number {
  try {
    const height = Number(localStorage.getItem(MEMORY) ?? USUAL);
    return height >= LEAST && height <= MOST ? height : USUAL;
  } catch {
    return USUAL;
  }
}

export const desk = new Desk();
