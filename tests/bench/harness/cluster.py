"""A PostgreSQL cluster of its own for the peers: in a temporary directory, on a free port, by a user without rights, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def missing() -> str | None:
    """What there is to install before a cluster can be made."""
    if not programs():
        return "PostgreSQL is not installed (apt-get install postgresql-15-postgis-3)"
    if not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        return "PostGIS is not installed (apt-get install postgresql-15-postgis-3)"
    if os.geteuid() == 0 and not user():
        return "PostgreSQL does not run as root and there is no user 'postgres' or 'nobody'"
    return None


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def user() -> str | None:
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """Runs between `with` and its end."""

    def __enter__(self) -> "Cluster":
        self.bin, self.port = programs(), free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="phteah-bench-"))
        self.as_user = []
        if os.geteuid() == 0:
            name = user()
            shutil.chown(self.folder, name)
            self.as_user = ["runuser", "-u", name, "--"]
        self.run("initdb", "-D", self.folder / "data", "-U", "bench", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        settings = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c shared_buffers=1GB -c work_mem=64MB -c max_wal_size=4GB -c jit=off"
        self.run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", settings, "start")
        self.sql("CREATE DATABASE bench", "postgres")
        self.sql("CREATE EXTENSION postgis")
        return self

    def __exit__(self, *_: object) -> None:
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program: str, *arguments: object) -> None:
        words = [*self.as_user, str(self.bin / program), *map(str, arguments)]
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0 and program != "pg_ctl":
            raise RuntimeError(f"{' '.join(words)}\n{done.stderr[-2000:]}")

    def sql(self, text: str, database: str = "bench") -> str:
        words = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", "-d", database, "-v", "ON_ERROR_STOP=1", "-Atc", text]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{text}\n{done.stderr[-2000:]}")
        return done.stdout.strip()

    @property
    def url(self) -> str:
        return f"postgresql://bench@127.0.0.1:{self.port}/bench"

    def load(self, source: Path, table: str, srs: str) -> None:
        """A layer as a table with its spatial index, in a CRS; what a careful operator would do before serving it."""
        words = [
            "ogr2ogr", "-q", "-f", "PostgreSQL", f"PG:host=127.0.0.1 port={self.port} user=bench dbname=bench", str(source), "-nln", table,
            "-t_srs", srs, "-lco", "GEOMETRY_NAME=geom", "-lco", "FID=fid", "-lco", "SPATIAL_INDEX=GIST", "--config", "PG_USE_COPY", "YES",
        ]  # fmt: skip
        subprocess.run(words, check=True)
        self.sql(f"CLUSTER {table} USING {table}_geom_geom_idx")
        self.sql(f"CREATE INDEX ON {table} (tenure)")
        self.sql(f"VACUUM ANALYZE {table}")
