/** Where the map was last looked at, as long as the page is open: nowhere kept, for it tells where a family lives. */
class Remembered {
  center: [number, number] | null = null;
  zoom = 15;

  keep(center: [number, number], zoom: number): void {
    this.center = center;
    this.zoom = zoom;
  }

  forget(): void {
    this.center = null;
    this.zoom = 15;
  }
}

export const remembered = new Remembered();
