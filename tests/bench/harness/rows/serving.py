"""A team and its partners at work at once, each with a moment of thought between two requests: how long each kind of request takes."""

import http.client
import json
import math
import random
import threading
import time
from pathlib import Path

from .. import inputs, web
from . import partner

PLANNERS = 50
PARTNERS = 20
THOUGHT_S = 2.0
SECONDS = 60
TARGET_S = 0.3
BOXES = 12
FILES = ["/data/parcels.geojson", "/data/parcels.csv", "/data/services.gpkg"]

# Parcels of the city: those of a real Phnom Penh are more, but its candidate sites are as many.
FEATURES = 30_000


class Asked:
    """Seconds that requests of each kind took, from many threads, and what failed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seconds: dict[str, list[float]] = {}
        self.failed: list[str] = []

    def note(self, kind: str, seconds: float, status: int) -> None:
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)
            if status not in (200, 204, 206):
                self.failed.append(f"{kind}: {status}")

    def p99(self, kind: str) -> float:
        found = sorted(self.seconds[kind])
        return found[min(len(found) - 1, int(len(found) * 0.99))]


def ask(link: http.client.HTTPConnection, asked: Asked, kind: str, method: str, path: str, body: str | None = None) -> bytes:
    begun = time.perf_counter()
    headers = {"accept-encoding": "gzip", **({"content-type": "application/json"} if body else {})}
    link.request(method, path, body=body, headers=headers)
    answer = link.getresponse()
    content = answer.read()
    asked.note(kind, time.perf_counter() - begun, answer.status)
    return content


def planner(port: int, number: int, scenario: dict, tiles: list[str], until: float, asked: Asked) -> None:
    """Changes a weight, looks at the list, at a site, at the map."""
    chance = random.Random(number)
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    time.sleep(chance.random() * THOUGHT_S)
    turn = 0
    while time.time() < until:
        mine = json.loads(json.dumps(scenario))
        mine["criterion"][turn % len(mine["criterion"])]["weight"] = 1 + chance.randrange(90)
        link.request("POST", "/api/rankings", body=json.dumps({"scenario": mine}), headers={"content-type": "application/json"})
        begun = time.perf_counter()
        answer = link.getresponse()
        content = answer.read()
        asked.note("rank", time.perf_counter() - begun, answer.status)
        ranking = json.loads(content).get("id")
        for kind, path in [("matrix", f"/api/rankings/{ranking}/matrix"), ("sites", f"/api/rankings/{ranking}/sites?limit=50")]:
            time.sleep(THOUGHT_S * (0.5 + chance.random()))
            ask(link, asked, kind, "GET", path)
        for tile in chance.sample(tiles, 4):
            ask(link, asked, "tiles", "GET", tile)
        turn += 1
        time.sleep(THOUGHT_S * (0.5 + chance.random()))
    link.close()


def stranger(port: int, number: int, pages: list[str], files: list[str], until: float, asked: Asked) -> None:
    """Reads pages of features; now and then a whole layer."""
    chance = random.Random(1000 + number)
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    time.sleep(chance.random() * THOUGHT_S)
    while time.time() < until:
        for _ in range(4):
            ask(link, asked, "items", "GET", chance.choice(pages))
            time.sleep(THOUGHT_S * (0.5 + chance.random()))
        path = chance.choice(files)
        link.request("GET", path)
        begun = time.perf_counter()
        answer = link.getresponse()
        answer.read(1)
        asked.note("download, first byte", time.perf_counter() - begun, answer.status)
        answer.read()
        time.sleep(THOUGHT_S * (0.5 + chance.random()))
    link.close()


def tiles_of(bounds: list[float], zoom: int, version: str) -> list[str]:
    """The tiles of a zoom that lie within a box in degrees."""
    west, south, east, north = bounds
    column = lambda lon: int((lon + 180) / 360 * 2**zoom)
    row = lambda lat: int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    return [f"/tiles/parcels/{zoom}/{x}/{y}?v={version}" for x in range(column(west), column(east) + 1) for y in range(row(north), row(south) + 1)]


def pages_of(bounds: list[float]) -> list[str]:
    """Pages of features in boxes along the diagonal."""
    west, south, east, north = bounds
    step = lambda low, high, n: low + (high - low) * n / BOXES
    box = lambda n: ",".join(f"{value:.4f}" for value in (step(west, east, n), step(south, north, n), step(west, east, n + 1), step(south, north, n + 1)))
    return [f"/ogc/collections/parcels/items?f=json&limit=100&bbox={box(n)}" for n in range(BOXES)]


def rows(work: Path, features: int) -> tuple[list, list, list[str]]:
    folder = partner.data(work, features)
    bounds = partner.bounds(folder)
    with web.phteah(inputs.PHTEAH, folder) as server:
        server.settle()
        scenario = json.loads(web.get(server.port, "/api/scenarios/default")[1])
        layers = json.loads(web.get(server.port, "/api/layers")[1])["layers"]
        version = next(layer["hash"] for layer in layers if layer["name"] == "parcels")
        tiles, pages = tiles_of(bounds, 14, version), pages_of(bounds)
        asked, until = Asked(), time.time() + SECONDS
        people = [threading.Thread(target=planner, args=(server.port, n, scenario, tiles, until, asked)) for n in range(PLANNERS)]
        people += [threading.Thread(target=stranger, args=(server.port, n, pages, FILES, until, asked)) for n in range(PARTNERS)]
        for person in people:
            person.start()
        for person in people:
            person.join()
    remarks = [f"{PLANNERS} planners and {PARTNERS} partners at once, {THOUGHT_S:g} s of thought between two requests, {features:,} parcels, {SECONDS} s:"]
    for kind in sorted(asked.seconds):
        p99 = asked.p99(kind)
        verdict = "met" if p99 <= TARGET_S else "MISSED"
        remarks.append(f"- {kind}: p99 {p99 * 1e3:.0f} ms of {len(asked.seconds[kind]):,} ({verdict}: ≤ {TARGET_S * 1e3:.0f} ms).")
    if asked.failed:
        remarks.append(f"- FAILED: {len(asked.failed)} requests, such as {asked.failed[0]}.")
    return [], [], remarks
