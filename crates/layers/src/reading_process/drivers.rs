//! Which of GDAL's drivers may open a file. Closed lists: some others follow links to other files or into the network.
//!
//! In a reading process all other drivers are taken away before anything is opened, so that the lists hold for every opening: also for what
//! GDAL opens of its own accord beside a file, such as overviews.

use gdal::DriverManager;

/// Drivers for vector files.
pub(crate) const VECTOR_DRIVERS: &[&str] = &[
    "GeoJSON",
    "GeoJSONSeq",
    "ESRIJSON",
    "TopoJSON",
    "GPKG",
    "ESRI Shapefile",
    "FlatGeobuf",
    "LIBKML",
    "KML",
    "CSV",
    "XLSX",
    "ODS",
    "OSM",
    "GML",
    "GPX",
    "MapInfo File",
    "DXF",
    "OpenFileGDB",
    "SQLite",
];

/// Drivers for rasters.
pub(crate) const RASTER_DRIVERS: &[&str] = &[
    "GTiff",
    "HFA",
    "AAIGrid",
    "ENVI",
    "EHdr",
    "SRTMHGT",
    "netCDF",
    "GPKG",
    "JP2OpenJPEG",
    "RST",
    "SAGA",
    "USGSDEM",
];

/// Takes away every driver that neither list names.
pub(super) fn keep_listed() {
    DriverManager::register_all();
    for index in (0..DriverManager::count()).rev() {
        let Ok(driver) = DriverManager::get_driver(index) else {
            continue;
        };
        let name = driver.short_name();
        if !VECTOR_DRIVERS.contains(&name.as_str()) && !RASTER_DRIVERS.contains(&name.as_str()) {
            DriverManager::deregister_driver(&driver);
        }
    }
}
