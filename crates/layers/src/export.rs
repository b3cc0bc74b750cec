//! Files for others: `.geojson`, `.gpkg`, `.fgb`, `.csv`, `.kml`, `.xlsx`, `.shp.zip`, with licence, attribution, source and the word "illustrative" inside.

use std::path::Path;

use geo::Geometry;
use jiff::Timestamp;

use crate::catalogue::{Catalogue, LayerEntry, LayerKind};
use crate::crs::{Crs, Reprojector};
use crate::error::{LayersError, Result};
use crate::gpkg::{Query, TableSpec, VectorLayer, Writer};
use crate::schema::GeometryKind;
use crate::unfinished::Unfinished;
use crate::value::{Feature, Field, Value};

mod csv;
mod fgb;
mod geojson;
mod kml;
mod shapefile;
pub mod spreadsheet;
mod xlsx;

pub use shapefile::{LONGEST_FIELD_NAME, LONGEST_TEXT, short_names};
pub use xlsx::MOST_ROWS;

/// What a file says of itself besides its features.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableMeta {
    /// Name of the table or layer within the file.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where the data come from.
    pub source: String,
    /// Licence of the data.
    pub licence: String,
    /// Attribution that the licence asks for.
    pub attribution: String,
    /// Generated, not real.
    pub illustrative: bool,
    /// Anything else that must travel with the data, such as conventions of a measure: key and value.
    pub more: Vec<(String, String)>,
    /// The time that a GeoPackage shows as its last change.
    pub made_at: Timestamp,
}

impl TableMeta {
    /// What the catalogue knows of a layer.
    pub fn of(entry: &LayerEntry) -> Self {
        Self {
            name: entry.name.clone(),
            title: entry.title.clone(),
            source: entry.source.clone(),
            licence: entry.licence.clone(),
            attribution: entry.attribution.clone(),
            illustrative: entry.illustrative,
            more: std::iter::once(("source_hash".to_owned(), entry.hash.clone()))
                .chain(
                    entry
                        .record
                        .iter()
                        .map(|record| ("decision_record".to_owned(), record.clone())),
                )
                .collect(),
            made_at: entry.imported_at,
        }
    }

    /// Key and value of everything that is known.
    pub(crate) fn items(&self) -> Vec<(String, String)> {
        let mut items = Vec::new();
        if self.illustrative {
            items.push((
                "illustrative".to_owned(),
                "Illustrative data, not real.".to_owned(),
            ));
        }
        for (key, value) in [
            ("title", &self.title),
            ("source", &self.source),
            ("licence", &self.licence),
            ("attribution", &self.attribution),
        ] {
            if !value.is_empty() {
                items.push((key.to_owned(), value.clone()));
            }
        }
        items.extend(self.more.iter().cloned());
        items
    }

    fn description(&self) -> String {
        let items: Vec<String> = self
            .items()
            .into_iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        items.join("; ")
    }
}

/// A file being written, feature by feature; it gets its name only when it is complete.
pub struct TableWriter {
    sink: Sink,
    way: Reprojector,
    unfinished: Unfinished,
    count: u64,
}

enum Sink {
    GeoJson(geojson::GeoJson),
    Csv(Box<csv::Csv>),
    Gpkg(Box<Writer>),
    Fgb(Box<fgb::Fgb>),
    Kml(Box<kml::Kml>),
    Xlsx(Box<xlsx::Xlsx>),
    Shapefile(Box<shapefile::Shapefile>),
}

impl Sink {
    /// Begins a file of the format that an extension stands for.
    fn create(
        extension: &str,
        path: &Path,
        (shape, crs): (&TableShape<'_>, &Crs),
        meta: &TableMeta,
    ) -> Result<Self> {
        let (fields, geometry) = (shape.fields, shape.geometry);
        Ok(match extension {
            "geojson" | "json" => Self::GeoJson(geojson::GeoJson::create(path, fields, meta)?),
            "csv" => Self::Csv(Box::new(csv::Csv::create(path, fields, geometry, crs, meta)?)),
            "fgb" => Self::Fgb(Box::new(fgb::Fgb::create(path, fields, geometry, crs, meta)?)),
            "gpkg" => Self::Gpkg(Box::new(geopackage(path, (shape, crs), meta)?)),
            "kml" => Self::Kml(Box::new(kml::Kml::create(path, fields, meta)?)),
            "xlsx" => Self::Xlsx(Box::new(xlsx::Xlsx::create(path, fields, geometry, crs, meta)?)),
            "zip" => Self::Shapefile(Box::new(shapefile::Shapefile::create(
                path, fields, geometry, crs, meta,
            )?)),
            _ => {
                return Err(LayersError::Usage(format!(
                    "'.{extension}' is no format that can be written: use .geojson, .gpkg, .fgb, .csv, .kml, .xlsx or .shp.zip."
                )));
            }
        })
    }
}

fn geopackage(path: &Path, (shape, crs): (&TableShape<'_>, &Crs), meta: &TableMeta) -> Result<Writer> {
    let table = if meta.name.is_empty() {
        "features"
    } else {
        &meta.name
    };
    let spec = TableSpec {
        table,
        title: if meta.title.is_empty() { table } else { &meta.title },
        description: &meta.description(),
        metadata: &meta.items(),
        geometry: shape.geometry,
        crs,
        fields: shape.fields,
        made_at: meta.made_at,
    };
    Writer::create(path, &spec)
}

/// What a table is to hold.
pub struct TableShape<'a> {
    /// Its fields, besides `id`.
    pub fields: &'a [Field],
    /// Shape of its features.
    pub geometry: GeometryKind,
    /// CRS of the geometries that are handed over.
    pub from: &'a Crs,
    /// CRS of the file; by default as handed over, and WGS 84 for GeoJSON, which knows no other.
    pub crs: Option<&'a Crs>,
}

impl TableWriter {
    /// Begins a file; its extension says the format.
    pub fn create(path: &Path, shape: &TableShape<'_>, meta: &TableMeta) -> Result<Self> {
        let extension = path
            .extension()
            .map(|e| e.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        let is_wgs84 = matches!(extension.as_str(), "geojson" | "json" | "kml");
        let wgs84 = Crs::wgs84();
        if is_wgs84 && shape.crs.is_some_and(|crs| crs.name() != wgs84.name()) {
            return Err(LayersError::Usage(
                "GeoJSON and KML are always WGS 84: leave --crs away, or write .gpkg, .fgb, .csv, .xlsx or .shp.zip."
                    .into(),
            ));
        }
        let crs = if is_wgs84 {
            &wgs84
        } else {
            shape.crs.unwrap_or(shape.from)
        };
        let unfinished = Unfinished::beside(path)?;
        let sink = Sink::create(&extension, unfinished.path(), (shape, crs), meta)?;
        let way = Reprojector::new(shape.from, crs)?;
        Ok(Self {
            sink,
            way,
            unfinished,
            count: 0,
        })
    }

    /// Writes texts into a CSV as they are stored, and not so that a spreadsheet takes none of them for a formula.
    pub fn with_raw_text(&mut self) {
        if let Sink::Csv(sink) = &mut self.sink {
            sink.raw_text = true;
        }
    }

    /// Adds a feature; `values` in the order of the fields.
    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let mut geometry = geometry;
        if let Some(geometry) = &mut geometry {
            self.way.geometry(geometry)?;
        }
        self.count += 1;
        match &mut self.sink {
            Sink::GeoJson(sink) => sink.push(id, geometry, values),
            Sink::Csv(sink) => sink.push(id, geometry.as_ref(), values),
            Sink::Gpkg(sink) => sink.push(id, geometry, values),
            Sink::Fgb(sink) => sink.push(id, geometry, values),
            Sink::Kml(sink) => sink.push(id, geometry.as_ref(), values),
            Sink::Xlsx(sink) => sink.push(id, geometry.as_ref(), values),
            Sink::Shapefile(sink) => sink.push(id, geometry.as_ref(), values),
        }
    }

