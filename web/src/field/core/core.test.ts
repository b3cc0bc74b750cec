import { describe, expect, it } from "vitest";
import { aheadBy, isOver, offsetOf, renewed } from "./clock";
import { readCode } from "./code";
import { latinDigits, typedNumber } from "./digits";
import { uuid4, uuid7 } from "./ids";
import { householdId } from "../fold/event";

describe("ids", () => {
  it("tell their version and, of events, their time", () => {
    expect(householdId(uuid4())).not.toBeNull();
    const id = uuid7(Date.parse("2026-11-20T03:10:00Z"));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(Date.parse("2026-11-20T03:10:00Z"));
  });
});

describe("codes", () => {
  // The cases of crates/registry/src/code.rs.
  it.each(["01188fzrm", "OI L8-8fzr-m", "o1l8 8FZR M", "០១១៨-៨FZR-M", "\u200b0118\u20138FZR\u2013M\n"])(
    "are read as people write them: %s",
    (text) => expect(readCode(text)).toBe("0118-8FZR-M"),
  );
  it.each(["", "0118-8FZR", "0118-8FZR-MM", "0118-8FUR-M", "0118-8FZR-*", "0118-8FZR-3"])("are refused: %s", (text) =>
    expect(readCode(text)).toBeNull(),
  );
});

describe("numbers as they are typed", () => {
  it("may have Khmer digits", () => {
    expect(latinDigits("០១២៣៤៥៦៧៨៩")).toBe("0123456789");
    expect(typedNumber("១\u200b២,៥")).toBe(12.5);
    expect(typedNumber("1,200")).toBe(1200);
    expect(typedNumber("១២.៥")).toBe(12.5);
    expect(typedNumber("-3")).toBe(-3);
  });
  it("are none where they are words", () => {
    for (const text of ["", "-", "ពីរ", "1.2.3", "12a"]) expect(typedNumber(text), text).toBeNull();
  });
});

describe("a clock that is wrong", () => {
  const day = 86_400_000;
  const right = Date.parse("2026-11-20T00:00:00Z");
  /** At the last contact. */
  const fast = { offset: 365 * day, at: right + 365 * day };
  const slow = { offset: -365 * day, at: right - 365 * day };

  it("is as wrong as it was last measured", () => {
    expect(aheadBy(fast.at + 3 * day, fast)).toBe(365 * day);
    expect(aheadBy(slow.at + 3 * day, slow)).toBe(-365 * day);
    // An hour slow, three days without contact.
    const hour = { offset: -3_600_000, at: right - 3_600_000 };
    expect(aheadBy(hour.at + 3 * day, hour)).toBe(-3_600_000);
  });

  it("was set right since where it cannot be otherwise", () => {
    expect(aheadBy(right + 3 * day, fast)).toBe(0);
    expect(aheadBy(right + 3 * day, slow)).toBe(0);
  });
});

describe("a lease", () => {
  const day = 86_400_000;
  const start = Date.parse("2026-11-20T00:00:00Z");
  const lease = { until: start + 14 * day, length: 14 * day, seen: start };
  it("ends, whatever the phone's clock is set to", () => {
    expect(isOver(lease, start + 13 * day, 0)).toBe(false);
    expect(isOver(lease, start + 15 * day, 0)).toBe(true);
    expect(isOver({ ...lease, seen: start + 15 * day }, start, 0)).toBe(true);
    // A clock that runs two days fast.
    expect(isOver(lease, start + 15 * day, 2 * day)).toBe(false);
  });
  it("is renewed by contact", () => {
    expect(isOver(renewed(lease, start + 20 * day), start + 30 * day, 0)).toBe(false);
  });
  it("measures the clock by the middle of an answer", () => {
    expect(offsetOf(start + 60_000, "2026-11-20T00:00:00Z", 2000)).toBe(59_000);
  });
});
