//! Shapefiles, zipped: one for each kind of shape that the layer holds, each with its CRS (.prj) and its encoding (.cpg), and a text that says
//! what a Shapefile cannot: the whole names of fields, units, meanings, source and licence.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use gdal::DriverManager;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{
    Feature, FieldDefn, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType, OwnedLayer,
};
use geo::Geometry;
use jiff::tz::TimeZone;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::TableMeta;
use crate::crs::Crs;
use crate::error::{LayersError, Result};
use crate::gdal_rim;
use crate::schema::GeometryKind;
use crate::value::{Field, FieldType, Value};
use crate::wkb;

/// Bytes of a field's name.
pub const LONGEST_FIELD_NAME: usize = 10;

/// Bytes of a text.
pub const LONGEST_TEXT: usize = 254;

/// The kinds of shapes of which a Shapefile holds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Point,
    Line,
    Polygon,
}

impl Shape {
    const ALL: [Self; 3] = [Self::Polygon, Self::Line, Self::Point];

    fn of(geometry: &Geometry<f64>) -> Option<Self> {
        Some(match geometry {
            Geometry::Point(_) => Self::Point,
            Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_) => Self::Line,
            Geometry::Polygon(_) | Geometry::MultiPolygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {
                Self::Polygon
            }
            Geometry::MultiPoint(_) | Geometry::GeometryCollection(_) => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Point => "points",
            Self::Line => "lines",
            Self::Polygon => "polygons",
        }
    }
}

pub(super) struct Shapefile {
    work: TempDir,
    path: PathBuf,
    name: String,
    /// The kind of shape of a layer that holds one kind; features without a place go there as well.
    main: Shape,
    several: bool,
    srs: SpatialRef,
    fields: Vec<(String, Field)>,
    layers: Vec<(Shape, OwnedLayer)>,
    meta: TableMeta,
    crs: String,
    cut: u64,
    bytes: Vec<u8>,
}

impl Shapefile {
    pub fn create(
        path: &Path,
        fields: &[Field],
        kind: GeometryKind,
        crs: &Crs,
        meta: &TableMeta,
    ) -> Result<Self> {
        let dir = path.parent().unwrap_or(Path::new("."));
        let work = tempfile::Builder::new().prefix("shp-").tempdir_in(dir);
        let main = match kind {
            GeometryKind::Point => Shape::Point,
            GeometryKind::Line => Shape::Line,
            GeometryKind::Polygon | GeometryKind::PolygonOrPoint | GeometryKind::Any => Shape::Polygon,
        };
        let names: Vec<&str> = std::iter::once("id")
            .chain(fields.iter().map(|field| field.name.as_str()))
            .collect();
        let short = short_names(&names);
        let all = std::iter::once(Field::new("id", FieldType::Text)).chain(fields.iter().cloned());
        let mut writer = Self {
            work: work.map_err(|e| LayersError::io(dir, "writing to", e))?,
            path: path.to_owned(),
            name: if meta.name.is_empty() {
                "features".to_owned()
            } else {
                meta.name.clone()
            },
            main,
            several: matches!(kind, GeometryKind::PolygonOrPoint | GeometryKind::Any),
            srs: crs.srs()?,
            fields: short.into_iter().zip(all).collect(),
            layers: Vec::new(),
            meta: meta.clone(),
            crs: crs.name().to_owned(),
            cut: 0,
            bytes: Vec::new(),
        };
        if !writer.several {
            writer.layer(main)?;
        }
        Ok(writer)
    }

