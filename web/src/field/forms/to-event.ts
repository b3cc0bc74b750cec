/** A filled form as events, as the server makes them of one that ODK Collect has sent (`crates/forms/src/submission.rs`). */
import { moment, today } from "../core/clock";
import { uuid4, uuid7 } from "../core/ids";
import { latinDigits } from "../core/digits";
import { memberId, type FieldEvent, type Place, type Value } from "../fold/event";
import { fieldsOf, type FormItem, type ValueType } from "./mapping";
import { answersOf, questionsOf, type Answer, type Asked, type XmlElement } from "./xml";

export interface Filled {
  item: FormItem;
  form: XmlElement;
  instance: XmlElement;
  /** The household that it is about; null for a new one. */
  household: string | null;
  /** The heads that its author had seen. */
  after: string[];
  /** SHA-256 of photos and sound by the names that the instance has for them. */
  files: Readonly<Record<string, string>>;
  /** Where it was recorded, as far as the phone knows. */
  place: Place | null;
  /** Somebody was asked, and said that the house is there although it was known elsewhere. */
  confirmed?: boolean;
  /** When the form was begun and when it was finished, by the phone's clock. */
  begun: number;
  now: number;
  /** How far that clock is ahead of the right time. */
  ahead?: number;
}

export interface Made {
  event: FieldEvent;
  text: string;
}

const isYes = (text: string): boolean => ["yes", "true", "1", "OK", "agree"].includes(text.trim());
const PURPOSES = ["registration"];

/**
 * The events of a filled form, each after the one before. The family's consent is one of its own, before the answers; without it
 * nothing is kept, but that a family that is known has taken its consent back.
 */
export function toEvents(filled: Filled): Made[] {
  const { item, now, ahead = 0 } = filled;
  const questions = questionsOf(filled.form);
  const answers = answersOf(filled.instance, questions).filter(({ text }) => text.trim() !== "");
  const first = (path: string | null | undefined): string =>
    path ? (answers.find((answer) => answer.path === path)?.text.trim() ?? "") : "";
  const kind = (item.event_by && item.event_by.kinds[first(item.event_by.question)]) ?? item.event;
  const day = first(item.happened_on).slice(0, 10);
  const common = (made: string, at: number, after: readonly string[]): FieldEvent => ({
    id: uuid7(at - ahead),
    household: filled.household ?? own,
    kind: made,
    after: [...after].sort(),
    happened_on: /^\d{4}-\d\d-\d\d$/.test(day) ? day : today(filled.begun - ahead),
    recorded_at: moment(at),
    form: { id: item.id, version: item.version },
  });
  const own = uuid4();
  if (item.consent && !isYes(first(item.consent))) {
    if (filled.household === null) return [];
    return [made({ ...common("consent_withdrawn", now, filled.after), purposes: PURPOSES })];
  }
  const consent = item.consent ? [{ ...common("consent_given", now, filled.after), purposes: PURPOSES }] : [];
  const after = consent.length > 0 ? consent.map(({ id }) => id) : filled.after;
  const value = (answer: Answer): Value =>
    valueOf(answer.text, typeOf(item, answer.path, questions), item, answer.path, filled.files);
  const fields = fieldsOf(item, kind);
  const place = placeIn(first(item.location)) ?? filled.place;
  const files = [...new Set(answers.map(({ text }) => filled.files[text]).filter((hash) => hash !== undefined))];
  const rest = others(item, answers, questions, fields);
  const event: FieldEvent = {
    ...common(kind, now + 1, after),
    facts: factsOf(item, answers, value),
    ...(Object.keys(rest).length > 0 ? { answers: rest } : {}),
    ...(place ? { location: { ...place, ...(filled.confirmed ? { confirmed: true } : {}) } } : {}),
    ...(files.length > 0 ? { files } : {}),
  };
  for (const [name, question] of fields) {
    const answer = answers.find(({ path }) => path === question);
    if (answer) event[name] = value(answer);
  }
  return [...consent, event].map(made);
}

const made = (event: FieldEvent): Made => ({ event, text: JSON.stringify(event) });

