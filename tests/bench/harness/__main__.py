"""`python -m harness run|check`: see tests/bench/run and tests/bench/check."""

import argparse
import sys
from pathlib import Path

from . import inputs
from .awkward import checks
from .report import Report
from .rows import decide, exposure, overlay, partner, registry, serving, tiles, travel

WORK = Path("target/bench")
ROWS = ("exposure", "overlay", "travel", "decide", "partner", "tiles", "serving", "registry")
GROWTH = (60_000, 540_000, 2_000_000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("what", choices=("run", "check"))
    parser.add_argument("--parcels", type=int, default=540_000, help="parcels of the illustrative city")
    parser.add_argument("--features", type=int, default=partner.FEATURES, help="parcels of the layer that is served and downloaded")
    parser.add_argument("--cell", type=float, default=10.0, metavar="METRES", help="cell of the flood rasters; 10 gives 4,000 × 4,200")
    parser.add_argument("--repeats", type=int, default=10, help="runs of each side")
    parser.add_argument("--only", default=",".join(ROWS), help=f"some of {','.join(ROWS)}")
    parser.add_argument("--growth", action="store_true", help="exposure, zones and travel at 60,000, 540,000 and 2,000,000 parcels as well")
    parser.add_argument("--out", type=Path, help="where to write the report")
    arguments = parser.parse_args()
    asked = arguments.only.split(",")
    if unknown := set(asked) - set(ROWS):
        parser.error(f"--only: {', '.join(sorted(unknown))} is none of {', '.join(ROWS)}")
    WORK.mkdir(parents=True, exist_ok=True)
    report = Report()
    if arguments.what == "check":
        report.say("# Cross-checks against public peers", "")
        report.section("Small files full of awkward shapes", [], checks(WORK / "check"))
    else:
        report.say("# Phteah against public peers, in one run", "")
        report.machine()
        report.noise("before the run")
        run(report, arguments, asked)
        report.noise("after it")
    report.write(arguments.out or WORK / ("check.md" if arguments.what == "check" else "report.md"))
    unexplained = sum(len(agreement.unexplained) for agreement in report.agreements)
    if unexplained:
        print(f"bench: {unexplained} answers differ without a reason", file=sys.stderr)
    return 1 if unexplained else 0


def run(report: Report, arguments: argparse.Namespace, asked: list[str]) -> None:
    repeats = arguments.repeats
    if set(asked) - {"decide", "partner", "tiles", "serving", "registry"}:
        city = inputs.city(WORK, arguments.parcels, arguments.cell)
    if "exposure" in asked:
        report.section("Flood exposure (whole processes)", *both(exposure.rows(city, WORK / "exposure", repeats)))
    if "overlay" in asked:
        report.section("Zones (whole processes)", *both(overlay.rows(city, WORK / "overlay", repeats)))
    if "travel" in asked:
        report.section("Travel time (kernels, same graph)", *both(travel.rows(city, WORK / "travel", repeats)))
    if "decide" in asked:
        report.section("Decision methods (kernels, same arrays)", *both(decide.rows(WORK / "decide", repeats)))
    if "partner" in asked:
        report.section("Partner layers (over HTTP)", *both(partner.rows(WORK, arguments.features, repeats)))
    if "tiles" in asked:
        report.section("Vector tiles (over HTTP)", *both(tiles.rows(WORK, arguments.features, repeats)))
    if "serving" in asked:
        report.section("A team and its partners at work (over HTTP)", *both(serving.rows(WORK, serving.FEATURES)))
    if "registry" in asked:
        report.section("The registry", *both(registry.rows(WORK, arguments.growth)))
    if arguments.growth:
        growth(report, arguments, asked)


def both(measured):
    rows, agreements, remarks = measured
    return rows, agreements, *remarks


def growth(report: Report, arguments: argparse.Namespace, asked: list[str]) -> None:
    """The rows of exposure, zones and travel at rising sizes, measured once each."""
    table = []
    for parcels in GROWTH:
        city = inputs.city(WORK, parcels, arguments.cell)
        if "exposure" in asked:
            table += exposure.grown(city, WORK / "exposure")
        if "overlay" in asked:
            table += overlay.grown(city, WORK / "overlay")
        if "travel" in asked:
            table += travel.grown(city, WORK / "travel" / f"city-{parcels}")
    report.section("How cost grows (measured once each)", table, [])


sys.exit(main())
