import { en, type Messages } from "./en";
import { km } from "./km";
import { formats, type Formats } from "./format";
import type { ApiProblem, Spoken, Text } from "../api/types";
import { credits } from "../said/credits-km";
import { refusalIn, saidIn } from "../said/said";

export type Lang = "en" | "km";

const messages: Record<Lang, Messages> = { en, km };
const memory = "phteah.lang";

/** The language of the page: everything that is read from it follows a switch at once. */
class Locale {
  lang = $state<Lang>("en");
  t = $derived<Messages>(messages[this.lang]);
  f = $derived<Formats>(formats(messages[this.lang]));
  /** Stands between a label and what it labels. */
  colon = $derived(messages[this.lang].colon);

  /** An address that names a language wins over the last visit, which wins over the browser's preference. */
  start(asked: string | null): void {
    const wanted = [asked, remembered(), ...navigator.languages].map((tag) => tag?.slice(0, 2));
    this.set(wanted.find((tag): tag is Lang => tag === "en" || tag === "km") ?? "en");
  }

  set(lang: Lang): void {
    this.lang = lang;
    document.documentElement.lang = lang;
    try {
      localStorage.setItem(memory, lang);
    } catch {
      // A browser that stores nothing still speaks the language until the page is closed.
    }
  }

  /** A sentence of the server: what is wrong with a field, or what a planner should know. */
  said(sentence: Spoken): string {
    return saidIn(this.lang, this.f, sentence);
  }

  /** Why the server said no. */
  refusal(problem: ApiProblem): string {
    return refusalIn(this.lang, this.f, problem);
  }

  /** Who is to be named for data: names stay as they are, what the program itself wrote is said in the language. */
  credit(attribution: string): string {
    if (attribution === en.app.credit) return this.t.app.credit;
    return this.lang === "km" ? (credits[attribution] ?? attribution) : attribution;
  }

  /** The deployment's own words in the reader's language, or in the other one where that is all there is. */
  say(text: Text | string | null | undefined): string {
    if (text === null || text === undefined) return "";
    if (typeof text === "string") return text;
    return text[this.lang] || text.en || text.km;
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(memory);
  } catch {
    return null;
  }
}

export const locale = new Locale();
