//! Opening vector files of any format: one stream of records, in the file's CRS. Runs in a process of its own
//! ([`crate::reading_process`]), which hands the records on.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use gdal::vector::sql::Dialect;
use gdal::vector::{Layer, LayerAccess, OGRFieldType, OGRwkbGeometryType};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use serde::{Deserialize, Serialize};

use crate::crs::Crs;
use crate::deployment::Deployment;
use crate::error::{LayersError, Result, base_name};
use crate::gdal_rim;
use crate::import::unpack;
use crate::reading_process::{VECTOR_DRIVERS, check_schema};
use crate::value::{Field, FieldType, Value};
use crate::wkb::{self, Parsed};

mod archive;
mod crs;
mod encoding;
mod geojson_ids;
mod identity;
mod osm;
mod osm_nodes;
mod placement;
mod row;
mod sample;
mod shapes;

use identity::Identity;
use placement::Placement;
pub(crate) use sample::Sample;

/// How to open a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OpenOptions {
    /// Layer or table, where the file holds several.
    pub layer: Option<String>,
    /// CRS, overriding what the file states.
    pub crs: Option<String>,
    /// Encoding of its text, overriding what the file states.
    pub encoding: Option<String>,
    /// Column that holds the ids; by default one called `id`, else records are numbered.
    pub id: Option<String>,
    /// Column that says where a record is, or two of them with a comma between, x first; by default found by name and content.
    pub place: Option<String>,
    /// Shift of Indian 1960 and the limit for archives.
    pub deployment: Deployment,
    /// How a person says what the file does not.
    pub advice: Advice,
    /// The records need no place: a table is wanted.
    pub table: bool,
}

/// How a person says which layer is meant and in which CRS it is, for messages: every command has ways of its own. By default those of
/// `phteah import`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Advice {
    /// Follows "say which".
    pub layer: Cow<'static, str>,
    /// Follows "give it".
    pub crs: Cow<'static, str>,
    /// Precedes the name of a column that says where a record is.
    pub place: Cow<'static, str>,
}

impl Default for Advice {
    fn default() -> Self {
        Self {
            layer: "with --source-layer".into(),
            crs: "with --crs, for example --crs EPSG:32648 or, for the old cadastre, --crs EPSG:3148".into(),
            place: "say which with --place".into(),
        }
    }
}

/// A record as a file holds it.
pub(crate) struct Raw {
    /// Position in the file, from 1.
    pub n: u64,
    /// Its shape in the file's CRS, or why it cannot be read.
    pub shape: std::result::Result<Option<Parsed>, String>,
    /// One value per column.
    pub row: Vec<Option<Value>>,
}

/// A vector file opened by GDAL.
pub(crate) struct VectorFile {
    dataset: Dataset,
    layers: Vec<String>,
    columns: Vec<Field>,
    crs: Crs,
    crs_from: &'static str,
    placement: Placement,
    /// What the file's own column `crs` says, where its CRS is known from there: column and text.
    crs_column: Option<(usize, String)>,
    /// The SRID that stands with the shapes, where its CRS is known from there.
    srid: Option<u32>,
    identity: Identity,
    id: Option<usize>,
    file: String,
    /// The file itself, or the one that was taken out of an archive.
    inner: PathBuf,
    is_osm: bool,
    /// How the ways of a map meet.
    ways: Option<osm::Ways>,
    /// What was noticed while opening.
    pub(crate) notes: Vec<String>,
}

