import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import { averaged, joined, metresBetween, withFix, type Fix } from "../core/position";
import type { FormItem } from "./mapping";
import { geopoint, placeIn, toEvents, type Filled } from "./to-event";
import { questionsOf, type XmlElement } from "./xml";

const parse = (text: string): XmlElement =>
  new DOMParser().parseFromString(text, "text/xml").documentElement as unknown as XmlElement;

const form =
  parse(`<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
  <h:head><model>
    <instance><data id="survey" version="1"><consent/><head><name/></head><rooms/><flooded/><needs/><photo/><place/><seen_on/>
      <members><id/><birth_year/></members></data></instance>
    <bind nodeset="/data/consent" type="string"/><bind nodeset="/data/head/name" type="string"/>
    <bind nodeset="/data/rooms" type="int"/><bind nodeset="/data/flooded" type="string"/>
    <bind nodeset="/data/photo" type="binary"/><bind nodeset="/data/place" type="geopoint"/><bind nodeset="/data/seen_on" type="xsd:date"/>
    <bind nodeset="/data/members/id" type="string"/><bind nodeset="/data/members/birth_year" type="int"/>
  </model></h:head>
  <h:body><select1 ref="/data/consent"/><input ref="/data/head/name"/><input ref="/data/rooms"/><select1 ref="/data/flooded"/>
    <select ref="/data/needs"/><upload ref="/data/photo"/><input ref="/data/place"/><input ref="/data/seen_on"/>
    <group ref="/data/members"><repeat nodeset="/data/members"><input ref="/data/members/birth_year"/></repeat></group></h:body>
</h:html>`);

const item: FormItem = {
  id: "survey",
  version: "1",
  title: { en: "Survey" },
  purpose: "survey",
  event: "surveyed",
  form: { url: "", sha256: "", bytes: 0 },
  facts: {
    "head/name": "head.name",
    rooms: "dwelling.rooms",
    flooded: "dwelling.flooded",
    needs: "needs",
    photo: "dwelling.photo",
    "members[]/birth_year": "members/{members}/birth_year",
  },
  repeat_ids: { members: "id" },
  consent: "consent",
  location: "place",
  happened_on: "seen_on",
  types: { flooded: "boolean" },
  values: { needs: { "1": "water" } },
};

const [one, two] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const answered = (inner: string): XmlElement => parse(`<data id="survey" version="1">${inner}</data>`);
const members = `<members><id>${one}</id><birth_year>1990</birth_year></members><members><id>${two}</id><birth_year/></members>`;

const filled = (inner: string, more: Partial<Filled> = {}): Filled => ({
  item,
  form,
  instance: answered(inner),
  household: null,
  after: ["b", "a"],
  files: { "photo.jpg": "f".repeat(64) },
  place: null,
  begun: new Date(2026, 10, 19, 23, 50).getTime(),
  now: new Date(2026, 10, 20, 0, 5).getTime(),
  ...more,
});

function made(inner: string, more: Partial<Filled> = {}) {
  const event = toEvents(filled(inner, more)).at(-1)?.event;
  if (!event) throw new Error("Nothing was made.");
  return event;
}

