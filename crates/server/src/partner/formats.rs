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
    /// Cloud-Optimised GeoTIFF.
    GeoTiff,
}

impl Format {
    /// The formats of layers with features, in the order in which the page offers them.
    pub const VECTOR: [Self; 6] = [
        Self::GeoPackage,
        Self::GeoJson,
        Self::Csv,
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
            Self::GeoTiff => "image/tiff; application=geotiff; profile=cloud-optimized",
        }
    }

    /// Whether it is sent while it is made. The others are made once for all who want them: two cannot be written from front to back, and
    /// GeoParquet is small to keep and dear to compress.
    pub fn is_streamed(self) -> bool {
        matches!(self, Self::GeoJson | Self::GeoJsonLines | Self::Csv)
    }

    /// Whether it knows no other CRS here than WGS 84.
    pub fn is_always_wgs84(self) -> bool {
        matches!(self, Self::GeoJson | Self::GeoJsonLines | Self::GeoParquet)
    }
}