impl VectorFile {
    /// Opens a file; `work` is where an archive may be unpacked, `wanted` the layers to be read one after another (none: the only one).
    pub(crate) fn open(path: &Path, options: &OpenOptions, work: &Path, wanted: &[String]) -> Result<Self> {
        if !path.exists() {
            return Err(LayersError::unreadable(path, "there is no such file"));
        }
        let limit = options.deployment.max_unpacked_bytes;
        let inner = if unpack::is_archive(path) {
            let into = tempfile::tempdir_in(work)
                .map_err(|e| LayersError::io(work, "writing to", e))?
                .keep();
            let files = unpack::unpack(path, &into, limit)?;
            archive::vector_file(path, files, options, work)?
        } else {
            if unpack::is_packed_document(path) {
                unpack::measure(path, limit)?;
            }
            path.to_owned()
        };
        let mut notes = Vec::new();
        let dataset = open_dataset(path, &inner, options, work, &mut notes)?;
        let is_osm = dataset.driver().short_name() == "OSM";
        let layers = choose_layers(path, &inner, &dataset, options, wanted)?;
        let first = dataset
            .layer_by_name(&layers[0])
            .map_err(|e| LayersError::unreadable(path, e.to_string()))?;
        let driver = dataset.driver().short_name();
        let mut columns = row::columns(&first);
        let count = if is_osm { None } else { first.try_feature_count() };
        let identity = Identity::of(&driver, &inner, (&layers, count), &mut columns, &mut notes)?;
        let ways = if is_osm {
            osm::Ways::find(&inner, &layers, &mut columns)?
        } else {
            None
        };
        // GDAL reads a column called WKT, but neither what PostGIS writes into it nor the CRS that stands beside it.
        let table = driver == "CSV" && placement::has_shape_column(&columns);
        let spatial = first.defn().geometry_type() != OGRwkbGeometryType::wkbNone && !table;
        let (placement, sample) = if options.table {
            (Placement::Columns(Vec::new()), Sample::default())
        } else if spatial {
            (Placement::Native, Sample::default())
        } else {
            let sample = sampled(&dataset, &layers[0], &columns)?;
            (Placement::find(path, &columns, &sample, options)?, sample)
        };
        let stated = crs::stated(
            path,
            &dataset,
            &layers[0],
            (&columns, &sample, &placement),
            options,
        )?;
        let id = match &options.id {
            Some(name) => Some(columns.iter().position(|c| &c.name == name).ok_or_else(|| {
                LayersError::no_column(&base_name(path), name, columns.iter().map(|c| c.name.as_str()))
            })?),
            None => columns.iter().position(|c| c.name.eq_ignore_ascii_case("id")),
        };
        Ok(Self {
            dataset,
            layers,
            columns,
            crs: stated.crs,
            crs_from: stated.from,
            crs_column: stated.column,
            srid: stated.srid,
            placement,
            identity,
            id,
            file: base_name(path),
            inner,
            is_osm,
            ways,
            notes,
        })
    }