    /// The place of a kind's layer, begun if it is not there yet.
    fn layer(&mut self, shape: Shape) -> Result<usize> {
        if let Some(at) = self.layers.iter().position(|(kind, _)| *kind == shape) {
            return Ok(at);
        }
        gdal_rim::clear();
        let failed = |e: gdal::errors::GdalError| failed(&e);
        let name = if self.several {
            format!("{}_{}", self.name, shape.name())
        } else {
            self.name.clone()
        };
        let file = self.work.path().join(format!("{name}.shp"));
        let driver = DriverManager::get_driver_by_name("ESRI Shapefile").map_err(failed)?;
        let mut dataset = driver.create_vector_only(&file).map_err(failed)?;
        let day = self.meta.made_at.to_zoned(TimeZone::UTC).date();
        let updated = format!("DBF_DATE_LAST_UPDATE={day}");
        let layer = dataset
            .create_layer(LayerOptions {
                name: &name,
                srs: Some(&self.srs),
                ty: match shape {
                    Shape::Point => OGRwkbGeometryType::wkbPoint,
                    Shape::Line => OGRwkbGeometryType::wkbLineString,
                    Shape::Polygon => OGRwkbGeometryType::wkbPolygon,
                },
                options: Some(&["ENCODING=UTF-8", "2GB_LIMIT=YES", &updated]),
            })
            .map_err(failed)?;
        for (short, field) in &self.fields {
            let kind = match field.kind {
                FieldType::Text => OGRFieldType::OFTString,
                FieldType::Number => OGRFieldType::OFTReal,
                FieldType::Integer => OGRFieldType::OFTInteger64,
                FieldType::Boolean => OGRFieldType::OFTInteger,
                FieldType::Date => OGRFieldType::OFTDate,
            };
            let definition = FieldDefn::new(short, kind).map_err(failed)?;
            if field.kind == FieldType::Boolean {
                definition.set_width(1);
            }
            definition.add_to_layer(&layer).map_err(failed)?;
        }
        self.layers.push((shape, dataset.into_layer(0).map_err(failed)?));
        Ok(self.layers.len() - 1)
    }

    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<&Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let shape = geometry.and_then(Shape::of).unwrap_or(self.main);
        let at = self.layer(shape)?;
        let (_, layer) = &self.layers[at];
        gdal_rim::clear();
        let failed = |e: gdal::errors::GdalError| failed(&e);
        let mut feature = Feature::new(layer.defn()).map_err(failed)?;
        let id = Some(Value::from(id));
        for (column, value) in std::iter::once(&id).chain(values).enumerate() {
            match value {
                None => {}
                Some(Value::Text(text)) => {
                    let short = shortened(text, LONGEST_TEXT);
                    self.cut += u64::from(short.len() < text.len());
                    // A field ends at a zero byte, and GDAL takes none.
                    feature
                        .set_field_string(column, &short.replace('\0', ""))
                        .map_err(failed)?;
                }
                Some(Value::Number(n)) => feature.set_field_double(column, *n).map_err(failed)?,
                Some(Value::Integer(n)) => feature.set_field_integer64(column, *n).map_err(failed)?,
                Some(Value::Boolean(yes)) => feature
                    .set_field_integer(column, i32::from(*yes))
                    .map_err(failed)?,
                Some(day @ Value::Date(_)) => {
                    feature
                        .set_field_string(column, &day.to_string())
                        .map_err(failed)?;
                }
            }
        }
        if let Some(geometry) = geometry {
            self.bytes.clear();
            wkb::write(geometry, &mut self.bytes);
            let shape = gdal::vector::Geometry::from_wkb(&self.bytes).map_err(failed)?;
            feature.set_geometry(shape).map_err(failed)?;
        }
        feature.create(layer).map_err(failed)
    }

    pub fn finish(mut self) -> Result<()> {
        if self.layers.is_empty() {
            self.layer(self.main)?;
        }
        self.layers
            .sort_by_key(|(shape, _)| Shape::ALL.iter().position(|kind| kind == shape));
        gdal_rim::clear();
        // GDAL writes what is left when a file is closed.
        self.layers.clear();
        if let Some(cause) = gdal_rim::failure() {
            return Err(too_large(&cause));
        }
        let io = |e| LayersError::io(&self.path, "writing", e);
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.work.path())
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(io)?;
        files.sort();
        let made = self.meta.made_at.to_zoned(TimeZone::UTC);
        let time = DateTime::from_date_and_time(
            made.year().unsigned_abs(),
            made.month().unsigned_abs(),
            made.day().unsigned_abs(),
            made.hour().unsigned_abs(),
            made.minute().unsigned_abs(),
            made.second().unsigned_abs(),
        );
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // A ZIP knows no year before 1980.
            .last_modified_time(time.unwrap_or_default())
            .large_file(true);
        let written = || -> io::Result<()> {
            let mut zip = ZipWriter::new(BufWriter::new(File::create_new(&self.path)?));
            for file in &files {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                zip.start_file(name, options)?;
                io::copy(&mut File::open(file)?, &mut zip)?;
            }
            zip.start_file("README.txt", options)?;
            zip.write_all(self.readme().as_bytes())?;
            zip.finish()?.flush()
        };
        written().map_err(io)
    }

    fn readme(&self) -> String {
        let mut text = format!(
            "{}\r\n\r\n",
            if self.meta.title.is_empty() {
                &self.name
            } else {
                &self.meta.title
            }
        );
        for (key, value) in std::iter::once(("crs".to_owned(), self.crs.clone())).chain(self.meta.items()) {
            text.push_str(&format!("{key}: {value}\r\n"));
        }
        text.push_str(&format!(
            "\r\nA Shapefile has names of fields of {LONGEST_FIELD_NAME} bytes, texts of {LONGEST_TEXT} bytes, and 1 and 0 for true and false.\r\n\
             Texts that are cut: {}. GeoPackage has none of these limits.\r\n\r\n",
            self.cut
        ));
        for (short, field) in &self.fields {
            let unit = field
                .unit
                .as_ref()
                .map(|unit| format!(" ({unit})"))
                .unwrap_or_default();
            let meaning = field
                .meaning
                .as_ref()
                .map(|meaning| format!(": {meaning}"))
                .unwrap_or_default();
            text.push_str(&format!("{short} = {}{unit}{meaning}\r\n", field.name));
        }
        text
    }
}

/// Names of fields as a Shapefile holds them, all different: cut to ten bytes, a number at the end where two would be the same.
pub fn short_names(names: &[&str]) -> Vec<String> {
    let mut short: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let taken = |short: &[String], name: &str| short.iter().any(|other| other.eq_ignore_ascii_case(name));
        let mut candidate = shortened(name, LONGEST_FIELD_NAME).to_owned();
        let mut number = 1;
        while taken(&short, &candidate) {
            number += 1;
            let end = number.to_string();
            candidate = format!("{}{end}", shortened(name, LONGEST_FIELD_NAME - end.len()));
        }
        short.push(candidate);
    }
    short
}

/// The beginning of a text, cut between two characters.
fn shortened(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn failed(error: &gdal::errors::GdalError) -> LayersError {
    let cause = gdal_rim::failure().unwrap_or_else(|| error.to_string());
    too_large(&cause)
}

fn too_large(cause: &str) -> LayersError {
    if cause.contains("2GB") || cause.contains("2 GB") {
        return LayersError::Usage(
            "A Shapefile holds two gigabytes at most: take a part, or GeoPackage.".into(),
        );
    }
    LayersError::Gdal {
        doing: "Writing a Shapefile".into(),
        cause: cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ten_bytes_are_all_different() {
        let names = ["id", "price_usd_m2", "price_usd_ha", "PRICE_USD_x", "ឈ្មោះភូមិ"];
        let short = short_names(&names);
        assert_eq!(short[..4], ["id", "price_usd_", "price_usd2", "PRICE_USD3"]);
        assert!(
            short.iter().all(|name| name.len() <= LONGEST_FIELD_NAME),
            "{short:?}"
        );
    }
}
