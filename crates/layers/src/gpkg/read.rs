//! Reading stored layers: all of it, a box, a page, one feature. Bounded memory: rows are handed over one by one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use super::{FID, GEOMETRY, ID, blob, quoted, tables};
use crate::error::{LayersError, Result, base_name};
use crate::value::{Feature, Field, FieldType, Value};

/// Which features of a layer are wanted. The default is all of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query {
    /// Only features whose box meets this one: `[min x, min y, max x, max y]` in the layer's CRS.
    pub bbox: Option<[f64; 4]>,
    /// Only features after this number; how a page continues at the same cost wherever it is.
    pub after: Option<i64>,
    /// No more than so many.
    pub limit: Option<usize>,
}

/// A stored vector layer, opened for reading. Features come in the deployment's CRS, ordered by number.
///
/// It may move to another thread but not be shared; open it once per thread, that is cheap.
pub struct VectorLayer {
    conn: Connection,
    path: PathBuf,
    table: String,
    fields: Arc<[Field]>,
    columns: String,
}

impl VectorLayer {
    /// Opens a layer's file.
    pub fn open(path: &Path, table: &str, fields: &[Field]) -> Result<Self> {
        if !path.is_file() {
            return Err(LayersError::Damaged {
                file: base_name(path),
                cause: "the file is missing".into(),
            });
        }
        let conn = read_only(path).map_err(|e| LayersError::sqlite(path, "reading", e))?;
        let mut columns = format!("t.{FID}, t.{GEOMETRY}, t.{ID}");
        for field in fields {
            columns.push_str(", t.");
            columns.push_str(&quoted(&field.name));
        }
        Ok(Self {
            conn,
            path: path.to_owned(),
            table: table.to_owned(),
            fields: fields.into(),
            columns,
        })
    }

    /// The layer's fields, besides id and geometry.
    pub fn fields(&self) -> &Arc<[Field]> {
        &self.fields
    }