    /// The file's columns.
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// The file's CRS.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// Who said so: the file, its format, or the caller.
    pub fn crs_from(&self) -> &'static str {
        self.crs_from
    }

    /// Index of the column that holds the ids.
    pub fn id(&self) -> Option<usize> {
        self.id
    }

    /// How many records there are, where the format says so without being read through.
    pub fn count(&self) -> Option<u64> {
        if self.is_osm {
            return None;
        }
        self.layers
            .iter()
            .map(|name| self.dataset.layer_by_name(name).ok()?.try_feature_count())
            .sum()
    }

    /// Hands over each record as it stands in the file.
    pub(crate) fn for_each_raw(&self, each: impl FnMut(Raw) -> Result<()>) -> Result<()> {
        self.for_each_raw_of(None, each)
    }

    /// The same; of `wanted` columns alone the values are read, by their index.
    fn for_each_raw_of(
        &self,
        wanted: Option<&[usize]>,
        mut each: impl FnMut(Raw) -> Result<()>,
    ) -> Result<()> {
        let mut n = 0;
        for name in &self.layers {
            if self.is_osm {
                // Asked this way the driver reads one kind of object and lets the others pass, instead of holding them all in memory.
                let sql = format!("SELECT * FROM {name}");
                let result = self.dataset.execute_sql(sql, None, Dialect::DEFAULT);
                let mut layer = result
                    .map_err(|e| self.unreadable(&e.to_string()))?
                    .ok_or_else(|| self.unreadable("it has no such objects"))?;
                self.read_layer(&mut layer, wanted, &mut n, &mut each)?;
            } else {
                let mut layer = self
                    .dataset
                    .layer_by_name(name)
                    .map_err(|e| self.unreadable(&e.to_string()))?;
                self.read_layer(&mut layer, wanted, &mut n, &mut each)?;
            }
        }
        Ok(())
    }

    fn read_layer(
        &self,
        layer: &mut Layer<'_>,
        wanted: Option<&[usize]>,
        n: &mut u64,
        each: &mut impl FnMut(Raw) -> Result<()>,
    ) -> Result<()> {
        let own = self.identity.of_layer(layer);
        // Layers of one file may order their columns differently.
        let order: Vec<Option<usize>> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| {
                let asked = wanted.is_none_or(|wanted| wanted.contains(&index));
                asked
                    .then(|| layer.defn().field_index(&column.name).ok())
                    .flatten()
            })
            .collect();
        let mut features = layer.features();
        loop {
            gdal_rim::clear();
            let Some(feature) = features.next() else { break };
            *n += 1;
            let mut row = row::values(&feature, &self.columns, &order);
            own.complete(&mut row, *n, &feature);
            if let Some(ways) = &self.ways {
                ways.fill(&mut row);
            }
            let shape = match &self.placement {
                Placement::Native => match feature.geometry_by_index(0) {
                    Err(_) => Ok(None),
                    Ok(geometry) => {
                        let bytes = geometry.iso_wkb().map_err(|e| e.to_string());
                        bytes.and_then(|bytes| wkb::parse(&bytes).map(Some).map_err(str::to_owned))
                    }
                },
                placed @ Placement::Columns(_) => self.placed(placed, &row),
            };
            drop(feature);
            each(Raw { n: *n, shape, row })?;
        }
        match gdal_rim::failure() {
            None => Ok(()),
            Some(cause) => Err(self.unreadable(&format!("it breaks off after record {n} ({cause})"))),
        }
    }

    /// The shape that a row describes, if it is in the CRS in which the file's first records are.
    fn placed(
        &self,
        placement: &Placement,
        row: &[Option<Value>],
    ) -> std::result::Result<Option<Parsed>, String> {
        let other_crs = |this: &str, first: &str| {
            Err(format!(
                "it is in the CRS {this}, the file's first records are in {first}: split the file by CRS"
            ))
        };
        if let Some((column, first)) = &self.crs_column
            && let Some(this) = row.get(*column).and_then(Option::as_ref)
            && this.to_string().trim() != first
        {
            return other_crs(this.to_string().trim(), first);
        }
        let Some((parsed, srid)) = placement.shape(row)? else {
            return Ok(None);
        };
        match (self.srid, srid) {
            (Some(first), Some(this)) if first != this => other_crs(&this.to_string(), &first.to_string()),
            _ => Ok(Some(parsed)),
        }
    }

    /// The first records' values. None of an OpenStreetMap file, whose reader cannot begin anew without reading all.
    pub(crate) fn sample(&self) -> Result<Sample> {
        if self.is_osm {
            return Ok(Sample::default());
        }
        sampled(&self.dataset, &self.layers[0], &self.columns)
    }

    /// Which columns say where a record is, in words; `None` where the file has geometries.
    pub fn placed_by(&self) -> Option<String> {
        self.placement.described(&self.columns)
    }

    /// The box that the file says it was cut to: west, south, east, north in WGS 84 degrees.
    pub(crate) fn extent(&self) -> Option<[f64; 4]> {
        self.is_osm.then(|| osm_nodes::extent(&self.inner)).flatten()
    }

    /// The names of those columns.
    pub(crate) fn place_columns(&self) -> Vec<&str> {
        let columns = self.placement.columns().into_iter();
        columns.map(|i| self.columns[i].name.as_str()).collect()
    }

    fn unreadable(&self, cause: &str) -> LayersError {
        LayersError::Unreadable {
            file: self.file.clone(),
            cause: cause.to_owned(),
        }
    }
}

