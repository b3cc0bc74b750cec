/** How much room there is: two panels beside the map, one, or a sheet over it. Widths in em, so larger text counts. */
export type Room = "wide" | "side" | "phone";
export type Tab = "sites" | "weights" | "layers";
/** Heights of the sheet on a phone. */
export type Sheet = "peek" | "half" | "full";

class Layout {
  room = $state<Room>("wide");
  /** The open tab where all three share one panel; beside two panels only the left one has tabs. */
  tab = $state<Tab>("sites");
  sheet = $state<Sheet>("half");

  constructor() {
    const wide = matchMedia("(min-width: 75em)");
    const phone = matchMedia("(max-width: 44em)");
    const look = () => {
      this.room = wide.matches ? "wide" : phone.matches ? "phone" : "side";
    };
    wide.addEventListener("change", look);
    phone.addEventListener("change", look);
    look();
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
