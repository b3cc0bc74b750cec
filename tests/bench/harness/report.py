"""Tables of what was measured, as Markdown that reads well on a terminal too."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from .agree import Agreement
from .process import Timing, noise


@dataclass(frozen=True)
class Target:
    """What ours may take in its worst run, as a share of the peer's median."""

    share: float

    def verdict(self, ours: Timing, theirs: Timing) -> str:
        median, worst = (seconds / theirs.median / self.share for seconds in (ours.median, ours.worst))
        if worst <= 1:
            return f"met ({words(self.share)})"
        if median <= 1:
            return f"MISSED by {worst:.3g} × in the worst run ({words(self.share)})"
        return f"MISSED by {median:.3g} × ({words(self.share)})"


def words(share: float) -> str:
    return f"≤ 1/{1 / share:g} of it" if share < 1 else f"≤ {share:g} × it"


@dataclass
class Row:
    work: str
    peer: str
    ours: Timing
    theirs: Timing
    target: Target | None = None
    note: str = ""


def seconds(value: float) -> str:
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (float("inf"), 1.0, "s")):
        if value < limit:
            return f"{value * factor:.3g} {unit}"
    raise AssertionError("unreachable")


def spread(timing: Timing) -> str:
    """Median, worst run (of requests the 99th percentile) and their number."""
    if len(timing.seconds) == 1:
        return f"{seconds(timing.median)}, once"
    return f"{seconds(timing.median)}, {timing.worst_is} {seconds(timing.worst)} of {len(timing.seconds)}"


def memory(timing: Timing) -> str:
    return "" if timing.peak_mb is None else f"{timing.peak_mb:,.0f} MB"


def table(rows: list[Row]) -> list[str]:
    head = ["work", "peer", "ours", "theirs", "ratio (worst run)", "target", "our peak", "their peak", "note"]
    body = [
        [
            row.work,
            row.peer,
            spread(row.ours),
            spread(row.theirs),
            f"{row.theirs.median / row.ours.median:.3g} × ({row.theirs.median / row.ours.worst:.3g} ×)",
            row.target.verdict(row.ours, row.theirs) if row.target else "",
            memory(row.ours),
            memory(row.theirs),
            row.note,
        ]
        for row in rows
    ]
    return plain_table(head, body)


def plain_table(head: list[str], body: list[list[str]]) -> list[str]:
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    line = lambda cells: "| " + " | ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"
    return [line(head), "| " + " | ".join("-" * w for w in widths) + " |", *map(line, body)]


class Report:
    """Grows as rows are measured; printed as it grows, written at the end."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.agreements: list[Agreement] = []

    def say(self, *lines: str) -> None:
        self.text += lines
        print("\n".join(lines), flush=True)

    def machine(self) -> None:
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        self.say(
            f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), Python {platform.python_version()}; "
            f"load before the run {load}: figures of a busy machine are not worth much.",
            "Times are medians with the worst run; a target counts as met only if our worst run (of requests: the 99th percentile) meets it against the peer's median.",
        )

    def noise(self, when: str) -> None:
        self.say(f"Noise of the machine {when}: {noise()}.", "")

    def section(self, title: str, rows: list[Row], agreements: list[Agreement], *remarks: str) -> None:
        self.agreements += agreements
        self.say(f"## {title}", "")
        if rows:
            self.say(*table(rows), "")
        for agreement in agreements:
            self.say(*agreement.lines())
        self.say(*remarks, "")

    def write(self, path: Path) -> None:
        path.write_text("\n".join(self.text) + "\n", encoding="utf-8")
        print(f"bench: the report is in {path}")