/**
 * Answers that are no facts: kept with the event, so that nothing that a family said is lost. The ids of a repeat's entries are among them:
 * they say in what order the entries stood.
 */
function others(
  item: FormItem,
  answers: readonly Answer[],
  questions: ReadonlyMap<string, Asked>,
  fields: readonly [string, string][],
): Record<string, string> {
  const used = [
    item.household,
    item.preset,
    item.location,
    item.consent,
    item.happened_on,
    ...fields.map(([, q]) => q),
  ];
  const isRest = ({ path }: Answer): boolean =>
    questions.has(path) && !questions.get(path)?.isPreloaded && item.facts[path] === undefined && !used.includes(path);
  return Object.fromEntries(answers.filter(isRest).map(({ place, text }) => [place, text.trim()]));
}

function factsOf(item: FormItem, answers: Answer[], own: (answer: Answer) => Value): Record<string, Value> {
  const facts: Record<string, Value> = {};
  for (const answer of answers) {
    const path = item.facts[answer.path];
    if (path === undefined) continue;
    const whole = withIds(path, answer, item, answers);
    if (whole !== null) facts[whole] = own(answer);
  }
  return facts;
}

/** The path with the ids of the ones that are meant; null where one has no id. */
function withIds(path: string, answer: Answer, item: FormItem, answers: Answer[]): string | null {
  let whole = path;
  for (const [repeat, n] of Object.entries(answer.at)) {
    const slot = `{${repeat.split("/").at(-1) ?? ""}}`;
    if (!whole.includes(slot)) continue;
    const question = item.repeat_ids?.[repeat];
    const id = answers.find(
      (one) => one.path.replaceAll("[]", "") === `${repeat}/${question}` && one.at[repeat] === n,
    )?.text;
    const read = id === undefined ? null : memberId(id.trim());
    if (read === null) return null;
    whole = whole.replace(slot, read);
  }
  return whole;
}

function typeOf(item: FormItem, path: string, questions: ReadonlyMap<string, Asked>): ValueType {
  const said = item.types?.[path];
  if (said) return said;
  const asked = questions.get(path);
  switch (asked?.type) {
    case "int":
    case "integer":
      return "integer";
    case "decimal":
      return "decimal";
    case "boolean":
      return "boolean";
    case "date":
      return "date";
    case "geopoint":
      return "point";
    case "binary":
      return "file";
    default:
      return asked?.control === "upload" ? "file" : ["select", "rank"].includes(asked?.control ?? "") ? "list" : "text";
  }
}

function valueOf(
  raw: string,
  type: ValueType,
  item: FormItem,
  path: string,
  files: Readonly<Record<string, string>>,
): Value {
  const text = raw.trim();
  if (text === "") return null;
  const word = (choice: string): string => item.values?.[path]?.[choice] ?? choice;
  switch (type) {
    case "integer":
    case "decimal": {
      const number = Number(latinDigits(text));
      return Number.isFinite(number) ? number : text;
    }
    case "boolean":
      return ["yes", "true", "1", "OK"].includes(word(text))
        ? true
        : ["no", "false", "0"].includes(word(text))
          ? false
          : word(text);
    case "date":
      return text.slice(0, 10);
    case "list":
      return text.split(/\s+/).map(word);
    case "point": {
      const place = placeIn(text);
      return place ? { lon: place.lon, lat: place.lat, accuracy_m: place.accuracy_m ?? null } : null;
    }
    case "file":
      return files[text] ?? null;
    case "text":
      return word(text);
  }
}

/** A geopoint, `lat lon altitude accuracy`. */
export function placeIn(text: string): Place | null {
  const [lat = NaN, lon = NaN, , accuracy] = text.trim().split(/\s+/).map(Number);
  if (text.trim() === "" || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return null;
  const known = accuracy !== undefined && accuracy > 0 ? { accuracy_m: accuracy, method: "gps" } : { method: "map" };
  return { lon, lat, ...known };
}

export const geopoint = ({ lon, lat, accuracy_m }: Place): string =>
  `${lat.toFixed(7)} ${lon.toFixed(7)} 0 ${(accuracy_m ?? 0).toFixed(1)}`;
