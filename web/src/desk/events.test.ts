import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/desk-events.json";
import { emptyForm, event, eventId, fieldsOf, RECORDED, today, type RecordedKind, type RecordForm } from "./events";

describe("events of the desk", () => {
  it("have ids of version 7 that begin with their time", () => {
    // RFC 9562, appendix A.6: 2022-02-22T19:22:22Z is 0x017F22E279B0 milliseconds.
    const id = eventId(0x017f22e279b0, new Uint8Array([0xcc, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]));
    expect(id).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    expect(eventId()).not.toBe(eventId());
  });

  it("are of the day in Cambodia", () => {
    expect(today(Date.parse("2026-11-20T16:59:59Z"))).toBe("2026-11-20");
    expect(today(Date.parse("2026-11-20T17:00:00Z"))).toBe("2026-11-21");
  });

  it("name what they come after", () => {
    const made = event("h", "visited", ["a", "b"], { site: "s" });
    expect(made).toMatchObject({ household: "h", kind: "visited", after: ["a", "b"], site: "s" });
    expect(made["recorded_at"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  // crates/registry/tests/events.rs has the server's reader accept the same fields.
  it.each(vectors.dialog)("$kind: $name", (one) => {
    const form = { ...emptyForm(), day: "2026-05-14", ...(one.form as Partial<RecordForm>) };
    expect(fieldsOf(one.kind as RecordedKind, form, one.household)).toEqual(one.fields);
  });

  it("are shown to the server's reader, each kind of them", () => {
    expect(new Set(vectors.dialog.map(({ kind }) => kind))).toEqual(new Set(RECORDED));
  });
});
