//! Writing a layer as a GeoPackage, feature by feature, in memory that does not grow with their number.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use geo::Geometry;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ToSql, params};

use super::rtree::{self, FillError};
use super::{FID, GEOMETRY, ID, blob, quoted, tables};
use crate::crs::Crs;
use crate::curve::{Pile, Waiting};
use crate::error::{LayersError, Result};
use crate::schema::GeometryKind;
use crate::value::{Field, FieldType, Value};

/// What a GeoPackage table is to be.
pub(crate) struct TableSpec<'a> {
    /// Name of the table, which programs show as the layer's name.
    pub table: &'a str,
    /// For people.
    pub title: &'a str,
    /// Source, licence and what else people must know.
    pub description: &'a str,
    /// Key and value of each piece of metadata.
    pub metadata: &'a [(String, String)],
    /// Shape of its features.
    pub geometry: GeometryKind,
    /// CRS of its coordinates.
    pub crs: &'a Crs,
    /// Its fields, besides id and geometry.
    pub fields: &'a [Field],
    /// When it was made; not read from the clock, so that the same input gives the same bytes.
    pub made_at: jiff::Timestamp,
}

/// A GeoPackage being written. Dropping it without [`Writer::finish`] leaves an unfinished file, for the caller to remove.
pub(crate) struct Writer {
    conn: Connection,
    path: PathBuf,
    table: String,
    geometry: GeometryKind,
    srs_id: i32,
    insert: String,
    boxes: Pile,
    blob: Vec<u8>,
    count: u64,
}

