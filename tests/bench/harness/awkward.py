"""Small files full of shapes that go wrong, and what both sides make of them."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from shapely import affinity

from . import inputs, process
from .agree import Agreement
from .rows import exposure, overlay, travel

WEST, NORTH = 480_000.0, 1_290_000.0
CRS = "EPSG:32648"
TYPES = {"Polygon": "Unknown", "Point": "Point", "LineString": "LineString"}


def write(path: Path, shapes, fields: dict[str, np.ndarray], kind: str) -> Path:
    path.unlink(missing_ok=True)
    pyogrio.raw.write(
        path, shapely.to_wkb(np.asarray(shapes, dtype=object)), list(fields.values()), list(fields),
        geometry_type=TYPES[kind], crs=CRS, driver="GPKG", layer=path.stem,
    )  # fmt: skip
    return path


def checks(folder: Path) -> list[Agreement]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = np.random.default_rng(inputs.SEED)
    polygons = awkward_polygons(rng)
    ids = np.array([f"p{i:05d}" for i in range(len(polygons))], dtype=object)
    features = write(folder / "features.gpkg", polygons, {"parcel_id": ids}, "Polygon")
    return [
        exposures(folder, features, rng),
        overlays(folder, features, rng),
        *travels(folder, rng),
        *decisions(folder, rng),
    ]


def awkward_polygons(rng: np.random.Generator) -> list[shapely.Geometry]:
    """Plots at every angle, and by name the shapes that break programs."""
    box = lambda x, y, w, h: shapely.box(WEST + x, NORTH - y - h, WEST + x + w, NORTH - y)
    shapes: list[shapely.Geometry] = []
    for _ in range(3_000):
        plot = box(*rng.uniform(100, 1_800, 2), *rng.uniform(3, 40, 2))
        shapes.append(affinity.rotate(plot, rng.uniform(0, 90)))
    for _ in range(300):  # many vertices, concave, with a hole
        angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
        radii = rng.uniform(20, 80, 40)
        x, y = WEST + rng.uniform(200, 1_700), NORTH - rng.uniform(200, 1_700)
        star = shapely.Polygon(np.column_stack([x + radii * np.cos(angles), y + radii * np.sin(angles)]))
        if star.is_valid:
            hole = star.centroid.buffer(8)
            shapes.append(star.difference(hole))
    shapes += [
        box(100, 100, 10, 10),  # exactly one cell
        box(100, 100, 200, 100),  # along cell edges
        box(103, 103, 2, 2),  # smaller than a cell
        box(100, 300, 500, 0.001),  # a sliver along a cell edge
        affinity.rotate(box(100, 300, 500, 0.01), 33),  # a sliver across
        box(-50, 500, 100, 30),  # over the raster's western edge
        box(1_980, 1_980, 100, 100),  # over its south-eastern corner
        box(-500, -500, 100, 100),  # outside
        box(2_000, 500, 10, 10),  # touching it from outside
        box(600, 600, 100, 100).difference(box(600, 620, 50, 20)),  # a bay at its edge
        shapely.Polygon(box(800, 600, 100, 100).exterior, [shapely.Polygon([(WEST + 800, NORTH - 650), (WEST + 820, NORTH - 640), (WEST + 820, NORTH - 660)]).exterior]),
        shapely.MultiPolygon([box(900, 900, 15, 15), box(1_200, 1_300, 33, 7), box(915, 915, 15, 15)]),  # parts that meet in a corner
        box(10, 10, 1_900, 1_900).difference(box(30, 30, 1_850, 1_850)),  # a frame
    ]
    return shapes


def raster(path: Path, values: np.ndarray, west: float, north: float, cell: float, **profile) -> Path:
    rows, columns = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype=values.dtype, crs=CRS,
        transform=rasterio.transform.from_origin(west, north, cell, cell), **profile,
    ) as out:  # fmt: skip
        out.write(values, 1)
    return path


def exposures(folder: Path, features: Path, rng: np.random.Generator) -> Agreement:
    """Three grids: tiled with nodata and NaN, another origin and cell in strips, and scaled integers."""
    smooth = lambda n: np.clip(rng.normal(size=(n, n)).cumsum(0).cumsum(1) / n, 0, 6).astype("float32")
    holes = smooth(200)
    holes[20:40, 20:60] = -9999
    holes[100:110, 100:130] = np.nan
    rasters = {
        10: raster(folder / "tiled.tif", holes, WEST, NORTH, 10, nodata=-9999, tiled=True, blockxsize=64, blockysize=64, compress="deflate"),
        50: raster(folder / "strips.tif", smooth(90), WEST - 3.7, NORTH + 11.3, 23.5, nodata=-9999),
    }
    whole = (smooth(200) * 100).astype("int16")
    whole[150:, :10] = -1
    rasters[100] = raster(folder / "scaled.tif", whole, WEST, NORTH, 10, nodata=-1)
    with rasterio.open(rasters[100], "r+") as out:
        out.scales, out.offsets = (0.01,), (0.25,)
    exposure.measure(features, rasters, folder / "exposure", 1, floor=False)
    # exactextract overlooks the nodata value of a raster with a scale: those cells come out as differences.
    return exposure.agreement(features, rasters, folder / "exposure", "exposure, three grids")


def overlays(folder: Path, features: Path, rng: np.random.Generator) -> Agreement:
    point = lambda: shapely.Point(WEST + rng.uniform(0, 2_000), NORTH - rng.uniform(0, 2_000))
    zones = [point().buffer(rng.uniform(30, 400), quad_segs=int(rng.integers(2, 30))) for _ in range(80)]
    zones += [zone.difference(zone.centroid.buffer(20)) for zone in zones[:20]]
    names = np.array([("flooded", "probably_flooded", "not_seen")[i % 3] for i in range(len(zones))], dtype=object)
    path = write(folder / "zones.gpkg", zones, {"class": names}, "Polygon")
    overlay.measure(features, path, "class", folder / "overlay", 1)
    return overlay.agreement(folder / "overlay", "overlay, overlapping zones with holes")


def travels(folder: Path, rng: np.random.Generator) -> list[Agreement]:
    """A grid of streets with missing links, one-way streets, an island, and lines that meet in their middles."""
    step, size, lines = 90.0, 22, []
    at = lambda i, j: (WEST + i * step + rng_shift[i, j, 0], NORTH - j * step + rng_shift[i, j, 1])
    rng_shift = rng.uniform(-20, 20, (size, size, 2)).round(2)
    for j in range(size):
        cut = int(rng.integers(2, size - 2))
        lines += [[at(i, j) for i in range(cut + 1)], [at(i, j) for i in range(cut + (j % 4 == 0), size)]]
    for i in range(size):
        lines.append([at(i, j) for j in range(size)])
    lines.append([(WEST + 3_000, NORTH), (WEST + 3_100, NORTH)])
    lines = [line for line in lines if len(line) > 1]
    classes = np.array([("residential", "primary", "tertiary", "track", "footway")[i % 5] for i in range(len(lines))], dtype=object)
    oneway = np.array([("no", "yes", "-1")[int(rng.integers(0, 3))] for _ in lines], dtype=object)
    places = lambda n: [shapely.Point(*p) for p in np.column_stack([WEST + rng.uniform(-100, 2_100, n), NORTH - rng.uniform(-100, 2_100, n)])]
    roads = write(folder / "roads.gpkg", [shapely.LineString(line) for line in lines], {"class": classes, "oneway": oneway}, "LineString")
    features = write(folder / "places.gpkg", places(2_000), {"id": np.array([f"f{i}" for i in range(2_000)], dtype=object)}, "Point")
    kinds = np.array([("school", "clinic")[i % 2] for i in range(30)], dtype=object)
    services = places(29) + [shapely.Point(WEST + 3_050, NORTH + 10)]
    services = write(folder / "services.gpkg", services, {"id": np.array([f"s{i}" for i in range(30)], dtype=object), "kind": kinds}, "Point")
    return [travel_agreement(folder, mode, roads, features, services) for mode in ("walk", "motorbike")]


def travel_agreement(folder: Path, mode: str, roads: Path, features: Path, services: Path) -> Agreement:
    from .network import access

    out = folder / f"access-{mode}.csv"
    process.run(
        [inputs.PHTEAH, "access", features, "--roads", roads, "--services", services, "--mode", mode, "--id", "id", "--out", out]
    )
    result = Agreement(f"access by {mode}, against a graph built and snapped by shapely and searched by SciPy")
    ours = read_columns(out)
    for name, theirs in access(features, roads, services, mode).items():
        result.column(ours["id"], name, number(ours[name]), theirs)
    return result


def decisions(folder: Path, rng: np.random.Generator) -> list[Agreement]:
    from pymcdm import methods
    from pymcdm.normalizations import minmax_normalization, vector_normalization

    rows, columns = 400, 6
    matrix = rng.uniform(1, 9, (rows, columns)).round(6)
    goals = np.array([1, -1, 1, 1, -1, 1])
    weights = np.array([30.0, 10, 20, 5, 25, 10])
    shares = weights / weights.sum()
    p, q = np.full(columns, 3.0), np.full(columns, 0.5)
    bounds = np.tile([0.0, 10.0], (columns, 1))
    theirs = {
        "weighted-sum": methods.WSM(minmax_normalization)(matrix, shares, goals),
        "topsis": methods.TOPSIS(vector_normalization)(matrix, shares, goals),
        "vikor": methods.VIKOR()(matrix, shares, goals),
        "promethee-ii": methods.PROMETHEE_II("vshape_2", p=p, q=q)(matrix, shares, goals),
        "spotis": methods.SPOTIS(bounds)(matrix, shares, goals),
    }
    table = folder / "matrix.csv"
    header = ",".join(["id", *(f"c{i}" for i in range(columns))])
    table.write_text("\n".join([header, *(f"a{i}," + ",".join(map(repr, map(float, line))) for i, line in enumerate(matrix))]) + "\n")
    results = []
    for name, scores in theirs.items():
        model = [f'method = "{name}"']
        for i in range(columns):
            model += ["[[criterion]]", f'id = "c{i}"', f'goal = "{"max" if goals[i] > 0 else "min"}"', f"weight = {weights[i]}"]
            if name == "promethee-ii":
                model.append('preference = { kind = "linear", q = 0.5, p = 3.0 }')
            if name == "spotis":
                model.append("bounds = [0.0, 10.0]")
        path = folder / f"{name}.toml"
        path.write_text("\n".join(model) + "\n")
        answer = json.loads(process.run([inputs.PHTEAH, "decide", table, "--model", path, "--json"]).stdout)
        alternatives = answer["alternatives"]
        result = Agreement(f"decide, {name}, against pymcdm")
        result.column(np.array([a["id"] for a in alternatives]), "score", np.array([a["score"] for a in alternatives], float), scores)
        results.append(result)
    return results


def read_columns(path: Path) -> dict[str, np.ndarray]:
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return {name: np.array([row[name] for row in table], dtype=object) for name in table[0]}


def number(column: np.ndarray) -> np.ndarray:
    return np.array([float(text) if text != "" else np.nan for text in column])


if __name__ == "__main__":
    for agreement in checks(Path(sys.argv[1])):
        print("\n".join(agreement.lines()))
