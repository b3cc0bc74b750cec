//! The rim to GDAL: reads, checks, repairs, reprojects and writes layers, and keeps their catalogue.