fn open_dataset(
    path: &Path,
    inner: &Path,
    options: &OpenOptions,
    work: &Path,
    notes: &mut Vec<String>,
) -> Result<Dataset> {
    check_schema(inner)?;
    encoding::check_parts(path, inner, notes)?;
    gdal_rim::clear();
    let inner = &encoding::recoded(path, inner, options.encoding.as_deref(), work, notes)?;
    let mut open_options: Vec<String> =
        encoding::open_options(path, inner, options.encoding.as_deref(), notes)?;
    let _osm_settings = if osm::is_osm(inner) {
        let settings = osm::settings(work)?;
        open_options.push(format!("CONFIG_FILE={}", settings.display()));
        Some(settings)
    } else {
        None
    };
    let open_options: Vec<&str> = open_options.iter().map(String::as_str).collect();
    let result = Dataset::open_ex(
        inner,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_VECTOR,
            allowed_drivers: Some(VECTOR_DRIVERS),
            open_options: Some(&open_options),
            sibling_files: None,
        },
    );
    let failure = gdal_rim::failure();
    match (result, failure) {
        (Ok(dataset), None) => Ok(dataset),
        (_, Some(cause)) => Err(LayersError::unreadable(path, cause)),
        (Err(_), None) => Err(LayersError::unreadable(
            path,
            if encoding::is_csv(inner) {
                "it is no table: a CSV needs a header with at least two columns"
            } else {
                "it is in no format that can be read here"
            },
        )),
    }
}

fn choose_layers(
    path: &Path,
    inner: &Path,
    dataset: &Dataset,
    options: &OpenOptions,
    wanted: &[String],
) -> Result<Vec<String>> {
    let names: Vec<String> = dataset.layers().map(|layer| layer.name()).collect();
    if !wanted.is_empty() {
        let found: Vec<String> = wanted
            .iter()
            .filter(|name| names.contains(name))
            .cloned()
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let listed = || names.iter().take(30).cloned().collect::<Vec<_>>().join(", ");
    if let Some(asked) = &options.layer {
        if let Some(name) = names.iter().find(|name| *name == asked) {
            return Ok(vec![name.clone()]);
        }
        // A file in an archive was chosen by this name already; its one layer is meant.
        let chosen = inner != path && inner.file_stem().is_some_and(|stem| stem == asked.as_str());
        if names.len() != 1 || !chosen {
            return Err(LayersError::Usage(format!(
                "{} holds no layer '{asked}'. It holds: {}.",
                base_name(path),
                listed()
            )));
        }
    }
    match names.len() {
        0 => Err(LayersError::unreadable(path, "it holds no layer")),
        1 => Ok(names),
        _ => Err(LayersError::Usage(format!(
            "{} holds several layers; say which {}: {}.",
            base_name(path),
            options.advice.layer,
            listed()
        ))),
    }
}

/// The values of a layer's first records.
fn sampled(dataset: &Dataset, layer: &str, columns: &[Field]) -> Result<Sample> {
    let failed = |e: gdal::errors::GdalError| LayersError::Gdal {
        doing: "reading the first records".into(),
        cause: e.to_string(),
    };
    let mut layer = dataset.layer_by_name(layer).map_err(failed)?;
    let order: Vec<Option<usize>> = columns
        .iter()
        .map(|column| layer.defn().field_index(&column.name).ok())
        .collect();
    let rows = layer.features().take(sample::LOOKED_AT);
    let rows = rows
        .map(|feature| row::values(&feature, columns, &order))
        .collect();
    Ok(Sample::new(rows))
}

/// The type of a column.
fn field_type(kind: OGRFieldType::Type) -> FieldType {
    match kind {
        OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => FieldType::Integer,
        OGRFieldType::OFTReal => FieldType::Number,
        OGRFieldType::OFTDate => FieldType::Date,
        _ => FieldType::Text,
    }
}
