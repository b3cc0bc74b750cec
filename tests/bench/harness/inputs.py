"""What is measured: the illustrative city as files that any program reads, and numbers drawn from a fixed seed."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import rasterio.features
import shapely
import shapely.geometry
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from . import process, raw

PHTEAH = Path("target/release/phteah")
RETURN_PERIODS = (10, 20, 50, 100, 200, 500)
SEED = 20_260_701


@dataclass(frozen=True)
class City:
    folder: Path
    parcels: Path
    zones: Path
    roads: Path
    services: Path
    settlements: Path
    rasters: dict[int, Path]


def city(work: Path, parcels: int, cell_m: float = 10.0) -> City:
    """The illustrative city with so many parcels and flood rasters of that cell; kept for the next run."""
    folder = work / f"city-{parcels}-{cell_m:g}m"
    made = City(
        folder,
        *(folder / f"{name}.gpkg" for name in ("parcels", "zones", "roads", "services", "settlements")),
        {rp: folder / f"rp{rp}.tif" for rp in RETURN_PERIODS},
    )
    done = folder / "complete"
    if done.exists():
        return made
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = folder / "data"
    print(f"bench: making the illustrative city with {parcels:,} parcels", flush=True)
    # The rasters come out at 10 m below, whatever the city was made with; a coarser one is quicker to make.
    process.run([PHTEAH, "demo", "--data", data, "--parcels", str(parcels), "--seed", "1", "--households", "0"])
    layers = {layer["name"]: layer for layer in json.loads((data / "catalogue.json").read_text())["layers"]}
    of_role = lambda role: [layer for layer in layers.values() if layer["role"] == role]
    for role, out in (
        ("parcels", made.parcels),
        ("roads", made.roads),
        ("services", made.services),
        ("settlements", made.settlements),
    ):
        process.run([PHTEAH, "export", of_role(role)[0]["name"], "--data", data, "--out", out])
    for layer in of_role("flood_depth"):
        source = data / "layers" / layer["file"]
        refine(source, made.rasters[layer["return_period"]], cell_m)
        if layer["return_period"] == 100:
            outline(source, made.zones)
    shutil.rmtree(data)
    done.touch()
    return made


def refine(source: Path, out: Path, cell_m: float) -> None:
    """The raster at another cell size: float32, tiled, deflate, nodata kept."""
    with rasterio.open(source) as coarse:
        west, south, east, north = coarse.bounds
        width, height = round((east - west) / cell_m), round((north - south) / cell_m)
        transform = rasterio.transform.from_origin(west, north, cell_m, cell_m)
        nodata = coarse.nodata if coarse.nodata is not None else -9999.0
        with (
            WarpedVRT(coarse, transform=transform, width=width, height=height, resampling=Resampling.bilinear, nodata=nodata) as fine,
            rasterio.open(
                out, "w", driver="GTiff", width=width, height=height, count=1, dtype="float32", crs=coarse.crs, transform=transform,
                nodata=nodata, tiled=True, blockxsize=256, blockysize=256, compress="deflate",
            ) as target,
        ):
            for _, window in target.block_windows(1):
                target.write(fine.read(1, window=window).astype("float32"), 1, window=window)


def outline(source: Path, out: Path, count: int = 257) -> None:
    """Flood zones as a satellite survey gives them: the largest areas of three depth classes, outlines smoothed."""
    with rasterio.open(source) as raster:
        depth = raster.read(1, masked=True).filled(0)
        classes = np.digitize(depth, [0.01, 0.5, 1.5]).astype("uint8")
        found = rasterio.features.shapes(classes, mask=classes > 0, transform=raster.transform)
        zones = [(shapely.geometry.shape(shape), int(value)) for shape, value in found]
        crs = raster.crs.to_string()
    zones = sorted(zones, key=lambda zone: -zone[0].area)[:count]
    shapes = [shapely.make_valid(zone.simplify(20)) for zone, _ in zones]
    names = np.array([("shallow", "deep", "very_deep")[value - 1] for _, value in zones], dtype=object)
    pyogrio.raw.write(
        out, shapely.to_wkb(np.array(shapes, dtype=object)), [names], ["class"], geometry_type="Unknown", crs=crs, driver="GPKG",
        layer=out.stem,
    )  # fmt: skip


def first(source: Path, out: Path, count: int) -> Path:
    """The first features of a file."""
    if not out.exists():
        meta, _, shapes, values = pyogrio.raw.read(source, max_features=count)
        pyogrio.raw.write(
            out, shapes, values, meta["fields"], geometry_type=meta["geometry_type"], crs=meta["crs"], driver="GPKG", layer=out.stem
        )
    return out


def id_field(path: Path, usual: str) -> str:
    """The column that holds the ids."""
    fields = [str(name) for name in pyogrio.read_info(path)["fields"]]
    return usual if usual in fields else "id"


def count(path: Path) -> int:
    return int(pyogrio.read_info(path)["features"])


def vertices(path: Path) -> int:
    _, _, shapes, _ = pyogrio.raw.read(path, columns=[])
    return int(shapely.get_num_coordinates(shapely.from_wkb(shapes)).sum())


# Door-to-door speeds in km/h by class, as `phteah access` states them; on foot 4.5 everywhere but on motorways.
MOTORBIKE = {
    "motorway": 0, "trunk": 35, "primary": 30, "secondary": 28, "tertiary": 25, "unclassified": 20, "residential": 20, "road": 20,
    "living_street": 15, "service": 15, "track": 15, "path": 10, "cycleway": 10, "bridleway": 10,
    "footway": 0, "pedestrian": 0, "steps": 0, "corridor": 0,
}  # fmt: skip


def speed(road_class: str, mode: str) -> float:
    name = road_class.removesuffix("_link")
    if name not in MOTORBIKE or name == "motorway":
        return 0.0
    return 4.5 if mode == "walk" else float(MOTORBIKE[name])


def travel(made: City, folder: Path, mode: str, kind: str, origins: int, sites: int) -> Path:
    """Roads and places as raw arrays for the travel kernels."""
    folder.mkdir(parents=True, exist_ok=True)
    meta, _, shapes, values = pyogrio.raw.read(made.roads)
    fields = {str(name): column for name, column in zip(meta["fields"], values, strict=True)}
    lines = shapely.from_wkb(shapes)
    xy, of_road = shapely.get_coordinates(lines, return_index=True)
    starts = np.searchsorted(of_road, np.arange(len(lines) + 1))
    raw.write(folder / "road_starts.u32", starts)
    raw.write(folder / "road_xy.f64", xy)
    raw.write(folder / "road_kmh.f64", np.array([speed(str(name), mode) for name in fields["class"]]))
    way = {"forward": 1, "backward": -1}
    raw.write(folder / "road_oneway.i32", np.array([way.get(str(value), 0) for value in fields["one_way"]]))
    _, _, shapes, values = pyogrio.raw.read(made.services, columns=["kind"])
    raw.write(folder / "services_xy.f64", shapely.get_coordinates(shapely.from_wkb(shapes[values[0] == kind])))
    raw.write(folder / "features_xy.f64", inner_points(made.parcels))
    settlements = inner_points(made.settlements)
    rng = np.random.default_rng(SEED)
    raw.write(folder / "origins_xy.f64", settlements[rng.permutation(len(settlements))[:origins]])
    parcels = inner_points(made.parcels)
    raw.write(folder / "sites_xy.f64", parcels[np.sort(rng.permutation(len(parcels))[:sites])])
    return folder


def lattice(folder: Path, side: int, origins: int, sites: int, services: int = 230, features: int = 100_000) -> Path:
    """Streets of a town with side × side crossings 100 m apart, as raw arrays like those of `travel`, for a motorbike.

    Crossings are moved by up to 30 m, 15 % of the streets are left out, a tenth are one-way; every 20th row and column is a main road.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    extent = side * 100.0
    row, column = np.divmod(np.arange(side * side), side)
    crossings = np.stack([column, row], axis=1) * 100.0 + rng.uniform(-30.0, 30.0, (side * side, 2))
    east, north = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    start, end = np.concatenate([east, north]), np.concatenate([east + 1, north + side])
    line = np.concatenate([row[east], column[north]])
    kept = rng.random(len(start)) >= 0.15
    start, end, line = start[kept], end[kept], line[kept]
    raw.write(folder / "road_starts.u32", np.arange(len(start) + 1) * 2)
    raw.write(folder / "road_xy.f64", crossings[np.stack([start, end], axis=1)].ravel())
    raw.write(folder / "road_kmh.f64", np.where(line % 20 == 0, MOTORBIKE["primary"], MOTORBIKE["residential"]))
    raw.write(folder / "road_oneway.i32", np.where(rng.random(len(start)) < 0.1, rng.choice([-1, 1], len(start)), 0))
    for name, count in (("services", services), ("features", features), ("origins", origins), ("sites", sites)):
        raw.write(folder / f"{name}_xy.f64", rng.uniform(0.0, extent, (count, 2)))
    return folder


def inner_points(path: Path) -> np.ndarray:
    _, _, shapes, _ = pyogrio.raw.read(path, columns=[])
    return shapely.get_coordinates(shapely.point_on_surface(shapely.from_wkb(shapes)))


def decision(folder: Path, rows: int, columns: int = 12, sites: int = 5_000, draws: int = 10_000) -> Path:
    """A decision matrix, weights and weight draws as raw arrays."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    weights = rng.random(columns)
    raw.write(folder / "values.f64", rng.random((columns, rows)))
    raw.write(folder / "weights.f64", weights / weights.sum())
    raw.write(folder / "goals.i32", np.where(np.arange(columns) % 3 == 0, -1, 1))
    raw.write(folder / "promethee_q.f64", np.full(columns, 0.05))
    raw.write(folder / "promethee_p.f64", np.full(columns, 0.30))
    raw.write(folder / "smaa_values.f64", rng.random((columns, sites)))
    raw.write(folder / "smaa_draws.f64", rng.dirichlet(np.ones(columns), draws))
    return folder
