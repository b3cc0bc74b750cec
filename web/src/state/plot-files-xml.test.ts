import { DOMParser, ParseError } from "@xmldom/xmldom";
import { describe, expect, it, test } from "vitest";
import { readPlots } from "./plot-files";
import { LONGEST_NAME, MOST_CORNERS } from "./plots";

/** As a browser parses: what is broken becomes a document that says so. */
function parseXml(text: string): Document {
  const parse = (xml: string) =>
    new DOMParser({
      onError: (level) => {
        if (level !== "warning") throw new ParseError(level);
      },
    }).parseFromString(xml, "application/xml") as unknown as Document;
  try {
    return parse(text);
  } catch {
    return parse("<html><body><parsererror>broken</parsererror></body></html>");
  }
}

const read = (name: string, text: string) => readPlots(name, text, parseXml);
const whys = (name: string, text: string) => Object.fromEntries(read(name, text).left);

const SQUARE = "104.86,11.56,0 104.861,11.56,0 104.861,11.561,0 104.86,11.561,0 104.86,11.56,0";
const HOLE = "104.8602,11.5602 104.8604,11.5602 104.8604,11.5604 104.8602,11.5602";
const kml = (inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>${inside}</Document></kml>`;
const polygon = (outer: string, holes: string[] = []) =>
  `<Polygon><outerBoundaryIs><LinearRing><coordinates>${outer}</coordinates></LinearRing></outerBoundaryIs>${holes
    .map((hole) => `<innerBoundaryIs><LinearRing><coordinates>${hole}</coordinates></LinearRing></innerBoundaryIs>`)
    .join("")}</Polygon>`;
const placemark = (name: string, shape: string) => `<Placemark><name>${name}</name>${shape}</Placemark>`;
const gpx = (inside: string) =>
  `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">${inside}</gpx>`;
const walk = [
  [104.86, 11.56],
  [104.861, 11.56],
  [104.861, 11.561],
];
const points = (kind: string, corners: (string | number)[][] = walk) =>
  corners.map(([lon, lat]) => `<${kind} lat="${lat}" lon="${lon}"><ele>9</ele></${kind}>`).join("");

describe("a KML file", () => {
  it("gives its polygons with names, holes and parts, from folders too", () => {
    const { outlines, left } = read(
      "fields.kml",
      kml(
        placemark("ដីស្រែ", polygon(SQUARE, [HOLE])) +
          `<Folder><name>Folder</name>${placemark("Two", `<MultiGeometry>${polygon(SQUARE)}${polygon(SQUARE)}</MultiGeometry>`)}</Folder>`,
      ),
    );
    expect(left.size).toBe(0);
    expect(outlines.map(({ name, rings }) => [name, rings.map((ring) => ring.length)])).toEqual([
      ["ដីស្រែ", [4, 3]],
      ["Two 1", [4]],
      ["Two 2", [4]],
    ]);
    expect(outlines[0]?.rings[0]?.[1]).toEqual([104.861, 11.56]);
  });

  it("is read whatever prefix its elements have, and with blanks after its commas", () => {
    const text = `<k:kml xmlns:k="http://earth.google.com/kml/2.1"><k:Placemark><k:name> A </k:name><k:LineString><k:coordinates>
      104.86, 11.56, 0
      104.861, 11.56, 0
      104.861, 11.561, 0
    </k:coordinates></k:LineString></k:Placemark></k:kml>`;
    const { outlines } = read("A.KML", text);
    expect(outlines).toHaveLength(1);
    expect(outlines[0]).toMatchObject({ name: "A", rings: [walk] });
  });

  it("keeps what can be used and says of the rest why it cannot", () => {
    const many = Array.from({ length: MOST_CORNERS + 1 }, (_, n) => `${104 + n * 1e-5},${11 + (n % 2) * 1e-5}`).join(
      " ",
    );
    const { outlines, left } = read(
      "mixed.kml",
      kml(
        placemark("good", polygon(SQUARE)) +
          placemark("a pin", "<Point><coordinates>104.86,11.56</coordinates></Point>") +
          placemark("two corners", polygon("104.86,11.56 104.861,11.56")) +
          placemark("metres", polygon("491000,1278000 491010,1278000 491010,1278010")) +
          placemark("words", polygon("here there elsewhere")) +
          placemark("no coordinates", "<Polygon><outerBoundaryIs/></Polygon>") +
          placemark("no ring", "<Polygon/>") +
          placemark("too fine", polygon(many)) +
          placemark("beyond", polygon("1e400,11 104,11 104,12")),
      ),
    );
    expect(outlines.map(({ name }) => name)).toEqual(["good"]);
    expect(Object.fromEntries(left)).toEqual({ nothing: 1, too_few: 3, not_degrees: 3, too_many: 1 });
  });

  it("has its names cut, and markup in them stays text", () => {
    const name = `<![CDATA[<img src=x onerror=alert(1)>]]>${"n".repeat(10_000)}`;
    const { outlines } = read("names.kml", kml(placemark(name, polygon(SQUARE))));
    expect(outlines[0]?.name).toMatch(/^<img src=x/);
    expect(outlines[0]?.name.length).toBe(LONGEST_NAME);
    expect(read("nameless.kml", kml(`<Placemark>${polygon(SQUARE)}</Placemark>`)).outlines[0]?.name).toBe("");
  });
});

describe("a GPX file", () => {
  it("gives the walks and routes in it, each part of a walk by itself", () => {
    const { outlines, left } = read(
      "walk.gpx",
      gpx(
        `<trk><name>Field</name><trkseg>${points("trkpt")}</trkseg><trkseg>${points("trkpt")}</trkseg></trk>` +
          `<rte><name>Way</name>${points("rtept")}</rte>`,
      ),
    );
    expect(left.size).toBe(0);
    expect(outlines.map(({ name }) => name)).toEqual(["Field 1", "Field 2", "Way"]);
    expect(outlines[2]?.rings).toEqual([walk]);
  });

  it("leaves out points without a place, single waypoints, and walks that are none", () => {
    const { outlines, left } = read(
      "parts.gpx",
      gpx(
        '<wpt lat="11.56" lon="104.86"><name>School</name></wpt>' +
          `<trk><trkseg>${points("trkpt", walk.slice(0, 2))}</trkseg></trk>` +
          "<trk><trkseg/></trk>" +
          `<trk><trkseg>${points("trkpt")}<trkpt lat="11.56"/></trkseg></trk>` +
          `<trk><trkseg>${points("trkpt", [...walk, ["", 11.5]])}</trkseg></trk>` +
          `<trk><trkseg>${points("trkpt")}</trkseg></trk>`,
      ),
    );
    // An empty attribute is not the meridian of Greenwich.
    expect(Object.fromEntries(left)).toEqual({ nothing: 1, too_few: 2, not_degrees: 2 });
    expect(outlines).toHaveLength(1);
  });
});

test.each([
  ["cut off in the middle", kml(placemark("A", polygon(SQUARE))).slice(0, 180)],
  ["no XML at all", "PK\u0003\u0004 not a map"],
  ["nothing", ""],
  ["an HTML page in its place", "<html><body><p>Sign in<br></body></html>"],
  ["an entity that is not there", kml(placemark("&nowhere;", polygon(SQUARE)))],
])("a file that is %s is refused, not half taken", (_, text) => {
  for (const name of ["a.kml", "a.gpx"]) {
    const { outlines, left } = read(name, text);
    expect(outlines).toEqual([]);
    expect([...left.keys()]).toEqual(["unreadable"]);
  }
});

describe("a file that means harm", () => {
  it("makes no more of its entities than is written in it", () => {
    const laughs = `<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa">${Array.from(
      { length: 9 },
      (_, n) => `<!ENTITY ${"bcdefghij"[n]} "${`&${"abcdefghi"[n]};`.repeat(10)}">`,
    ).join("")}]>${kml(placemark("&j;", polygon(SQUARE))).replace(/^<\?xml[^>]*>/, "")}`;
    const { outlines, left } = read("laughs.kml", laughs);
    // Refused, or with a name no longer than any other.
    expect(outlines.every(({ name }) => name.length <= LONGEST_NAME)).toBe(true);
    expect(outlines.length + left.size).toBeGreaterThan(0);
  });

  it("may be nested deeply or hold hundreds of shapes", () => {
    const deep = "<Folder>".repeat(300) + placemark("A", polygon(SQUARE)) + "</Folder>".repeat(300);
    const found = read("deep.kml", kml(deep));
    expect(found.outlines.length + found.left.size).toBe(1);
    const many = placemark("A", polygon(SQUARE)).repeat(400);
    expect(read("many.kml", kml(many)).outlines).toHaveLength(400);
  });

  it("is told from one that only has another kind's name", () => {
    expect(whys("gpx-inside.kml", gpx(`<trk><trkseg>${points("trkpt")}</trkseg></trk>`))).toEqual({ nothing: 1 });
    expect(whys("kml-inside.gpx", kml(placemark("A", polygon(SQUARE))))).toEqual({ nothing: 1 });
    expect(whys("a.kml.txt", kml(placemark("A", polygon(SQUARE))))).toEqual({ unknown: 1 });
  });

  it("does not break the page when the parser itself gives up", () => {
    const gives = () => {
      throw new RangeError("too much");
    };
    expect(Object.fromEntries(readPlots("a.kml", "<kml/>", gives).left)).toEqual({ unreadable: 1 });
  });
});
