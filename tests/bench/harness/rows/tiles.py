"""Vector tiles against martin over PostGIS."""

import math
import random
from pathlib import Path

from .. import cluster, inputs, web
from ..report import Row, Target
from . import partner

MARTIN = Path("target/bench/bin/martin")
ZOOMS = (11, 12, 13, 14, 15)
SECONDS = 10


def missing() -> str | None:
    if not MARTIN.exists():
        return (
            "martin is not installed (cargo install martin --version =1.14.0 --locked --no-default-features "
            "--features postgres,mbtiles,metrics --root target/bench)"
        )
    return cluster.missing() or web.wrk_missing()


def tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    y = (0.5 - math.asinh(math.tan(math.radians(lat))) / math.tau) * 2**zoom
    return int((lon / 360 + 0.5) * 2**zoom), int(y)


def places(folder: Path) -> dict[int, tuple[int, int]]:
    """The tile over the middle of the city at each zoom."""
    west, south, east, north = partner.bounds(folder)
    return {zoom: tile((west + east) / 2, (south + north) / 2, zoom) for zoom in ZOOMS}


def random_places(folder: Path, count: int = 600) -> list[tuple[int, int]]:
    """Tiles of zoom 15 within the middle half of the city, from a fixed seed."""
    west, south, east, north = partner.bounds(folder)
    draw = random.Random(inputs.SEED)
    spot = lambda low, high: low + (high - low) * draw.uniform(0.25, 0.75)
    return sorted({tile(spot(west, east), spot(south, north), 15) for _ in range(count)})


def ours(place: tuple[int, int], zoom: int) -> str:
    return f"/data/parcels/tiles/{zoom}/{place[0]}/{place[1]}"


def theirs(place: tuple[int, int], zoom: int) -> str:
    return f"/parcels/{zoom}/{place[0]}/{place[1]}"


class Measured:
    """One server, with its cache or without; asked for each of the codings, of which its better figure counts."""

    def __init__(self, server: web.Server, address, folder: Path, repeats: int, cached: bool, codings: tuple[str, ...] = ("gzip",)) -> None:
        self.single: dict[int, web.Latency] = {}
        loads = []
        with server as running:
            for coding in codings:
                headers = {"Accept-Encoding": coding}
                # The first tile of a zoom prepares what all later ones use; neither side's start is measured.
                for zoom, place in places(folder).items():
                    one = web.one_client(running.port, [address(place, zoom)], repeats, headers, warm=2)
                    if zoom not in self.single or one.median < self.single[zoom].median:
                        self.single[zoom] = one
                paths = [address(place, 15) for place in random_places(folder)]
                web.one_client(running.port, paths if cached else paths[:20], 1, headers, warm=0)
                loads.append(web.many_clients(running.port, paths, SECONDS, coding=coding))
            self.memory_mb = running.memory_mb("VmHWM")
        self.load = max(loads, key=lambda load: load.per_second)
        if any(load.failed for load in loads):
            raise RuntimeError(f"{sum(load.failed for load in loads)} tiles failed")


def martin(database: cluster.Cluster, cache_mb: int) -> web.Server:
    port = cluster.free_port()
    argv = [MARTIN, "--listen-addresses", f"127.0.0.1:{port}", "--cache-size", cache_mb, "--auto-bounds", "skip", "--pool-size", 8, database.url]
    return web.Server(argv, port, "/health")


def rows(work: Path, features: int, repeats: int) -> tuple[list[Row], list, list[str]]:
    folder = partner.data(work, features)
    mine = {cached: Measured(web.phteah(inputs.PHTEAH, folder, "--tile-cache", 512 if cached else 0), ours, folder, max(20, repeats), cached) for cached in (False, True)}
    if why := missing():
        remarks = [f"- SKIPPED martin: {why}."]
        for cached, measured in mine.items():
            for zoom, one in measured.single.items():
                remarks.append(f"- Ours, z{zoom} over the middle, {words(cached)}: {one.median * 1e3:.2f} ms, p99 {one.p99 * 1e3:.2f} ms, {one.size / 1e3:,.0f} kB.")
            remarks.append(f"- Ours, random z15, 8 connections, {words(cached)}: {load_words(measured.load)}.")
        return [], [], remarks
    with cluster.Cluster() as database:
        database.load(partner.stored(folder), "parcels", "EPSG:3857")
        # martin keeps tiles uncompressed and compresses every answer anew, so it is asked for plain ones as well.
        peer = {cached: Measured(martin(database, 512 if cached else 0), theirs, folder, max(5, repeats), cached, ("gzip", "identity")) for cached in (False, True)}
    table = []
    for cached in (False, True):
        for zoom in ZOOMS:
            one, other = mine[cached].single[zoom], peer[cached].single[zoom]
            note = f"p99 {one.p99 * 1e3:.1f} against {other.p99 * 1e3:.1f} ms; {one.size / 1e3:,.0f} against {other.size / 1e3:,.0f} kB"
            table.append(Row(f"z{zoom} over the middle of {features:,} parcels, {words(cached)}", "martin 1.14 over PostGIS", one, other, Target(1.0), note))
        a, b = mine[cached].load, peer[cached].load
        note = f"ours {load_words(a)}; theirs {load_words(b)}"
        table.append(Row(f"random z15, 8 connections, {words(cached)}, per tile", "martin 1.14", per_tile(a), per_tile(b), Target(1.0), note))
    return table, [], [f"- Memory of ours after all of it: {mine[True].memory_mb:.0f} MB with a cache of 512 MB, {mine[False].memory_mb:.0f} MB without."]


def per_tile(load: web.Load) -> web.Latency:
    return web.Latency([1 / load.per_second])


def words(cached: bool) -> str:
    return "cached" if cached else "uncached"


def load_words(load: web.Load) -> str:
    return f"{load.per_second:,.0f} tiles/s, p99 {load.p99 * 1e3:.1f} ms"
