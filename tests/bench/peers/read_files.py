"""Merely reads files through GDAL, rasters block by block, ids and shapes of vector files: the floor under any measure of them.

    read_files.py FILE…
"""

import sys

import pyogrio
import rasterio

with rasterio.Env(GDAL_CACHEMAX=64):
    for path in sys.argv[1:]:
        if not path.endswith(".tif"):
            id_column = [name for name in pyogrio.read_info(path)["fields"] if name in ("id", "parcel_id")][:1]
            pyogrio.raw.read(path, columns=id_column)
            continue
        with rasterio.open(path) as raster:
            for _, window in raster.block_windows(1):
                raster.read(1, window=window)
