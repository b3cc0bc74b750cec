"""The map of a phone in the hands of the reference reader of PMTiles and of a reader of vector tiles (BASE, DATA, PHTEAH)."""

import hashlib
import json
import os
import subprocess
import time
import urllib.request

import mapbox_vector_tile
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

import gzip

BASE, DATA = os.environ["BASE"], os.environ["DATA"]
PHTEAH = os.environ.get("PHTEAH", "target/release/phteah")
LAYERS = {"boundaries", "water", "buildings", "roads", "settlements", "services", "sites"}
KEYS = {"id", "name", "name_km", "kind", "class"}


def phteah(*arguments):
    done = subprocess.run([PHTEAH, *arguments, "--json", "--data", DATA], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def fetch(path, token=None, body=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(BASE + path, headers=headers, data=body and json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return answer.read()


phteah("team", "add", "All", "--area", "everywhere")
phteah("account", "add", "Illustrative Worker", "--role", "field-worker", "--team", "All")
code = phteah("device", "code", "--worker", "Illustrative Worker")["code"]
token = json.loads(fetch("/api/field/enrol", body={"code": code, "device_name": "reader"}))["token"]
for _ in range(600):
    packs = json.loads(fetch("/api/field/setup", token))["map_packs"]
    if not packs.get("being_made"):
        break
    time.sleep(0.1)
(pack,) = packs["items"]
archive = fetch(pack["url"], token)
assert len(archive) == pack["bytes"]
assert hashlib.sha256(archive).hexdigest() == pack["sha256"]

source = MemorySource(archive)
header = Reader(source).header()
assert header["tile_type"] == TileType.MVT and header["tile_compression"] == Compression.GZIP, header
assert header["clustered"] and (header["min_zoom"], header["max_zoom"]) == (pack["min_zoom"], pack["max_zoom"])
metadata = Reader(source).metadata()
said = {layer["id"]: layer for layer in metadata["vector_layers"]}
seen, tiles = {}, 0
for (zoom, _, _), packed in all_tiles(source):
    tiles += 1
    for name, layer in mapbox_vector_tile.decode(gzip.decompress(packed)).items():
        assert said[name]["minzoom"] <= zoom <= said[name]["maxzoom"], (name, zoom)
        for feature in layer["features"]:
            assert set(feature["properties"]) <= KEYS, feature
            seen.setdefault(name, set()).add(feature["properties"]["id"])
assert tiles == header["addressed_tiles_count"], (tiles, header)
assert set(seen) == set(said) and set(seen) <= LAYERS, (set(seen), set(said))
assert {"roads", "services", "boundaries", "settlements"} <= set(seen)
print(f"map packs: {tiles} tiles, {len(archive)} bytes, " + ", ".join(f"{len(ids)} {name}" for name, ids in sorted(seen.items())))
