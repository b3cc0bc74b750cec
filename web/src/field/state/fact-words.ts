/** What facts and answers are called on the screen, where the program knows them; others are shown as they are. */
import { answerWords, factWords } from "../../i18n/facts";
import { plainValue } from "../core/summary";
import type { Value } from "../fold/event";
import { locale, type Lang } from "../words/locale.svelte";

export function labelOf(path: string, lang: Lang): string {
  const consent = /^consent\.(.+)$/.exec(path)?.[1];
  if (consent) return `${lang === "en" ? "Consent" : "ការយល់ព្រម"} (${consent.replaceAll("_", " ")})`;
  return factWords(path, lang);
}

/** An answer in words. */
export function answerOf(path: string, value: Value): string {
  const { lang, t } = locale;
  if (value === true) return t.do.yes;
  if (value === false) return t.do.no;
  if (typeof value === "string") return answerWords(path, value, lang) ?? plainValue(value);
  if (Array.isArray(value)) return value.map((one) => answerOf(path, one)).join(", ");
  return plainValue(value);
}
