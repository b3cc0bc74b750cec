"""Runs whole processes and measures them: wall time and peak memory as the kernel counts it."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Run:
    seconds: float
    peak_mb: float
    stdout: str


@dataclass
class Timing:
    """Repeated runs of one piece of work."""

    seconds: list[float] = field(default_factory=list)
    peak_mb: float | None = None
    worst_is = "worst"

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def worst(self) -> float:
        return max(self.seconds)

    def add(self, run: Run) -> None:
        self.seconds.append(run.seconds)
        self.peak_mb = max(self.peak_mb or 0.0, run.peak_mb)


class Failed(Exception):
    """A process ended with another code than 0."""


def run(argv: list[str | Path]) -> Run:
    """Runs to the end; stderr is shown only if it fails."""
    words = [str(word) for word in argv]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.perf_counter()
        child = subprocess.Popen(words, stdout=out, stderr=err)
        peak = Peak(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            raise Failed(f"{' '.join(words)}\nended with {child.returncode}:\n{err.read()[-4000:]}")
        return Run(seconds, peak.mb(usage.ru_maxrss), out.read())


class Peak(threading.Thread):
    """Watches the most memory that a process ever held.

    The figure that comes with its end counts this program's own memory, too, from before the process became another
    program; so the kernel's mark of the running one is read every few milliseconds. What it allocates in its last
    moment is missed.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.status, self.kib = Path(f"/proc/{pid}/status"), 0
        self.start()

    def run(self) -> None:
        while True:
            try:
                mark = next(line for line in self.status.read_text().splitlines() if line.startswith("VmHWM:"))
            except (OSError, StopIteration):
                return  # it has ended
            self.kib = max(self.kib, int(mark.split()[1]))
            time.sleep(0.005)

    def mb(self, ru_maxrss: int) -> float:
        """In MB; by the figure of its end (bytes on macOS) where the system shows no such mark."""
        self.join(timeout=1)
        if self.kib:
            return self.kib / 1024
        return ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def in_turn(repeats: int, sides: dict[str, list[str | Path]]) -> dict[str, Timing]:
    """Runs the sides one after the other, `repeats` times over, so that a slow minute of the machine hits all."""
    timings = {name: Timing() for name in sides}
    for _ in range(repeats):
        for name, argv in sides.items():
            timings[name].add(run(argv))
    return timings


# About a tenth of a second of arithmetic, with nothing to wait for.
NOISE = [sys.executable, "-c", "sum(range(10_000_000))"]


def noise(runs: int = 10) -> str:
    """What the machine alone does to a figure: one command against itself."""
    sides = in_turn(runs, {"left": NOISE, "right": NOISE})
    left, right = sides["left"], sides["right"]
    apart = max(left.median, right.median) / min(left.median, right.median)
    worst = max(left.worst, right.worst) / min(left.median, right.median)
    return f"the same command against itself, {runs} runs each in turn: medians {apart:.2f} × apart, the worst run {worst:.2f} × the lower median"
