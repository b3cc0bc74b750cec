import { describe, expect, it } from "vitest";
import type { Matrix } from "../api/types";
import { folded } from "../text/folded";
import { Index, withStreets } from "./search";

const bounds: [number, number, number, number] = [104.7, 11.4, 105.1, 11.75];

describe("search", () => {
  const matrix: Matrix = {
    criteria: [],
    sites: {
      id: ["S-0001", "S-0002", "S-0011"],
      lon: [104.8, 104.9, 105],
      lat: [11.5, 11.6, 11.7],
      area_m2: [1, 1, 1],
      capacity: [1, 1, 1],
      khan: ["1209", "1209", "1210"],
      sangkat: ["120901", "120902", null],
      number: [1, 1, 1],
    },
    value: [],
    bounds: [],
    without_layer: [],
    places: {
      "120901": { en: "Prek Pnov", km: "ព្រែក\u200bព្នៅ" },
      "120902": { en: "Kakab", km: "កាកាប" },
    },
    elsewhere: {},
    raw: [],
    excluded: [0, 0, 0],
    rank: [1, 2, 3],
    score: [1, 1, 1],
  };
  const index = new Index(matrix, [{ code: "1209", en: "Saensokh", km: "សែនសុខ" }], bounds);
  const sites = (query: string) => index.find(query).flatMap((hit) => (hit.kind === "site" ? [hit.id] : []));

  it("finds a name in either script, with or without zero-width spaces", () => {
    expect(sites("prek")).toEqual(["S-0001"]);
    expect(sites("ព្រែកព្នៅ")).toEqual(["S-0001"]);
    expect(sites("ព្រែក\u200bព្នៅ")).toEqual(["S-0001"]);
  });

  it("finds codes, those that begin with the query first", () => {
    expect(sites("s-001")).toEqual(["S-0011"]);
    expect(sites("001")).toEqual(["S-0001", "S-0011"]);
  });

  it("finds a place in the middle of its sites", () => {
    expect(index.find("សែនសុខ")[0]).toMatchObject({ kind: "place", lon: 104.85 });
    expect(index.find("1209")[0]).toMatchObject({ kind: "place" });
  });

  it("forgives other spellings, after what is spelt so", () => {
    expect(sites("Prek Phnov")).toEqual(["S-0001"]);
    expect(sites("Kakaab")).toEqual(["S-0002"]);
    expect(index.find("Sen Sok")[0]).toMatchObject({ kind: "place" });
    expect(sites("zz")).toEqual([]);
  });

  describe("of places without a site", () => {
    const divisions = [
      { code: "1209", en: "Saensokh", km: "សែនសុខ", lon: 104.7, lat: 11.4 },
      { code: "120407", en: "Boeng Kak Ti Muoy", km: "បឹងកក់ទី ១", lon: 104.91, lat: 11.58 },
      { code: "121301", en: "Boeng Keng Kang Ti Muoy", km: "បឹងកេងកងទី ១", lon: 104.92, lat: 11.55 },
    ];
    const index = new Index(matrix, [{ code: "1209", en: "Saensokh", km: "សែនសុខ" }], bounds, divisions);
    const codes = (query: string) => index.find(query).flatMap((hit) => (hit.kind === "place" ? [hit.place.code] : []));

    it("finds them by name in either script, and by code", () => {
      for (const query of ["Boeng Keng Kang", "បឹងកេងកង", "121301"]) {
        expect(index.find(query)[0]).toMatchObject({
          kind: "place",
          place: { code: "121301" },
          lon: 104.92,
          lat: 11.55,
        });
      }
    });

    it("takes initials for what they are, not for another spelling", () => {
      expect(codes("BKK1")).toEqual(["121301"]);
      expect(codes("BK1")[0]).toBe("120407");
    });

    it("finds each place once, and one with sites still in their middle", () => {
      expect(codes("Saensokh")).toEqual(["1209"]);
      expect(index.find("Saensokh")[0]).toMatchObject({ lon: 104.85 });
    });
  });

  it("puts what is written whole before all else, and forgiving matches behind", () => {
    const divisions = [
      { code: "120903", en: "Kakaab Thmei", km: "កាកាបថ្មី", lon: 105, lat: 11.6 },
      { code: "120904", en: "S-0002 Market", km: "ផ្សារ", lon: 105, lat: 11.6 },
      { code: "120902", en: "Kakab", km: "កាកាប", lon: 105, lat: 11.6 },
    ];
    const index = new Index(matrix, [], bounds, divisions);
    expect(index.find("s-0002")[0]).toMatchObject({ kind: "site", id: "S-0002" });
    expect(withStreets(index.find("s-0002"), [])[0]).toMatchObject({ kind: "site", id: "S-0002" });
    const kakab = index.find("Kakab").map((hit) => (hit.kind === "place" ? hit.place.code : hit.kind));
    expect(kakab).toEqual(["120902", "site", "120903"]);
  });

  it("goes to coordinates", () => {
    expect(index.find("11.55, 104.92")).toEqual([{ kind: "point", lat: 11.55, lon: 104.92 }]);
  });

  it("finds nothing for nothing", () => {
    expect(index.find("  ")).toEqual([]);
    expect(folded("  Phnôm\u200b  PENH ")).toBe("phnom penh");
  });
});
