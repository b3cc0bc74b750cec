//! Pure algorithms on geometries, grids and networks: coverage, overlay, travel time, site assembly.