    /// Completes the file and gives it its name; returns the number of features.
    pub fn finish(self) -> Result<u64> {
        match self.sink {
            Sink::GeoJson(sink) => sink.finish()?,
            Sink::Csv(sink) => sink.finish()?,
            Sink::Gpkg(sink) => sink.finish()?,
            Sink::Fgb(sink) => sink.finish()?,
            Sink::Kml(sink) => sink.finish()?,
            Sink::Xlsx(sink) => sink.finish()?,
            Sink::Shapefile(sink) => sink.finish()?,
        }
        self.unfinished.publish()?;
        Ok(self.count)
    }
}

/// Writes a whole table; the format is chosen by the extension. For features that do not fit into memory use [`TableWriter`].
pub fn write_table<'a>(
    path: &Path,
    features: impl IntoIterator<Item = &'a Feature>,
    shape: &TableShape<'_>,
    meta: &TableMeta,
) -> Result<u64> {
    let mut writer = TableWriter::create(path, shape, meta)?;
    for feature in features {
        writer.push(&feature.id, feature.geometry.clone(), &feature.values)?;
    }
    writer.finish()
}

/// Writes a layer of the catalogue to a file; returns the number of features (0 for a raster, which is copied to `.tif` as it is).
pub fn export_layer(catalogue: &Catalogue, name: &str, path: &Path, crs: Option<&str>) -> Result<u64> {
    export_layer_with(catalogue, name, path, crs, false)
}

/// The same; with `raw_text` a CSV holds texts as they are stored ([`spreadsheet`] says what else happens to them).
pub fn export_layer_with(
    catalogue: &Catalogue,
    name: &str,
    path: &Path,
    crs: Option<&str>,
    raw_text: bool,
) -> Result<u64> {
    let entry = catalogue.layer(name)?;
    if entry.kind == LayerKind::Raster {
        return export_raster(catalogue, entry, path, crs);
    }
    let from = catalogue.crs()?;
    let target = crs
        .map(|text| Crs::parse(text, catalogue.deployment()))
        .transpose()?;
    // What this program keeps for its own work is of no use to others.
    let fields = entry.published_fields();
    let layer = VectorLayer::open(&catalogue.path(entry), &entry.name, &fields)?;
    let shape = TableShape {
        fields: &fields,
        geometry: entry.geometry.unwrap_or(GeometryKind::Any),
        from: &from,
        crs: target.as_ref(),
    };
    let mut writer = TableWriter::create(path, &shape, &TableMeta::of(entry))?;
    if raw_text {
        writer.with_raw_text();
    }
    layer.for_each(&Query::default(), |feature| {
        writer.push(&feature.id, feature.geometry, &feature.values)
    })?;
    writer.finish()
}

fn export_raster(catalogue: &Catalogue, entry: &LayerEntry, path: &Path, crs: Option<&str>) -> Result<u64> {
    if crs.is_some() {
        return Err(LayersError::Usage(format!(
            "'{}' is a raster and stays on its own grid and CRS ({}); warp the exported file if you must.",
            entry.name, entry.crs
        )));
    }
    if !path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("tif") || e.eq_ignore_ascii_case("tiff"))
    {
        return Err(LayersError::Usage(format!(
            "'{}' is a raster: write it to a .tif file.",
            entry.name
        )));
    }
    let unfinished = Unfinished::beside(path)?;
    std::fs::copy(catalogue.path(entry), unfinished.path())
        .map_err(|e| LayersError::io(unfinished.dir(), "writing to", e))?;
    unfinished.publish()?;
    Ok(0)
}