describe("a filled form", () => {
  it("knows the questions of its form", () => {
    const questions = questionsOf(form);
    expect(questions.get("rooms")).toEqual({ type: "int", control: "input" });
    expect(questions.get("members[]/birth_year")).toEqual({ type: "int", control: "input" });
    expect(questions.get("seen_on")).toEqual({ type: "date", control: "input" });
    expect(questions.get("needs")).toEqual({ type: "string", control: "select" });
  });

  it("is an event with its facts, by their types", () => {
    const event = made(
      `<consent>yes</consent><head><name> សុខ </name></head><rooms>2</rooms><flooded>no</flooded><needs>1 work</needs><photo>photo.jpg</photo>${members}`,
    );
    expect(event.kind).toBe("surveyed");
    expect(event.facts).toEqual({
      "head.name": "សុខ",
      "dwelling.rooms": 2,
      "dwelling.flooded": false,
      needs: ["water", "work"],
      "dwelling.photo": "f".repeat(64),
      [`members/${one}/birth_year`]: 1990,
    });
    expect(event.files).toEqual(["f".repeat(64)]);
    expect(event.form).toEqual({ id: "survey", version: "1" });
  });

  it("happened on the day that it says, or on which it was begun", () => {
    expect(made("<consent>yes</consent><seen_on>2026-11-01</seen_on>").happened_on).toBe("2026-11-01");
    expect(made("<consent>yes</consent><seen_on/>").happened_on).toBe("2026-11-19");
  });

  it("says nothing of what was not answered", () => {
    expect(made("<consent>yes</consent><rooms/>").facts).toEqual({});
  });

  it("comes after the consent, which comes after what was seen", () => {
    const [consent, answers] = toEvents(filled("<consent>yes</consent><rooms>2</rooms>")).map(({ event }) => event);
    expect([consent?.kind, consent?.["purposes"], consent?.after]).toEqual([
      "consent_given",
      ["registration"],
      ["a", "b"],
    ]);
    expect(answers?.after).toEqual([consent?.id]);
    expect(answers?.household).toBe(consent?.household);
    expect(String(answers?.id) > String(consent?.id)).toBe(true);
  });

  it("is nothing at all without consent, or that it was taken back", () => {
    for (const said of ["no", "", "maybe"]) {
      const inner = `<consent>${said}</consent><rooms>2</rooms>`;
      expect(toEvents(filled(inner))).toEqual([]);
      const [only, ...more] = toEvents(filled(inner, { household: one })).map(({ event }) => event);
      expect([only?.kind, only?.household, only?.facts, more.length]).toEqual(["consent_withdrawn", one, undefined, 0]);
    }
  });

  it("keeps answers that are no facts, and nothing that the phone filled in", () => {
    const inner = `<consent>yes</consent><rooms>2</rooms><members><id>${one}</id><note>ok</note></members>`;
    const noted = parse(
      `<x xmlns:jr="j"><bind nodeset="/data/members/note"/><bind nodeset="/data/start" jr:preload="timestamp"/><bind nodeset="/data/members/id"/>
        <bind nodeset="/data/rooms"/><repeat nodeset="/data/members"/></x>`,
    );
    const event = made(`${inner}<start>2026-11-20</start>`, { form: noted, item: { ...item, facts: {} } });
    expect(event["answers"]).toEqual({ rooms: "2", "members[1]/id": one, "members[1]/note": "ok" });
  });

  it("drops what belongs to nobody it could name", () => {
    const nameless = "<members><id>not an id</id><birth_year>1990</birth_year></members>";
    expect(made(`<consent>yes</consent>${nameless}`).facts).toEqual({});
  });

  it("has the place that was asked for, else that of the phone", () => {
    const place = { lon: 104.9, lat: 11.5, accuracy_m: 4, method: "gps" };
    expect(made("<consent>yes</consent><place>11.55 104.91 0 6</place>", { place }).location).toEqual({
      lon: 104.91,
      lat: 11.55,
      accuracy_m: 6,
      method: "gps",
    });
    expect(made("<consent>yes</consent><place/>", { place }).location).toEqual(place);
    expect(made("<consent>yes</consent>").location).toBeUndefined();
  });

  it("may be another kind of event by an answer, with the fields of that kind", () => {
    const visit: FormItem = {
      ...item,
      event: "visited",
      event_by: { question: "flooded", kinds: { gone: "left" } },
      fields: { site: "head/name", left: { reason: "rooms" } },
      types: { rooms: "text" },
    };
    const inner = (flooded: string) =>
      `<consent>1</consent><head><name>A</name></head><rooms>3</rooms><flooded>${flooded}</flooded>`;
    const gone = made(inner("gone"), { item: visit });
    expect([gone.kind, gone["site"], gone["reason"]]).toEqual(["left", "A", "3"]);
    const met = made(inner("yes"), { item: visit });
    expect([met.kind, met["site"], met["reason"]]).toEqual(["visited", "A", undefined]);
  });
});

describe("a place", () => {
  it("is read and written as forms have it", () => {
    expect(placeIn(geopoint({ lon: 104.9123456, lat: 11.55, accuracy_m: 6.04 }))).toEqual({
      lon: 104.9123456,
      lat: 11.55,
      accuracy_m: 6,
      method: "gps",
    });
    expect(placeIn(geopoint({ lon: 104.9, lat: 11.5 }))).toEqual({ lon: 104.9, lat: 11.5, method: "map" });
    for (const text of ["", "x y", "91 0 0 0", "11.5"]) expect(placeIn(text), text).toBeNull();
  });

  const fix = (lon: number, accuracy: number, at = 0): Fix => ({ lon, lat: 11.55, accuracy, at });

  it("is the mean of its measurements, the sure ones counting more", () => {
    // Weights 1/25 and 1/100: 4/5 of the way to the first.
    const mean = averaged([fix(104.9, 5), fix(104.90005, 10)]);
    expect(mean?.lon).toBeCloseTo(104.90001, 6);
    expect(mean?.accuracy_m).toBe(5);
  });

  it("is no surer than its best measurement, and less where they scatter", () => {
    expect(averaged([fix(104.9, 8), fix(104.9, 8), fix(104.9, 8)])?.accuracy_m).toBe(8);
    const far = averaged([fix(104.9, 3), fix(104.9004, 3)]);
    expect(far?.accuracy_m).toBeCloseTo(metresBetween(fix(104.9, 3), fix(104.9004, 3)) / 2, 0);
    expect(averaged([])).toBeNull();
  });

  it("stays where the form was begun when its author has walked away", () => {
    const kept = [fix(104.9, 5, 1), fix(104.9, 5, 2)];
    expect(joined(kept, [fix(104.95, 5, 9)])).toEqual(kept);
    expect(joined(kept, [fix(104.90001, 4, 2), fix(104.90001, 4, 3)])).toHaveLength(3);
    expect(joined([], kept)).toEqual(kept);
    expect(joined(kept, [])).toEqual(kept);
  });

  it("begins anew where the phone has moved on, and forgets what is old", () => {
    const here = withFix([fix(104.9, 5)], fix(104.90001, 5, 1000));
    expect(here).toHaveLength(2);
    expect(withFix(here, fix(104.91, 5, 2000))).toHaveLength(1);
    expect(withFix(here, fix(104.9, 5, 700_000))).toHaveLength(1);
  });
});
