/** What the server says, in the reader's language. It sends English words; other languages are worded here by its codes. */
import type { Formats } from "../i18n/format";
import { km } from "../i18n/km";
import { mistakes } from "./mistakes-km";
import { notices } from "./notices-km";
import { refusals } from "./refusals-km";
import type { Said, Sentences, Speaker } from "./words";

type Lang = "en" | "km";

interface Refused {
  code: string;
  message: string;
  details?: readonly { field: string; message: string; said?: Said | null }[];
}

export const sentences: Sentences = { ...mistakes, ...notices };
export { refusals };

/** A sentence of the server; its English words where it sent no code, which only a newer server than this page does. */
export function saidIn(lang: Lang, f: Formats, { message, said }: { message: string; said?: Said | null }): string {
  if (lang === "en" || !said || !Object.hasOwn(sentences, said.code)) return message;
  const word = sentences[said.code] as (values: Said["values"], speaker: Speaker) => string;
  return word(said.values, speaker(f));
}

/** Why the server said no; the sentences about the whole that came with it say more. */
export function refusalIn(lang: Lang, f: Formats, { code, message, details }: Refused): string {
  if (lang === "en" || !Object.hasOwn(refusals, code)) return message;
  const more = (details ?? []).filter(({ field, said }) => field === "" && said).map((one) => saidIn(lang, f, one));
  return [refusals[code as keyof typeof refusals], ...more].join(" ");
}

function speaker(f: Formats): Speaker {
  return {
    number: (value) => f.number(value, 3),
    percent: f.percent,
    list: (names) => names.join(", "),
    say: ({ en, km }) => km || en,
    role: (name) => (Object.hasOwn(km.roles, name) ? km.roles[name as keyof typeof km.roles] : name),
    found: (json) => (json === "[…]" ? "បញ្ជី" : json === "{…}" ? "តារាង" : json === "null" ? "ទទេ" : ` ${json}`),
  };
}
