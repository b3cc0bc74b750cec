/** Data at scale, made by a fixed rule: many small parcels on a grid, and a scenario that needs no other layer. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runs } from "./server.ts";

const WEST = 104.72;
const SOUTH = 11.42;
const WIDTH = 0.33;
const HEIGHT = 0.32;
const METRES_PER_DEGREE = { lon: 109_000, lat: 110_600 };
const TENURES = ["hard_title", "soft_title", "state_private", "social_land_concession", "monastery", "unknown"];

/** A data directory with `count` parcels that lie apart, each a candidate site of its own. */
export function manySites(data: string, count: number): void {
  const file = join(data, "parcels.geojson");
  writeFileSync(file, parcels(count));
  runs(["import", "parcels", file, "--data", data, "--illustrative"]);
  // A city of which everything is public: the map asks for no key.
  runs(["publish", "parcels", "public", "--data", data]);
  mkdirSync(join(data, "scenarios"));
  writeFileSync(join(data, "scenarios", "default.toml"), scenario());
}

function parcels(count: number): string {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const columns = Math.ceil(Math.sqrt(count));
  const features = Array.from({ length: count }, (_, n) => {
    const west = WEST + ((n % columns) / columns) * WIDTH;
    const south = SOUTH + (Math.floor(n / columns) / columns) * HEIGHT;
    // Narrower than their distance, so that none joins its neighbour.
    const east = west + (18 + random() * 40) / METRES_PER_DEGREE.lon;
    const north = south + (18 + random() * 40) / METRES_PER_DEGREE.lat;
    const ring = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ].map((corner) => corner.map((degrees) => Number(degrees.toFixed(7))));
    const tenure = TENURES[Math.floor(random() * TENURES.length)];
    // A few prices are not known, as in any register.
    const price = random() < 0.05 ? null : Math.round(20 + random() * 280);
    const properties = { parcel_id: `P${n}`, tenure, available: "yes", price_usd_m2: price };
    return JSON.stringify({ type: "Feature", properties, geometry: { type: "Polygon", coordinates: [ring] } });
  });
  return `{"type":"FeatureCollection","features":[\n${features.join(",\n")}\n]}\n`;
}

/** As many criteria as a planner weighs, over measures that need the parcels alone. */
function scenario(): string {
  const linear = (worst: number, best: number) => `{ kind = "linear", worst = ${worst}, best = ${best} }`;
  const piecewise = (points: string) => `{ kind = "piecewise", points = [${points}] }`;
  const criteria: [id: string, kind: string, goal: string, weight: number, value: string][] = [
    ["price", "land_price", "min", 5, linear(300, 20)],
    ["price_low", "land_price", "min", 6, piecewise("[20, 1.0], [80, 0.5], [300, 0.0]")],
    ["area", "area", "max", 7, linear(300, 3000)],
    ["area_enough", "area", "max", 8, piecewise("[300, 0.0], [1000, 0.7], [3000, 1.0]")],
    ["capacity", "capacity", "max", 9, linear(2, 40)],
    ["capacity_ten", "capacity", "max", 10, piecewise("[2, 0.0], [10, 0.8], [40, 1.0]")],
    ["compactness", "compactness", "max", 11, linear(0.5, 0.785)],
    ["compact_enough", "compactness", "max", 6, piecewise("[0.5, 0.0], [0.6, 0.8], [0.785, 1.0]")],
  ];
  const tenure = `
[[criterion]]
id = "tenure"
label = { en = "Security of tenure", km = "សុវត្ថិភាពដី" }
measure = { kind = "tenure" }
weight = 10
[criterion.value]
kind = "table"
[criterion.value.values]
social_land_concession = 1.0
hard_title = 0.9
state_private = 0.7
soft_title = 0.5
monastery = 0.3
`;
  const rest = criteria.map(
    ([id, kind, goal, weight, value]) => `
[[criterion]]
id = "${id}"
label = { en = "${id}", km = "${id}" }
measure = { kind = "${kind}" }
goal = "${goal}"
weight = ${weight}
value = ${value}
`,
  );
  return `title = { en = "Many sites", km = "ទីតាំងច្រើន" }\n[sites]\nmin_capacity = 1\nwithout = []\n${rest.join("")}${tenure}`;
}