    /// Number of features.
    pub fn count(&self) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM {}", quoted(&self.table));
        let n: i64 = self
            .conn
            .query_row(&sql, [], |row| row.get(0))
            .map_err(|e| self.failed(e))?;
        Ok(n.unsigned_abs())
    }

    /// Hands each wanted feature to `each`; stops at its first error, which becomes the answer.
    pub fn for_each<E: From<LayersError>>(
        &self,
        query: &Query,
        mut each: impl FnMut(Feature) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let table = quoted(&self.table);
        let mut sql = format!("SELECT {} FROM {table} t WHERE t.{FID} > ?1", self.columns);
        if query.bbox.is_some() {
            let rtree = quoted(&tables::rtree_name(&self.table, GEOMETRY));
            // Through IN, rows come by number (the same order on every run) and each is fetched once.
            let _ = write!(
                sql,
                " AND t.{FID} IN (SELECT id FROM {rtree} WHERE maxx >= ?3 AND minx <= ?5 AND maxy >= ?4 AND miny <= ?6)"
            );
        }
        let _ = write!(sql, " ORDER BY t.{FID} LIMIT ?2");
        let failed = |e| E::from(self.failed(e));
        let mut statement = self.conn.prepare_cached(&sql).map_err(failed)?;
        let limit = query.limit.map_or(-1, |n| i64::try_from(n).unwrap_or(i64::MAX));
        statement
            .raw_bind_parameter(1, query.after.unwrap_or(i64::MIN))
            .map_err(failed)?;
        statement.raw_bind_parameter(2, limit).map_err(failed)?;
        for (i, bound) in query.bbox.iter().flatten().enumerate() {
            statement.raw_bind_parameter(i + 3, bound).map_err(failed)?;
        }
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            each(self.feature(row)?)?;
        }
        Ok(())
    }

    /// The wanted features at once; for layers or pages known to be small enough.
    pub fn features(&self, query: &Query) -> Result<Vec<Feature>> {
        let mut all = Vec::new();
        self.for_each(query, |feature| {
            all.push(feature);
            Ok::<(), LayersError>(())
        })?;
        Ok(all)
    }

    /// The feature with this id.
    pub fn by_id(&self, id: &str) -> Result<Option<Feature>> {
        let sql = format!(
            "SELECT {} FROM {} t WHERE t.{ID} = ?1",
            self.columns,
            quoted(&self.table)
        );
        let mut statement = self.conn.prepare_cached(&sql).map_err(|e| self.failed(e))?;
        let found = statement.query_row([id], |row| Ok(self.feature(row))).optional();
        found.map_err(|e| self.failed(e))?.transpose()
    }

    /// Number and box of every feature that has a place, in no particular order. Boxes are rounded outwards to single precision.
    pub fn boxes(&self) -> Result<Vec<(i64, [f64; 4])>> {
        let rtree = quoted(&tables::rtree_name(&self.table, GEOMETRY));
        let failed = |e| self.failed(e);
        let mut statement = self
            .conn
            .prepare(&format!("SELECT id, minx, miny, maxx, maxy FROM {rtree}"))
            .map_err(failed)?;
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]))
        });
        rows.map_err(failed)?
            .collect::<rusqlite::Result<_>>()
            .map_err(failed)
    }

    /// Hands over the features of these numbers, in this order; a number that no feature has is passed over.
    pub fn by_number(&self, fids: &[i64], mut each: impl FnMut(Feature) -> Result<()>) -> Result<()> {
        let sql = format!(
            "SELECT {} FROM {} t WHERE t.{FID} = ?1",
            self.columns,
            quoted(&self.table)
        );
        let failed = |e| self.failed(e);
        let mut statement = self.conn.prepare_cached(&sql).map_err(failed)?;
        for fid in fids {
            let mut rows = statement.query([fid]).map_err(failed)?;
            if let Some(row) = rows.next().map_err(failed)? {
                each(self.feature(row)?)?;
            }
        }
        Ok(())
    }

    fn feature(&self, row: &Row<'_>) -> Result<Feature> {
        let failed = |e| self.failed(e);
        let fid = row.get(0).map_err(failed)?;
        let id: String = row.get(2).map_err(failed)?;
        let geometry = match row.get_ref(1).map_err(failed)? {
            ValueRef::Blob(bytes) => {
                Some(blob::decode(bytes).map_err(|cause| self.damaged(&format!("feature {id}: {cause}")))?)
            }
            _ => None,
        };
        let mut values = Vec::with_capacity(self.fields.len());
        for (i, field) in self.fields.iter().enumerate() {
            let stored = row.get_ref(i + 3).map_err(|e| self.failed(e))?;
            values.push(value(stored, field.kind).map_err(|()| {
                self.damaged(&format!(
                    "feature {id}: the value of {} is no {:?}",
                    field.name, field.kind
                ))
            })?);
        }
        Ok(Feature {
            fid,
            id,
            geometry,
            fields: Arc::clone(&self.fields),
            values,
        })
    }

    fn failed(&self, e: rusqlite::Error) -> LayersError {
        LayersError::sqlite(&self.path, "reading", e)
    }

    fn damaged(&self, cause: &str) -> LayersError {
        LayersError::Damaged {
            file: base_name(&self.path),
            cause: cause.to_owned(),
        }
    }
}

fn value(stored: ValueRef<'_>, kind: FieldType) -> std::result::Result<Option<Value>, ()> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| ());
    Ok(Some(match (stored, kind) {
        (ValueRef::Null, _) => return Ok(None),
        (ValueRef::Text(bytes), FieldType::Text) => Value::Text(text(bytes)?),
        (ValueRef::Text(bytes), FieldType::Date) => Value::Date(text(bytes)?.parse().map_err(|_| ())?),
        (ValueRef::Integer(n), FieldType::Integer) => Value::Integer(n),
        (ValueRef::Integer(n), FieldType::Boolean) => Value::Boolean(n != 0),
        (ValueRef::Integer(n), FieldType::Number) => Value::Number(n as f64),
        (ValueRef::Real(n), FieldType::Number) => Value::Number(n),
        _ => return Err(()),
    }))
}

/// A connection to a stored file. Such a file never changes once it has its name, so SQLite needs neither locks nor a writable directory.
pub(crate) fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    let uri = format!("file:{}?immutable=1", uri_path(path));
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(uri, flags)
}

/// A path as part of an SQLite address: the few signs that mean something there are escaped.
fn uri_path(path: &Path) -> String {
    path.display()
        .to_string()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23")
}
