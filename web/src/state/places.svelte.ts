import type { Matrix, Place, Text } from "../api/types";

/** Names of khans and sangkats by code. */
export class Places {
  #names = $state.raw<Record<string, Text>>({});
  all = $derived<Place[]>(Object.entries(this.#names).map(([code, { en, km }]) => ({ code, en, km })));

  name(code: string | null | undefined): Text | null {
    return (code && Object.hasOwn(this.#names, code) && this.#names[code]) || null;
  }

  learn({ places }: Matrix): void {
    this.#names = places;
  }
}
