"""Raw little-endian arrays: what both sides of a kernel row read, so that they work on the same numbers."""

from pathlib import Path

import numpy as np


def read(path: Path) -> np.ndarray:
    kind = {".f64": "<f8", ".f32": "<f4", ".u32": "<u4", ".i32": "<i4"}[path.suffix]
    return np.fromfile(path, dtype=kind)


def write(path: Path, values: np.ndarray) -> None:
    kind = {".f64": "<f8", ".f32": "<f4", ".u32": "<u4", ".i32": "<i4"}[path.suffix]
    np.ascontiguousarray(values, dtype=kind).tofile(path)
