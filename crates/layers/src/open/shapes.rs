//! Ids and shapes alone, at the speed of the disk: other columns are not asked for, and a `GeoPackage` is read in parts by several threads.

use std::path::Path;

use gdal::vector::LayerAccess;
use gdal::vector::sql::Dialect;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::Geometry;
use rayon::prelude::*;

use super::VectorFile;
use super::placement::Placement;
use crate::error::Result;
use crate::gdal_rim;
use crate::gpkg::{quoted, single};
use crate::wkb;

/// Rows of one part: enough that opening the file once more costs nothing beside them.
const PART: i64 = 16_384;

/// Records that are parsed at a time, in files that only one thread can read.
const BATCH: usize = 8_192;

/// The table of a `GeoPackage`, as SQL names it.
struct Table {
    name: String,
    geometry: String,
    /// The first row's number and the last one's.
    rows: (i64, i64),
}

impl VectorFile {
    /// The ids (`None` where a record has none) and what `each` makes of the shapes, in the order and CRS of the file. A record whose
    /// shape cannot be read comes with none.
    pub fn shapes<T: Send>(
        &self,
        each: impl Fn(Option<Geometry<f64>>) -> T + Sync,
    ) -> Result<Vec<(Option<String>, T)>> {
        match self.table() {
            Some(table) => self.table_shapes(&table, &each),
            None => self.streamed_shapes(&each),
        }
    }

    /// The one table that is read, where the file is a `GeoPackage` and the table has row numbers.
    fn table(&self) -> Option<Table> {
        let [name] = &self.layers[..] else { return None };
        if self.dataset.driver().short_name() != "GPKG" || !matches!(self.placement, Placement::Native) {
            return None;
        }
        let geometry = self
            .dataset
            .layer_by_name(name)
            .ok()?
            .defn()
            .geom_fields()
            .next()?
            .name();
        let table = quoted(name);
        let sql = format!("SELECT min(rowid), max(rowid) FROM {table}");
        gdal_rim::clear();
        let found = self.dataset.execute_sql(sql, None, Dialect::DEFAULT);
        let rows = found.ok().flatten().and_then(|mut result| {
            let feature = result.features().next()?;
            Some((
                feature.field_as_integer64(0).ok()??,
                feature.field_as_integer64(1).ok()??,
            ))
        });
        // A view has no row numbers; it is read like any other file.
        gdal_rim::clear();
        Some(Table {
            name: table,
            geometry: quoted(&geometry),
            rows: rows?,
        })
    }

    fn table_shapes<T: Send>(
        &self,
        table: &Table,
        each: &(impl Fn(Option<Geometry<f64>>) -> T + Sync),
    ) -> Result<Vec<(Option<String>, T)>> {
        let id = self.id.map(|index| quoted(&self.columns[index].name));
        let columns = id.map_or_else(
            || table.geometry.clone(),
            |id| format!("{id}, {}", table.geometry),
        );
        let (first, last) = table.rows;
        let parts = (last.saturating_sub(first) / PART + 1).clamp(1, 4096);
        let step = last.saturating_sub(first) / parts + 1;
        let starts: Vec<i64> = (0..parts).map(|part| first.saturating_add(part * step)).collect();
        // The handle of this file stays with this thread.
        let (file, has_id) = (&self.inner, self.id.is_some());
        let read: Vec<Part<T>> = starts
            .into_par_iter()
            .map_init(
                || reopen(file),
                |dataset, start| {
                    let sql = format!(
                        "SELECT {columns} FROM {} WHERE rowid BETWEEN {start} AND {} ORDER BY rowid",
                        table.name,
                        start.saturating_add(step - 1)
                    );
                    part(dataset.as_ref().map_err(Clone::clone)?, &sql, has_id, each)
                },
            )
            .collect();
        let mut all = Vec::new();
        for part in read {
            all.append(&mut part.map_err(|cause| self.unreadable(&cause))?);
        }
        Ok(all)
    }

    /// Any other file: read by one thread, its shapes looked at by all.
    fn streamed_shapes<T: Send>(
        &self,
        each: &(impl Fn(Option<Geometry<f64>>) -> T + Sync),
    ) -> Result<Vec<(Option<String>, T)>> {
        let mut all = Vec::new();
        let mut batch: Vec<(Option<String>, Option<Geometry<f64>>)> = Vec::with_capacity(BATCH);
        let take = |batch: &mut Vec<_>, all: &mut Vec<(Option<String>, T)>| {
            let made = std::mem::take(batch)
                .into_par_iter()
                .map(|(id, shape)| (id, each(shape)));
            all.par_extend(made);
        };
        let wanted: Vec<usize> = match &self.placement {
            Placement::Native => self.id.into_iter().collect(),
            // The place of the record stands in other columns.
            _ => (0..self.columns.len()).collect(),
        };
        self.for_each_raw_of(Some(&wanted), |raw| {
            let id = self
                .id
                .and_then(|index| raw.row[index].as_ref())
                .map(ToString::to_string);
            let shape = raw.shape.ok().flatten().map(|parsed| single(parsed.geometry));
            batch.push((id, shape));
            if batch.len() == BATCH {
                take(&mut batch, &mut all);
            }
            Ok(())
        })?;
        take(&mut batch, &mut all);
        Ok(all)
    }
}

/// The records of one part, or why they cannot be read.
type Part<T> = std::result::Result<Vec<(Option<String>, T)>, String>;

fn part<T>(
    dataset: &Dataset,
    sql: &str,
    has_id: bool,
    each: &impl Fn(Option<Geometry<f64>>) -> T,
) -> Part<T> {
    gdal_rim::clear();
    let result = dataset.execute_sql(sql, None, Dialect::DEFAULT);
    let Some(mut result) = result.map_err(|e| gdal_rim::failure().unwrap_or_else(|| e.to_string()))? else {
        return Ok(Vec::new());
    };
    let mut records = Vec::new();
    for feature in result.features() {
        let id = has_id
            .then(|| feature.field_as_string(0).ok().flatten())
            .flatten();
        let shape = feature
            .geometry_by_index(0)
            .ok()
            .and_then(|shape| shape.iso_wkb().ok());
        records.push((
            id.filter(|id| !id.is_empty()),
            each(shape.as_deref().and_then(parsed)),
        ));
    }
    gdal_rim::failure().map_or(Ok(records), Err)
}

fn parsed(bytes: &[u8]) -> Option<Geometry<f64>> {
    wkb::parse(bytes).ok().map(|parsed| single(parsed.geometry))
}

/// Another handle to a `GeoPackage`: GDAL's cannot be shared between threads.
fn reopen(path: &Path) -> std::result::Result<Dataset, String> {
    gdal_rim::clear();
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_VECTOR,
        allowed_drivers: Some(&["GPKG"]),
        ..DatasetOptions::default()
    };
    Dataset::open_ex(path, options)
        .map_err(|e| gdal_rim::failure().unwrap_or_else(|| gdal_rim::without_paths(&e.to_string())))
}
