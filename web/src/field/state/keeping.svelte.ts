/** Keeping something that a screen has gathered: once at a time, and said where the phone has no room for it. */
import { NoRoom } from "../vault/room";

export class Keeping {
  works = $state(false);
  /** It was not kept: there is no room. */
  isFull = $state(false);

  async run(work: () => Promise<void>): Promise<void> {
    if (this.works) return;
    this.works = true;
    this.isFull = false;
    try {
      await work();
    } catch (cause) {
      if (!(cause instanceof NoRoom)) throw cause;
      this.isFull = true;
    } finally {
      this.works = false;
    }
  }
}
