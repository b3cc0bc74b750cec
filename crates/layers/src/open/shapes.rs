//! Ids and shapes alone, at the speed of the disk: other columns are not asked for, and a `GeoPackage` is read in parts by several threads.
//! They come as frames of [`crate::reading_process`], to be taken apart by whoever wants them.

use std::path::Path;

use gdal::vector::LayerAccess;
use rayon::prelude::*;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::VectorFile;
use super::placement::Placement;
use crate::error::{LayersError, Result};
use crate::gpkg::{quoted, single};
use crate::reading_process::{Outline, write_outline};
use crate::value::FieldType;

/// Rows of one part: enough that opening the file once more costs nothing beside them.
const PART: i64 = 16_384;

/// A frame is closed when it is so long.
const FRAME: usize = 1 << 20;

/// The table of a `GeoPackage`, as SQL names it.
struct Table {
    name: String,
    geometry: String,
    id: Option<String>,
    /// The column of the rows' numbers.
    number: String,
    /// Numbers of the first row and the last one.
    rows: (i64, i64),
}

impl VectorFile {
    /// Hands over frames with the ids (none where a record has none) and the shapes, in the order and CRS of the file. A record whose
    /// shape cannot be read comes with none.
    pub fn outlines(&self, mut send: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        match self.table() {
            Some(table) => table_outlines(&self.inner, &table, &mut send),
            None => self.streamed_outlines(&mut send),
        }
    }

    /// The one table that is read, where the file is a `GeoPackage`, the table has row numbers (a view has none), and its ids are written
    /// as they are stored.
    fn table(&self) -> Option<Table> {
        let [name] = &self.layers[..] else { return None };
        if self.dataset.driver().short_name() != "GPKG" || self.placement != Placement::Native {
            return None;
        }
        let id = self.id.map(|index| &self.columns[index]);
        if id.is_some_and(|id| !matches!(id.kind, FieldType::Text | FieldType::Integer)) {
            return None;
        }
        let layer = self.dataset.layer_by_name(name).ok()?;
        let geometry = layer.defn().geom_fields().next()?.name();
        let connection = connect(&self.inner).ok()?;
        let number = quoted(&row_number(&connection, name)?);
        let name = quoted(name);
        let range = format!("SELECT min({number}), max({number}) FROM {name}");
        let ends = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let rows = connection.query_row(&range, [], ends).ok()?;
        Some(Table {
            number,
            name,
            geometry: quoted(&geometry),
            id: id.map(|id| quoted(&id.name)),
            rows,
        })
    }

    /// Any other file, read by one thread.
    fn streamed_outlines(&self, send: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let wanted: Vec<usize> = match &self.placement {
            Placement::Native => self.id.into_iter().collect(),
            // The place of the record stands in other columns.
            Placement::Columns(_) => (0..self.columns.len()).collect(),
        };
        let mut frame = Vec::with_capacity(FRAME);
        self.for_each_raw_of(Some(&wanted), |raw| {
            let id = self
                .id
                .and_then(|index| raw.row[index].as_ref())
                .map(ToString::to_string);
            let shape = raw.shape.ok().flatten().map(|parsed| single(parsed.geometry));
            let outline = shape.as_ref().map_or(Outline::None, Outline::Wkb);
            write_outline(id.as_deref(), &outline, &mut frame);
            if frame.len() < FRAME {
                return Ok(());
            }
            send(&frame)?;
            frame.clear();
            Ok(())
        })?;
        send(&frame)
    }
}

/// The name under which a table's rows have their numbers: its integer primary key, else one of `SQLite`'s own names that no column of the
/// table has taken. A column called `rowid` holds whatever somebody put there.
fn row_number(connection: &Connection, table: &str) -> Option<String> {
    let mut statement = connection
        .prepare("SELECT name, type, pk FROM pragma_table_info(?1)")
        .ok()?;
    let columns: Vec<(String, String, i64)> = statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .ok()?
        .collect::<rusqlite::Result<_>>()
        .ok()?;
    let mut keys = columns.iter().filter(|(.., key)| *key > 0);
    if let (Some((name, kind, _)), None) = (keys.next(), keys.next())
        && kind.eq_ignore_ascii_case("INTEGER")
    {
        return Some(name.clone());
    }
    let taken = |name: &str| {
        columns
            .iter()
            .any(|(column, ..)| column.eq_ignore_ascii_case(name))
    };
    ["rowid", "_rowid_", "oid"]
        .into_iter()
        .find(|name| !taken(name))
        .map(str::to_owned)
}

fn table_outlines(path: &Path, table: &Table, send: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let (first, last) = table.rows;
    let parts = (last.saturating_sub(first) / PART + 1).clamp(1, 4096);
    let step = last.saturating_sub(first) / parts + 1;
    let starts: Vec<i64> = (0..parts).map(|part| first.saturating_add(part * step)).collect();
    let sql = format!(
        "SELECT {}, {} FROM {} WHERE {number} BETWEEN ?1 AND ?2 ORDER BY {number}",
        table.geometry,
        table.id.as_deref().unwrap_or("NULL"),
        table.name,
        number = table.number
    );
    // So many at a time that no thread idles for long, and frames do not pile up.
    for group in starts.chunks(4 * rayon::current_num_threads()) {
        let read: Vec<rusqlite::Result<Vec<Vec<u8>>>> = group
            .par_iter()
            .map_init(
                || connect(path),
                |connection, start| {
                    let connection = match connection {
                        Ok(connection) => connection,
                        // The error itself cannot be shared; opening again tells it, or mends it.
                        Err(_) => &mut connect(path)?,
                    };
                    part(connection, &sql, (*start, start.saturating_add(step - 1)))
                },
            )
            .collect();
        for part in read {
            for frame in part.map_err(|error| LayersError::sqlite(path, "reading", error))? {
                send(&frame)?;
            }
        }
    }
    Ok(())
}

fn part(connection: &Connection, sql: &str, rows: (i64, i64)) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(rows)?;
    let mut frames = Vec::new();
    let mut frame = Vec::with_capacity(FRAME);
    while let Some(row) = found.next()? {
        let outline = match row.get_ref(0)? {
            ValueRef::Blob(blob) => Outline::Blob(blob),
            _ => Outline::None,
        };
        let id = match row.get_ref(1)? {
            ValueRef::Text(text) if !text.is_empty() => Some(String::from_utf8_lossy(text)),
            ValueRef::Integer(number) => Some(number.to_string().into()),
            ValueRef::Real(number) => Some(number.to_string().into()),
            _ => None,
        };
        write_outline(id.as_deref(), &outline, &mut frame);
        if frame.len() >= FRAME {
            frames.push(std::mem::replace(&mut frame, Vec::with_capacity(FRAME)));
        }
    }
    frames.push(frame);
    Ok(frames)
}

/// A connection of one thread's own.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
}