impl Writer {
    /// Makes the file, which must not exist yet, with an empty table.
    pub fn create(path: &Path, spec: &TableSpec<'_>) -> Result<Self> {
        let fail = |e| LayersError::sqlite(path, "writing", e);
        // SQLite would answer every refusal of the system with "unable to open": make the file first, to learn the reason.
        std::fs::File::create_new(path).map_err(|e| LayersError::io(path, "writing", e))?;
        let conn = Connection::open(path).map_err(fail)?;
        // The file is new and gets its name only when it is complete: a journal would double the work and protect nothing.
        conn.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384; BEGIN;",
        )
        .map_err(fail)?;
        let srs_id = Self::create_tables(&conn, spec).map_err(fail)?;
        let n = spec.fields.len() + 3;
        let marks: Vec<String> = (1..=n).map(|i| format!("?{i}")).collect();
        Ok(Self {
            conn,
            path: path.to_owned(),
            table: spec.table.to_owned(),
            geometry: spec.geometry,
            srs_id,
            insert: format!("INSERT INTO {} VALUES ({})", quoted(spec.table), marks.join(",")),
            boxes: Pile::create(path.parent().unwrap_or(Path::new(".")))
                .map_err(|e| LayersError::io(path, "writing", e))?,
            blob: Vec::new(),
            count: 0,
        })
    }

    fn create_tables(conn: &Connection, spec: &TableSpec<'_>) -> rusqlite::Result<i32> {
        let srs_id = tables::create_base(conn, spec.crs)?;
        let shape = match spec.geometry {
            GeometryKind::Point => "POINT",
            GeometryKind::Line => "MULTILINESTRING",
            GeometryKind::Polygon => "MULTIPOLYGON",
            GeometryKind::PolygonOrPoint | GeometryKind::Any => "GEOMETRY",
        };
        let mut sql = format!(
            "CREATE TABLE {} ({FID} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {GEOMETRY} {shape}, {ID} TEXT NOT NULL",
            quoted(spec.table)
        );
        for field in spec.fields {
            let kind = match field.kind {
                FieldType::Text => "TEXT",
                FieldType::Number => "REAL",
                FieldType::Integer => "INTEGER",
                FieldType::Boolean => "BOOLEAN",
                FieldType::Date => "DATE",
            };
            let _ = write!(sql, ", {} {kind}", quoted(&field.name));
        }
        sql.push(')');
        conn.execute_batch(&sql)?;
        let made_at = format!("{:.3}", spec.made_at);
        conn.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
             VALUES (?1, 'features', ?2, ?3, ?4, ?5)",
            params![spec.table, spec.title, spec.description, made_at, srs_id],
        )?;
        conn.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, ?3, ?4, 0, 0)",
            params![spec.table, GEOMETRY, shape, srs_id],
        )?;
        conn.execute(
            "INSERT INTO gpkg_metadata VALUES (1, 'dataset', 'http://gdal.org', 'text/xml', ?1)",
            [gdal_metadata(spec.metadata)],
        )?;
        conn.execute(
            "INSERT INTO gpkg_metadata_reference VALUES ('table', ?1, NULL, NULL, ?2, 1, NULL)",
            params![spec.table, made_at],
        )?;
        tables::create_rtree(conn, spec.table, GEOMETRY)?;
        Ok(srs_id)
    }

    /// Adds a feature; `values` in the order of the table's fields.
    pub fn push(
        &mut self,
        id: &str,
        geometry: Option<Geometry<f64>>,
        values: &[Option<Value>],
    ) -> Result<()> {
        let fid = i64::try_from(self.count).unwrap_or(i64::MAX) + 1;
        let geometry = geometry.map(|g| blob::declared(g, self.geometry));
        let bounds = geometry
            .as_ref()
            .and_then(|g| blob::encode(g, self.srs_id, &mut self.blob));
        self.insert_row(fid, id, bounds.is_some(), values)
            .map_err(|e| LayersError::sqlite(&self.path, "writing", e))?;
        self.count += 1;
        if let Some(bounds) = bounds {
            let waiting = Waiting {
                bounds,
                key: self.count,
                size: 0,
            };
            self.boxes
                .push(waiting)
                .map_err(|e| LayersError::io(&self.path, "writing", e))?;
        }
        Ok(())
    }

    fn insert_row(&self, fid: i64, id: &str, placed: bool, values: &[Option<Value>]) -> rusqlite::Result<()> {
        let mut insert = self.conn.prepare_cached(&self.insert)?;
        insert.raw_bind_parameter(1, fid)?;
        insert.raw_bind_parameter(2, placed.then_some(self.blob.as_slice()))?;
        insert.raw_bind_parameter(3, id)?;
        for (i, value) in values.iter().enumerate() {
            insert.raw_bind_parameter(i + 4, value)?;
        }
        insert.raw_execute()?;
        Ok(())
    }

    /// Number of features written until now.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The box around all features so far, in the table's CRS.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        self.boxes.extent()
    }

    /// Completes the file, flushes it to the disk and checks it. It may take its final name afterwards.
    pub fn finish(self) -> Result<()> {
        let Self {
            conn,
            path,
            table,
            boxes,
            ..
        } = self;
        let fail = |e| LayersError::sqlite(&path, "writing", e);
        if let Some([x0, y0, x1, y1]) = boxes.extent() {
            conn.execute(
                "UPDATE gpkg_contents SET min_x = ?1, min_y = ?2, max_x = ?3, max_y = ?4",
                params![x0, y0, x1, y1],
            )
            .map_err(fail)?;
        }
        rtree::fill(&conn, &table, GEOMETRY, boxes).map_err(|e| match e {
            FillError::Io(e) => LayersError::io(&path, "writing", e),
            FillError::Sqlite(e) => fail(e),
        })?;
        conn.execute_batch(&format!(
            "CREATE UNIQUE INDEX {} ON {} ({ID});",
            quoted(&format!("{table}_by_id")),
            quoted(&table)
        ))
        .and_then(|()| tables::create_rtree_triggers(&conn, &table, GEOMETRY, FID))
        .and_then(|()| conn.execute_batch("COMMIT; PRAGMA journal_mode = DELETE;"))
        .map_err(fail)?;
        conn.close().map_err(|(_, e)| fail(e))?;
        sync(&path)
    }
}

/// Makes sure that a file's bytes are on the disk.
pub(crate) fn sync(path: &Path) -> Result<()> {
    let io = |e| LayersError::io(path, "writing", e);
    std::fs::File::open(path).map_err(io)?.sync_all().map_err(io)
}

/// Metadata in the form that GDAL and QGIS read from a GeoPackage.
fn gdal_metadata(items: &[(String, String)]) -> String {
    let mut xml = String::from("<GDALMultiDomainMetadata>\n  <Metadata>\n");
    for (key, value) in items {
        let _ = writeln!(xml, "    <MDI key=\"{}\">{}</MDI>", escaped(key), escaped(value));
    }
    xml.push_str("  </Metadata>\n</GDALMultiDomainMetadata>\n");
    xml
}

/// Text as it may stand in XML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Text(text) => text.as_str().into(),
            Self::Integer(n) => (*n).into(),
            Self::Number(n) => (*n).into(),
            Self::Boolean(b) => (*b).into(),
            Self::Date(day) => day.to_string().into(),
        })
    }
}
