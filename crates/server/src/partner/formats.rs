//! The formats in which a layer is to be had.

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// GeoJSON (RFC 7946).
    GeoJson,
    /// Newline-delimited GeoJSON: a feature a line.
    GeoJsonLines,
    /// FlatGeobuf.
    FlatGeobuf,
    /// GeoPackage.
    GeoPackage,
    /// GeoParquet.
    GeoParquet,
    /// CSV.
    Csv,
    /// A workbook.
    Xlsx,
    /// Shapefiles in a ZIP.
    Shapefile,
    /// KML.
    Kml,
    /// Cloud-Optimised GeoTIFF.
    GeoTiff,
}

impl Format {
    /// The formats of layers with features, in the order in which the page offers them.
    pub const VECTOR: [Self; 9] = [
        Self::GeoPackage,
        Self::GeoJson,
        Self::Csv,
        Self::Xlsx,
        Self::Shapefile,
        Self::Kml,
        Self::FlatGeobuf,
        Self::GeoParquet,
        Self::GeoJsonLines,
    ];

    /// The formats of a layer.
    pub fn of(is_vector: bool) -> &'static [Self] {
        if is_vector {
            &Self::VECTOR
        } else {
            &[Self::GeoTiff]
        }
    }

    /// By the extension of a file's name.
    pub fn from_extension(extension: &str) -> Option<Self> {
        // A Shapefile is several files, so there is none but in a ZIP.
        let extension = if ["shp", "zip"].contains(&extension) {
            "shp.zip"
        } else {
            extension
        };
        Self::VECTOR
            .into_iter()
            .chain([Self::GeoTiff])
            .find(|format| format.extension() == extension)
    }

    /// The extension of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::GeoJson => "geojson",
            Self::GeoJsonLines => "geojsonl",
            Self::FlatGeobuf => "fgb",
            Self::GeoPackage => "gpkg",
            Self::GeoParquet => "parquet",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Shapefile => "shp.zip",
            Self::Kml => "kml",
            Self::GeoTiff => "tif",
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::GeoJson => "GeoJSON",
            Self::GeoJsonLines => "GeoJSON lines",
            Self::FlatGeobuf => "FlatGeobuf",
            Self::GeoPackage => "GeoPackage",
            Self::GeoParquet => "GeoParquet",
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
            Self::Shapefile => "Shapefile",
            Self::Kml => "KML",
            Self::GeoTiff => "GeoTIFF",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::GeoJson => "application/geo+json",
            Self::GeoJsonLines => "application/x-ndjson",
            Self::FlatGeobuf => "application/vnd.flatgeobuf",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::GeoParquet => "application/vnd.apache.parquet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Shapefile => "application/zip",
            Self::Kml => "application/vnd.google-earth.kml+xml",
            Self::GeoTiff => "image/tiff; application=geotiff; profile=cloud-optimized",
        }
    }

    /// Whether it is sent while it is made. The others are made once for all who want them: most cannot be written from front to back, and
    /// GeoParquet is small to keep and dear to compress.
    pub fn is_streamed(self) -> bool {
        matches!(self, Self::GeoJson | Self::GeoJsonLines | Self::Csv)
    }

    /// Whether it knows no other CRS here than WGS 84.
    pub fn is_always_wgs84(self) -> bool {
        matches!(
            self,
            Self::GeoJson | Self::GeoJsonLines | Self::GeoParquet | Self::Kml
        )
    }

    /// Whether the table writer of the layers makes it.
    pub fn is_table(self) -> bool {
        matches!(
            self,
            Self::GeoPackage | Self::FlatGeobuf | Self::Xlsx | Self::Shapefile | Self::Kml
        )
    }
}
