"""Pages of features against pygeoapi over PostGIS, a whole layer against ogr2ogr, and the memory that downloads take."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from .. import cluster, inputs, process, web
from ..process import Timing
from ..report import Row, Target

FEATURES = 1_000_000
PAGE = 1_000
FORMATS = ("geojson", "csv", "geojsonl", "fgb", "gpkg", "parquet")

PYGEOAPI = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  limits: {{default_items: 10, max_items: 10000}}
  map: {{url: "https://tile.example.org/{{z}}/{{x}}/{{y}}.png", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: bench, description: bench, keywords: [bench], keywords_type: theme, terms_of_service: none, url: http://127.0.0.1}}
  license: {{name: none, url: http://127.0.0.1}}
  provider: {{name: bench, url: http://127.0.0.1}}
  contact: {{name: bench, url: http://127.0.0.1}}
resources:
  parcels:
    type: collection
    title: parcels
    description: parcels
    keywords: [parcels]
    extents: {{spatial: {{bbox: [104, 11, 106, 12], crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: {{host: 127.0.0.1, port: {database}, dbname: bench, user: bench, password: bench, search_path: [public]}}
        id_field: fid
        table: parcels
        geom_field: geom
"""


def data(work: Path, features: int) -> Path:
    """The illustrative city with so many parcels, as it is served; kept for the next run."""
    folder = work / f"partner-{features}"
    if not (folder / "complete").exists():
        print(f"bench: making the illustrative city with {features:,} parcels", flush=True)
        process.run([inputs.PHTEAH, "demo", "--data", folder / "data", "--parcels", str(features), "--seed", "1", "--households", "0"])
        (folder / "complete").touch()
    return folder / "data"


def stored(folder: Path) -> Path:
    layers = json.loads((folder / "catalogue.json").read_text())["layers"]
    return folder / "layers" / next(layer["file"] for layer in layers if layer["name"] == "parcels")


def bounds(folder: Path) -> list[float]:
    layers = json.loads((folder / "catalogue.json").read_text())["layers"]
    return next(layer["bounds"] for layer in layers if layer["name"] == "parcels")


def questions(folder: Path, features: int) -> list[tuple[str, str, str, float]]:
    """What is asked, of us and of them, and the target."""
    west, south, east, north = bounds(folder)
    x, y = (west + east) / 2, (south + north) / 2
    box = f"bbox={x - 0.03:.4f},{y - 0.03:.4f},{x + 0.03:.4f},{y + 0.03:.4f}"
    far = (PAGE * 499) * features // FEATURES
    return [
        ("first page", "", "", 1 / 20),
        ("500th page", f"&after={far}", f"&offset={far}", 1 / 50),
        ("page in a box", f"&{box}", f"&{box}", 1 / 20),
        ("filtered page", "&tenure=hard_title", "&tenure=hard_title", 1 / 20),
    ]


