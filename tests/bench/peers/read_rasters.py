"""Merely reads rasters, block by block, through GDAL: the floor under any measure of them.

    read_rasters.py RASTER…
"""

import sys

import rasterio

with rasterio.Env(GDAL_CACHEMAX=64):
    for path in sys.argv[1:]:
        with rasterio.open(path) as raster:
            for _, window in raster.block_windows(1):
                raster.read(1, window=window)
