"""The registry: durable events a second beside bare SQLite in the same run, a new phone's first pull over HTTP, starting and searching in large ones."""

import http.client
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from .. import inputs, process, web

HOUSEHOLDS = 20_000
GROWTH = "10000,100000"
PAGE = 2_000
TARGETS = {
    "push": "≥ 5,000 events/s and ≥ 1/2 of the bare loop",
    "pull": "≤ 5 s",
    "scale": "first search ≤ 5 s after the start, p99 ≤ 50 ms, ≤ 1 GB with 100,000 households",
}


def rows(work: Path, growth: bool) -> tuple[list, list, list[str]]:
    remarks = [f"### Durable events a second ({TARGETS['push']})", ""]
    remarks += fenced(bench("push", {"BATCHES": "200"}))
    remarks += ["", f"### First pull of {HOUSEHOLDS:,} households by a new phone, over HTTP ({TARGETS['pull']})", ""]
    remarks += fenced(first_pull(work))
    remarks += ["", f"### Large registries ({TARGETS['scale']})", ""]
    remarks += fenced(bench("scale", {"HOUSEHOLDS": GROWTH + (",500000" if growth else "")}))
    return [], [], remarks


def fenced(text: str) -> list[str]:
    return ["```", *text.strip().splitlines(), "```"]


def bench(name: str, environment: dict[str, str]) -> str:
    """What one of the Rust benches prints."""
    argv = ["cargo", "bench", "--quiet", "--workspace", "--bench", name]
    done = subprocess.run(argv, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode != 0:
        raise process.Failed(f"{' '.join(argv)}\n{done.stderr[-4000:]}")
    return done.stdout


def families(work: Path) -> Path:
    """A small city with so many illustrative families, all in one team's area; kept for the next run."""
    folder = work / f"families-{HOUSEHOLDS}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"bench: making {HOUSEHOLDS:,} illustrative families", flush=True)
        begun = time.perf_counter()
        argv = [inputs.PHTEAH, "demo", "--data", folder / "data", "--parcels", "5000", "--cell", "100", "--households", str(HOUSEHOLDS)]
        process.run(argv)
        (folder / "complete").write_text(f"{time.perf_counter() - begun:.1f}")
    return folder


def command(data: Path, *words: str) -> dict:
    done = subprocess.run([str(inputs.PHTEAH), *words, "--json", "--data", str(data)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def first_pull(work: Path) -> str:
    folder = families(work)
    data = folder / "data"
    told = [f"made in {(folder / 'complete').read_text()} s"]
    teams = [team["name"] for team in command(data, "team", "list")]
    if "Whole city" not in teams:
        subprocess.run([str(inputs.PHTEAH), "team", "add", "Whole city", "--area", "everywhere", "--data", str(data)], check=True, capture_output=True)
        command(data, "account", "add", "Illustrative Puller", "--role", "field-worker", "--team", "Whole city")
    code = command(data, "device", "code", "--worker", "Illustrative Puller")["code"]
    with web.phteah(inputs.PHTEAH, data) as server:
        server.settle()
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        headers = {"content-type": "application/json"}
        link.request("POST", "/api/field/enrol", body=json.dumps({"code": code, "device_name": "bench"}), headers=headers)
        token = json.loads(link.getresponse().read())["token"]
        begun, after, events, received = time.perf_counter(), 0, 0, 0
        while True:
            link.request("GET", f"/api/field/changes?after={after}&limit={PAGE}", headers={"authorization": f"Bearer {token}", "accept-encoding": "gzip"})
            answer = link.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise process.Failed(f"changes answered {answer.status}: {body[:300]!r}")
            received += len(body)
            page = json.loads(unpacked(answer, body))
            events, after = events + len(page["events"]), page["next"]
            if not page["more"]:
                break
        seconds = time.perf_counter() - begun
        link.close()
    told.append(f"{events:,} events in {seconds:.2f} s, {received / 1e6:.0f} MB on the wire")
    return "\n".join(told)


def unpacked(answer: http.client.HTTPResponse, body: bytes) -> bytes:
    import gzip

    return gzip.decompress(body) if answer.headers.get("content-encoding") == "gzip" else body
