import { describe, expect, it } from "vitest";
import { en } from "../i18n/en";
import { formats } from "../i18n/format";
import { km } from "../i18n/km";
import type { Measure } from "../api/types";
import { inWords, type Measured } from "./words";

const english = { t: en, f: formats(en) };
const khmer = { t: km, f: formats(km) };
const say = (measure: Measure, measured: Partial<Measured>, speaker: typeof khmer = english) =>
  inWords(measure, { raw: null, unit: "", status: "known", ...measured }, "Label", speaker).replaceAll("\u00a0", " ");

const school: Measure = { kind: "travel_time", service: "primary_school", mode: "walk" };

describe("a measure in words", () => {
  it("says how far the school is", () => {
    expect(say(school, { raw: 18.3, unit: "min" })).toBe("18 min on foot to the nearest primary school");
    expect(say(school, { raw: 1098, unit: "s" })).toBe("18 min on foot to the nearest primary school");
    expect(say({ ...school, cut_return_period: 100 }, { raw: 41, unit: "min" })).toBe(
      "41 min on foot to the nearest primary school when the 1-in-100-year flood cuts roads",
    );
  });

  it("says it in Khmer", () => {
    expect(say(school, { raw: 18, unit: "min" }, khmer)).toBe("18 នាទី ដោយថ្មើរជើង ទៅសាលាបឋមសិក្សាជិតបំផុត");
  });

  it("says nothing about the means of travel where the measure names none", () => {
    expect(say({ kind: "disruption" }, { raw: 34, unit: "min" })).toBe(
      "34 min from where the families live now, on average",
    );
    expect(
      say(
        { kind: "services_within", service: "factory", mode: "motorbike", minutes: 30 },
        { raw: 7, unit: "services" },
      ),
    ).toBe("7 factories within 30 min by motorbike");
  });

  it("tells dry from deep, and a share from a depth", () => {
    const flood: Measure = { kind: "flood_depth", return_period: 100, statistic: "mean" };
    expect(say(flood, { raw: 0, unit: "m" })).toBe("Dry in a 1-in-100-year flood");
    expect(say(flood, { raw: 0.42, unit: "m" })).toBe("0.42 m of water on average in a 1-in-100-year flood");
    expect(say({ ...flood, statistic: "deeper_share", deeper_than_m: 0.3 }, { raw: 0.35, unit: "share" })).toBe(
      "35% of the site under more than 0.3 m of water in a 1-in-100-year flood",
    );
  });

  it("keeps unknown, unreachable and off the network apart", () => {
    expect(say(school, { status: "unknown" })).toBe(en.words.unknown);
    expect(say(school, { status: "unreachable" })).toBe("No primary school can be reached on foot");
    expect(say(school, { status: "off_network" })).toBe(en.words.offNetwork);
    expect(say({ kind: "disruption", mode: "motorbike" }, { status: "unreachable" })).toBe(
      en.words.unreachableSettlements,
    );
  });

  it("names tenure in words, and what it has no words for as it is", () => {
    expect(say({ kind: "tenure" }, { category: "state_private" })).toBe("Land tenure: state private land");
    expect(say({ kind: "tenure" }, { category: "toString" })).toBe("Land tenure: toString");
    expect(say({ kind: "noise" }, { raw: 61, unit: "dB" })).toBe("Label: 61 dB");
  });
});
