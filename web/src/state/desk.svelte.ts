/** The wide panel under the map (on a phone: in the sheet), for what needs more room than a column. */
export type Work = "compare" | "sure";

class Desk {
  work = $state<Work | null>(null);

  toggle(work: Work): void {
    this.work = this.work === work ? null : work;
  }
}

export const desk = new Desk();