def pygeoapi(folder: Path, database: int) -> web.Server:
    port = cluster.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config, api = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    config.write_text(PYGEOAPI.format(port=port, database=database))
    environment = {"PYGEOAPI_CONFIG": str(config.resolve()), "PYGEOAPI_OPENAPI": str(api.resolve())}
    programs = Path(sys.executable).parent
    with api.open("w") as out:
        subprocess.run([programs / "pygeoapi", "openapi", "generate", config], check=True, stdout=out, env={**os.environ, **environment})
    argv = [programs / "gunicorn", "--workers", 2, "--bind", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP"]
    return web.Server(argv, port, "/collections/parcels?f=json", environment)


def pages(folder: Path, work: Path, features: int, repeats: int) -> tuple[list[Row], list[str]]:
    asked = questions(folder, features)
    home = f"/ogc/collections/parcels/items?limit={PAGE}&f=json"
    with web.phteah(inputs.PHTEAH, folder) as server:
        ours = [web.one_client(server.port, [home + mine], max(200, repeats), warm=5) for _, mine, _, _ in asked]
        count = lambda path: len(json.loads(web.get(server.port, path)[1])["features"])
        if any(count(home + mine) != PAGE for _, mine, _, _ in asked):
            raise RuntimeError("a page does not hold what was asked for")
    notes = [f"p99 {one.p99 * 1e3:.1f} ms ({'met' if one.p99 <= 0.020 else 'MISSED'}: ≤ 20 ms), {one.size / 1e3:,.0f} kB" for one in ours]
    if why := cluster.missing():
        remarks = [f"- SKIPPED pygeoapi: {why}."]
        remarks += [f"- Ours, {what} of {PAGE:,}: {one.median * 1e3:.2f} ms, {note}." for (what, *_), one, note in zip(asked, ours, notes, strict=True)]
        return [], remarks
    with cluster.Cluster() as database:
        database.load(stored(folder), "parcels", "EPSG:4326")
        with pygeoapi(work, database.port) as server:
            there = f"/collections/parcels/items?limit={PAGE}&f=json"
            theirs = [web.one_client(server.port, [there + their], max(10, repeats)) for _, _, their, _ in asked]
    rows = [
        Row(f"{what} of {PAGE:,} of {features:,} features, GeoJSON, one client", "pygeoapi 0.21 over PostGIS", one, other, Target(share), note)
        for (what, _, _, share), one, other, note in zip(asked, ours, theirs, notes, strict=True)
    ]
    return rows, []


def whole(folder: Path, features: int, repeats: int) -> Row:
    """Both without compression, to a reader that throws it away."""
    ours, theirs = Timing(), Timing()
    with web.phteah(inputs.PHTEAH, folder) as server:
        for _ in range(repeats):
            address = f"http://127.0.0.1:{server.port}/data/parcels.geojson"
            ours.seconds.append(process.run(["curl", "--silent", "--fail", "--output", "/dev/null", address]).seconds)
            begun = time.perf_counter()
            with open(os.devnull, "w") as nowhere:
                words = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(stored(folder)), "parcels", "-lco", "RFC7946=YES"]
                subprocess.run(words, check=True, stdout=nowhere)
            theirs.seconds.append(time.perf_counter() - begun)
    return Row(f"{features:,} features as GeoJSON, whole", "ogr2ogr (GDAL) from the same file", ours, theirs, Target(1.0))


def memory(folder: Path) -> str:
    """Four clients, each taking every format of the layer, beginning with another one; nothing has been made before."""
    shutil.rmtree(folder / "downloads", ignore_errors=True)
    with web.phteah(inputs.PHTEAH, folder) as server:
        web.get(server.port, "/data/boundaries.csv")
        server.settle()
        idle = server.memory_mb("VmRSS")
        server.forget_peak()
        failed: list[str] = []

        def client(number: int) -> None:
            for turn in range(len(FORMATS)):
                address = f"http://127.0.0.1:{server.port}/data/parcels.{FORMATS[(turn + number) % len(FORMATS)]}"
                done = subprocess.run(["curl", "--silent", "--fail", "--output", "/dev/null", address])
                if done.returncode != 0:
                    failed.append(address)

        threads = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken, peak = time.perf_counter() - begun, server.memory_mb("VmHWM")
    if failed:
        raise RuntimeError(f"downloads failed: {failed}")
    above = peak - idle
    verdict = "met" if above <= 200 else "MISSED"
    return f"- Four clients took all six formats in {taken:.0f} s; memory rose {above:.0f} MB above idle ({idle:.0f} MB): {verdict} (≤ 200 MB)."


def rows(work: Path, features: int, repeats: int) -> tuple[list[Row], list, list[str]]:
    folder = data(work, features)
    table, remarks = pages(folder, work / "pygeoapi", features, repeats)
    table.append(whole(folder, features, repeats))
    remarks.append(memory(folder))
    return table, [], remarks
