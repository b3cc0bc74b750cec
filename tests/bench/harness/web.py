"""Servers to be measured, and the clients that measure them."""

import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from .cluster import free_port


class Server:
    """A program that answers on a port between `with` and its end."""

    def __init__(self, argv: list[object], port: int, ready: str, environment: dict[str, str] | None = None) -> None:
        self.argv, self.port, self.ready = [str(word) for word in argv], port, ready
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self) -> "Server":
        self.log = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen(self.argv, stdout=self.log, stderr=self.log, env=self.environment, start_new_session=True)
        for _ in range(600):
            if self.child.poll() is not None:
                break
            try:
                if get(self.port, self.ready)[0] < 500:
                    return self
            except OSError:
                time.sleep(0.1)
        self.log.seek(0)
        raise RuntimeError(f"{self.argv[0]} does not answer:\n{self.log.read()[-3000:]}")

    def __exit__(self, *_: object) -> None:
        self.child.terminate()
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.log.close()

    def settle(self) -> None:
        """Waits until a server of ours has done what it does once after its start; that is not what a client costs."""
        quiet = 0
        while quiet < 5:
            quiet = quiet + 1 if not json.loads(get(self.port, "/api/work")[1])["work"] else 0
            time.sleep(0.2)

    def memory_mb(self, what: str) -> float:
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(rf"^{what}:\s+(\d+)", status, re.MULTILINE).group(1)) / 1024

    def forget_peak(self) -> None:
        Path(f"/proc/{self.child.pid}/clear_refs").write_text("5")


def phteah(program: Path, data: Path, *more: object) -> Server:
    port = free_port()
    argv = [program, "serve", "--data", data, "--listen", f"127.0.0.1:{port}", "--rate", 1_000_000, "--open=illustrative", *more]
    return Server(argv, port, "/health")


def get(port: int, path: str, headers: dict[str, str] | None = None, connection: http.client.HTTPConnection | None = None) -> tuple[int, bytes]:
    """One request; without a connection of its own it makes one."""
    link = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    link.request("GET", path, headers=headers or {})
    answer = link.getresponse()
    body = answer.read()
    if connection is None:
        link.close()
    return answer.status, body


@dataclass
class Latency:
    """How long one client waited, request after request."""

    seconds: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def median(self) -> float:
        return sorted(self.seconds)[len(self.seconds) // 2]

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * 0.99))]

    # As the report wants them of a timing.
    peak_mb = None
    worst_is = "p99"

    @property
    def worst(self) -> float:
        return self.p99


def one_client(port: int, paths: list[str], repeats: int, headers: dict[str, str] | None = None, warm: int = 1) -> Latency:
    """Asks for the paths in turn over one connection; `warm` rounds do not count."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    found = Latency()
    for turn in range(repeats + warm):
        for path in paths:
            begun = time.perf_counter()
            status, body = get(port, path, headers, link)
            taken = time.perf_counter() - begun
            if status not in (200, 204):
                raise RuntimeError(f"{path}: status {status}: {body[:300]!r}")
            found.size = max(found.size, len(body))
            if turn >= warm:
                found.seconds.append(taken)
    link.close()
    return found


SCRIPT = """
local urls = {}
for line in io.lines(os.getenv("BENCH_URLS")) do urls[#urls + 1] = line end
local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
function init() math.randomseed(7 + number) end
function request() return wrk.format("GET", urls[math.random(#urls)], { ["Accept-Encoding"] = os.getenv("BENCH_CODING") }) end
"""


@dataclass(frozen=True)
class Load:
    per_second: float
    p99: float
    failed: int


def many_clients(port: int, paths: list[str], seconds: int, connections: int = 8, coding: str = "gzip") -> Load:
    """Random ones of the paths as fast as they are answered, by wrk."""
    with tempfile.TemporaryDirectory() as folder:
        urls, script = Path(folder) / "urls", Path(folder) / "random.lua"
        urls.write_text("\n".join(paths) + "\n")
        script.write_text(SCRIPT)
        words = ["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", "--latency", "--timeout", "60s", "-s", str(script), f"http://127.0.0.1:{port}"]
        told = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "BENCH_URLS": str(urls), "BENCH_CODING": coding}).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told).groups()
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Load(rate, float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[unit], int(errors.group(1)) if errors else 0)


def wrk_missing() -> str | None:
    return None if shutil.which("wrk") else "wrk is not installed (apt-get install wrk)"
