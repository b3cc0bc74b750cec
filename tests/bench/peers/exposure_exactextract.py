"""exactextract over polygons and rasters, the faster way (`raster-sequential`), features handed over as WKB.

    exposure_exactextract.py FEATURES ID OUT.npz RASTER…
"""

import sys
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.writer import Writer
from rasterio.crs import CRS


class Wkb(Feature):
    def __init__(self, row=0, wkb=b""):
        super().__init__()
        self.row, self.wkb, self.values = row, wkb, {"row": row}

    def geometry(self):
        return bytes(self.wkb)

    def set_geometry(self, wkb):
        """Results need no shape."""

    def set_geometry_format(self):
        return "wkb"

    def fields(self):
        return list(self.values)

    def get(self, name):
        return self.values[name]

    def set(self, name, value):
        self.values[name] = value


class Source(FeatureSource):
    def __init__(self, shapes, srs):
        super().__init__()
        self.shapes, self.srs = shapes, srs

    def count(self):
        return len(self.shapes)

    def __iter__(self):
        return (Wkb(row, wkb) for row, wkb in enumerate(self.shapes))

    def srs_wkt(self):
        return self.srs


class Columns(Writer):
    """Results straight into arrays: no file format stands in the way."""

    def __init__(self, rows):
        super().__init__()
        self.rows, self.columns = rows, {}

    def add_operation(self, op):
        self.columns[op.name] = np.full(self.rows, np.nan)

    def write(self, feature):
        held = Wkb()
        feature.copy_to(held)
        row = int(held.values["row"])
        for name, column in self.columns.items():
            value = held.values.get(name)
            if value is not None and value is not np.ma.masked:
                column[row] = value

    def features(self):
        return self.columns


def by_grid(paths: list[str]) -> list[list[str]]:
    """exactextract takes several rasters at once if they share a grid."""
    groups: dict = {}
    for path in paths:
        with rasterio.open(path) as raster:
            groups.setdefault((raster.transform, raster.shape), []).append(path)
    return list(groups.values())


def main() -> None:
    features, field, out, *rasters = sys.argv[1:]
    meta, _, shapes, values = pyogrio.raw.read(features, columns=[field])
    source, operations = Source(shapes, CRS.from_user_input(meta["crs"]).to_wkt()), ["mean", "max", "count"]
    arrays = {"id": values[0].astype(str)}
    for together in by_grid(rasters):
        sink = Columns(len(shapes))
        exact_extract(together, source, operations, include_cols=["row"], strategy="raster-sequential", output=sink)
        for path in together:
            name = Path(path).stem
            for operation in operations:
                key = f"{name}_{operation}" if len(together) > 1 else operation
                arrays[f"{name}_{operation}"] = sink.columns[key]
    np.savez(out, **arrays)


main()
