/** How much room there is: two panels beside the map, one, or a sheet over it. Widths in rem, so larger text counts. */
export type Room = "wide" | "side" | "phone";
export type Tab = "sites" | "weights" | "layers";
/** Heights of the sheet on a phone. */
export type Sheet = "peek" | "half" | "full";

class Layout {
  room = $state<Room>("wide");
  /** The open tab where all three share one panel; beside two panels only the left one has tabs. */
  tab = $state<Tab>("sites");
  sheet = $state<Sheet>("half");
  /** Pixels at the bottom of the map that the sheet of a phone covers. */
  covered = $state(0);
  /** Pixels of a rem. */
  rem = $state(16);

  constructor() {
    // Media queries know the browser's text size, but not that of a reader's own style sheet.
    const look = () => {
      this.rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      const width = innerWidth / this.rem;
      this.room = width >= 75 ? "wide" : width <= 44 ? "phone" : "side";
      document.documentElement.dataset["room"] = this.room;
    };
    look();
    addEventListener("resize", look);
    const ruler = document.createElement("div");
    ruler.style.cssText = "position: absolute; width: 1rem; visibility: hidden";
    document.documentElement.append(ruler);
    new ResizeObserver(look).observe(ruler);
  }

  /** A site was opened: show its card, on a phone without covering the map. */
  showSites(): void {
    if (this.room !== "wide") this.tab = "sites";
    if (this.sheet === "peek") this.sheet = "half";
  }

  open(tab: Tab): void {
    this.tab = tab;
    if (this.sheet === "peek") this.sheet = "half";
  }
}

export const layout = new Layout();
