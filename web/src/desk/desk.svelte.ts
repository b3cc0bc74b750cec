/** What all parts of the desk share: who is there, what there is, and the words of the language. */
import { locale } from "../i18n/locale.svelte";
import { deskEn, type DeskWords } from "../i18n/desk-en";
import { deskKm } from "../i18n/desk-km";
import { problemOf } from "../api/client";
import type { ApiProblem, Text } from "../api/types";
import { desk as api, type Author, type Names, type Setup } from "./api";
import { readChosen } from "./chosen";
import { distinct, inOrder, type Choice } from "./order";
import type { Told } from "./told";

const words: Record<"en" | "km", DeskWords> = { en: deskEn, km: deskKm };

class DeskState {
  setup = $state.raw<Setup | null>(null);
  problem = $state.raw<ApiProblem | null>(null);
  /** Said once in a corner: what was done. */
  said = $state.raw<string | null>(null);
  /** Families that were chosen in the list, for placing and printing. */
  chosen = $state.raw<readonly string[]>([]);
  /** The session is over. What somebody has typed stays where it is until they have signed in again. */
  ended = $state(false);
  t = $derived(words[locale.lang]);
  sites = $derived(new Map((this.setup?.sites ?? []).map((site) => [site.id, site])));

  /** Sites by their names, in the language's order. */
  siteChoices = $derived(
    inOrder(distinct((this.setup?.sites ?? []).map(({ id, name }) => ({ id, label: locale.say(name) }))), locale.lang),
  );
  /** The sangkats of the reader's area, in the language's order. */
  areaChoices = $derived(
    inOrder(
      distinct((this.setup?.areas ?? []).map((area): Choice => ({ id: area.code, label: this.place(area) }))),
      locale.lang,
    ),
  );

  async start(): Promise<void> {
    this.problem = null;
    try {
      this.setup = await api.setup();
      if (this.chosen.length === 0) this.chosen = readChosen(this.setup.account);
    } catch (cause) {
      this.problem = problemOf(cause);
    }
  }

  /** The server asks who is there. Where nothing can have been typed yet, the page is loaded again, which leads to signing in. */
  signedOut(reload: () => void): void {
    if (this.setup) this.ended = true;
    else reload();
  }

  /** Looks whether somebody has signed in in another tab. `reload` where that is somebody else: what was typed is not theirs. */
  async comesBack(reload: () => void): Promise<void> {
    if (!this.ended) return;
    try {
      const setup = await api.setup();
      if (setup.account !== this.setup?.account) reload();
      this.setup = setup;
      this.ended = false;
    } catch {
      // Nobody has: the page goes on saying so.
    }
  }

  site(id: string | null | undefined): string {
    if (!id) return "";
    const site = this.sites.get(id);
    return site ? locale.say(site.name) : id;
  }

  /** How the answers of a household are read: `places` are those that its answers name. */
  told(places: readonly { code: string; name?: string | null; name_km?: string | null }[] = []): Told {
    const known = [...places, ...(this.setup?.areas ?? [])];
    return {
      t: this.t,
      site: (id) => this.site(id),
      place: (code) => this.place(known.find((place) => place.code === code)) || code,
    };
  }

  place(place: { code: string; name?: string | null; name_km?: string | null } | undefined): string {
    if (!place) return "";
    const [first, other] = locale.lang === "km" ? [place.name_km, place.name] : [place.name, place.name_km];
    return first ?? other ?? place.code;
  }

  /** A family's name in the reader's script, or in the other where that is all there is. */
  name(names: Names): string {
    const [first, other] = locale.lang === "km" ? [names.km, names.latin] : [names.latin, names.km];
    return first || other || this.t.noName;
  }

  otherName(names: Names): string {
    const [shown, other] = locale.lang === "km" ? [names.km, names.latin] : [names.latin, names.km];
    return shown ? other : "";
  }

  author(author: Author): string {
    if (author.by_program) return this.t.one.byProgram;
    return author.name ?? this.t.give.someone;
  }

  number(value: number, digits = 0): string {
    return locale.f.number(value, digits);
  }

  percent(share: number): string {
    return locale.f.percent(share);
  }

  date(day: string | null | undefined): string {
    return day ? locale.f.date(day.length > 10 ? day : `${day}T12:00:00`) : "";
  }

  say(text: Text | null | undefined): string {
    return locale.say(text);
  }

  tell(sentence: string): void {
    this.said = sentence;
  }
}

export const desk = new DeskState();
