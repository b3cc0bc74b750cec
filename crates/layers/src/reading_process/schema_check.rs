//! The schema of a SQLite file (`GeoPackage`, `SpatiaLite` or another), looked at before GDAL opens it. A table of a virtual kind can read
//! other files and addresses, a view can go on without end; both begin to work as soon as somebody lists the layers.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::handed::belonging;
use super::limits::{SCHEMA_OBJECTS, SCHEMA_TEXT_BYTES};
use super::sql::{self, Token};
use crate::error::{LayersError, Result, base_name};
use crate::text::thousands;

/// Kinds of virtual tables that hold their content within the file.
const VIRTUAL_KINDS: &[&str] = &["rtree", "rtree_i32", "fts3", "fts4", "fts5"];

/// Kinds that every `SpatiaLite` file has; harmless where they are given nothing.
const VIRTUAL_WITHOUT_ARGUMENTS: &[&str] = &[
    "virtualspatialindex",
    "virtualelementary",
    "virtualknn",
    "virtualknn2",
];

/// Functions that look at nothing but their arguments.
const PLAIN_FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "cast",
    "coalesce",
    "count",
    "date",
    "datetime",
    "group_concat",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "julianday",
    "length",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "printf",
    "format",
    "quote",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "strftime",
    "substr",
    "substring",
    "sum",
    "time",
    "total",
    "trim",
    "typeof",
    "unicode",
    "upper",
    "raise",
    "geometryconstraints",
    "rtreealign",
    "st_area",
    "st_astext",
    "st_centroid",
    "st_isempty",
    "st_length",
    "st_maxx",
    "st_maxy",
    "st_minx",
    "st_miny",
    "st_srid",
    "st_x",
    "st_y",
];

/// Beginnings of functions of `SpatiaLite` that look at documents within the file.
const PLAIN_BEGINNINGS: &[&str] = &["xb_get", "xb_is"];

/// Beginnings of the names of tables that the triggers of `GeoPackage` and `SpatiaLite` keep.
const KEPT_BY_TRIGGERS: &[&str] = &[
    "rtree_",
    "gpkg_",
    "idx_",
    "geometry_columns",
    "views_geometry_columns",
    "virts_geometry_columns",
    "spatialite_",
    "layer_",
    "vector_",
    "raster_",
    "se_",
    "iso_metadata",
    "spatial_ref_sys",
    "wms_",
    "rl2map",
];

/// Checks a file and those that belong to it, if they are SQLite's.
pub(crate) fn check(path: &Path) -> Result<()> {
    let beside = belonging(path).into_iter().map(|(path, _)| path);
    check_all(&std::iter::once(path.to_owned()).chain(beside).collect::<Vec<_>>())
}

/// Checks files that lie together, as far as they are SQLite's.
pub(super) fn check_all(files: &[PathBuf]) -> Result<()> {
    files
        .iter()
        .filter(|file| !file.is_dir())
        .try_for_each(|file| check_one(file, files))
}

fn check_one(path: &Path, beside: &[PathBuf]) -> Result<()> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(16).read_to_end(&mut start))
        .map_err(|e| LayersError::unreadable(path, e.to_string()))?;
    if start.starts_with(b"-- SQL ") {
        return Err(LayersError::unreadable(
            path,
            "it is a list of SQL commands, which are not carried out: make a GeoPackage of it first",
        ));
    }
    if !start.starts_with(b"SQLite format 3\0") {
        return Ok(());
    }
    let unfinished = ["-wal", "-journal"].iter().find_map(|end| {
        let name = base_name(path).to_lowercase() + end;
        beside
            .iter()
            .find(|other| base_name(other).to_lowercase() == name)
            .filter(|other| other.metadata().is_ok_and(|data| data.len() > 0))
    });
    if let Some(other) = unfinished {
        return Err(LayersError::unreadable(
            path,
            format!(
                "another program has it open, or left it unfinished ({} lies beside it): close it there, then try again",
                base_name(other)
            ),
        ));
    }
    let definitions = definitions(path)
        .map_err(|e| LayersError::unreadable(path, format!("its tables cannot be listed ({e})")))?;
    if definitions.len() > SCHEMA_OBJECTS {
        return Err(LayersError::unreadable(
            path,
            format!(
                "it has more than {} tables, views and indexes",
                thousands(SCHEMA_OBJECTS as u64)
            ),
        ));
    }
    for (name, definition) in definitions {
        judge(&name, definition.as_deref()).map_err(|cause| LayersError::unreadable(path, cause))?;
    }
    Ok(())
}

/// Names and definitions of all that the schema holds. Nothing of it is put to use: SQLite reads a definition when it meets the name.
fn definitions(path: &Path) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let escaped = path
        .to_string_lossy()
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    let mut statement = connection.prepare(
        "SELECT CAST(name AS TEXT), CASE WHEN length(sql) > ?1 THEN 'too long' ELSE CAST(sql AS TEXT) END FROM sqlite_master LIMIT ?2",
    )?;
    let text = |row: &rusqlite::Row<'_>, index| {
        let value = row.get_ref(index)?;
        let bytes = value.as_bytes_or_null()?;
        Ok::<_, rusqlite::Error>(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    };
    let rows = statement.query_map((SCHEMA_TEXT_BYTES as i64, SCHEMA_OBJECTS as i64 + 1), |row| {
        Ok((text(row, 0)?.unwrap_or_default(), text(row, 1)?))
    })?;
    rows.collect()
}

/// Says what is wrong with a definition. By its words, not by what the schema calls it: that may be a lie.
fn judge(name: &str, definition: Option<&str>) -> std::result::Result<(), String> {
    // An index that SQLite made of its own accord.
    let Some(definition) = definition else {
        return Ok(());
    };
    let tokens = sql::tokens(definition);
    let at = |index: usize, keyword: &str| tokens.get(index).is_some_and(|token| token.is(keyword));
    let shown: String = name.chars().take(60).filter(|c| !c.is_control()).collect();
    if !at(0, "create") {
        return Err(format!("its schema is damaged (at '{shown}')"));
    }
    if at(1, "virtual") && at(2, "table") {
        let module = tokens
            .iter()
            .position(|token| token.is("using"))
            .map(|using| &tokens[using + 1..]);
        return match module {
            Some([kind, ..]) if kind.name().is_some_and(|kind| VIRTUAL_KINDS.contains(&kind)) => Ok(()),
            Some([kind] | [kind, Token::Sign('('), Token::Sign(')')])
                if kind
                    .name()
                    .is_some_and(|kind| VIRTUAL_WITHOUT_ARGUMENTS.contains(&kind)) =>
            {
                Ok(())
            }
            _ => Err(format!(
                "its table '{shown}' is a virtual one, which could read other files or addresses: copy the layer you need into a new GeoPackage"
            )),
        };
    }
    if at(1, "table") || at(1, "index") || at(1, "unique") && at(2, "index") {
        return Ok(());
    }
    if at(1, "view") {
        return judge_view(&tokens).map_err(|why| {
            format!("its view '{shown}' {why}: copy what it shows into a table of a new GeoPackage")
        });
    }
    if at(1, "trigger") {
        return if is_own_trigger(&tokens) {
            Ok(())
        } else {
            Err(format!(
                "its trigger '{shown}' is none of GeoPackage's own: copy the layer you need into a new GeoPackage"
            ))
        };
    }
    Err(format!("its schema is damaged (at '{shown}')"))
}

/// A view may choose and join what tables hold.
fn judge_view(tokens: &[Token]) -> std::result::Result<(), String> {
    let body = tokens
        .iter()
        .position(|token| token.is("as"))
        .map_or(tokens, |start| &tokens[start + 1..]);
    if body.iter().any(|token| token.is("with")) {
        return Err("could go on without end (WITH)".into());
    }
    let foreign = |name: &str| {
        ["pragma_", "sqlite_", "virtual"]
            .iter()
            .any(|start| name.starts_with(start))
            || [
                "json_each",
                "json_tree",
                "dbstat",
                "fts3tokenize",
                "generate_series",
            ]
            .contains(&name)
    };
    if let Some(name) = body.iter().filter_map(Token::name).find(|name| foreign(name)) {
        return Err(format!("shows '{name}', which is no table of the file"));
    }
    match sql::calls(body).find(|name| !is_plain(name)) {
        Some(call) => Err(format!(
            "calls the function '{}'",
            call.chars().take(60).collect::<String>()
        )),
        None => Ok(()),
    }
}

/// Whether a trigger only refuses what breaks a rule, or keeps an index or a count. (None ever fires here: nothing is written.)
fn is_own_trigger(tokens: &[Token]) -> bool {
    let body = tokens
        .iter()
        .position(|token| token.is("begin"))
        .map_or(&tokens[..0], |start| &tokens[start + 1..]);
    let written = body.iter().enumerate().filter_map(|(index, token)| {
        let word = |i: usize, keyword: &str| body.get(i).is_some_and(|token| token.is(keyword));
        let next = if token.is("into") || token.is("delete") && word(index + 1, "from") {
            index + 1 + usize::from(token.is("delete"))
        } else if token.is("update") {
            index + 1 + 2 * usize::from(word(index + 1, "or"))
        } else {
            return None;
        };
        Some(body.get(next).and_then(Token::name).unwrap_or_default())
    });
    let mut written = written.filter(|name| !KEPT_BY_TRIGGERS.iter().any(|start| name.starts_with(start)));
    // `INSERT INTO table (columns)` looks like a call.
    let called = sql::calls(body)
        .all(|name| is_plain(name) || KEPT_BY_TRIGGERS.iter().any(|start| name.starts_with(start)));
    !body.is_empty() && called && written.next().is_none()
}

fn is_plain(function: &str) -> bool {
    PLAIN_FUNCTIONS.contains(&function) || PLAIN_BEGINNINGS.iter().any(|start| function.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(sql: &str) -> std::result::Result<(), String> {
        judge("x", Some(sql))
    }

    #[test]
    fn tables_indexes_and_plain_views_pass() {
        for sql in [
            "CREATE TABLE a (b TEXT DEFAULT (strftime('%Y','now')))",
            "CREATE UNIQUE INDEX i ON a (b)",
            "CREATE VIRTUAL TABLE \"rtree_a_geom\" USING rtree(id, minx, maxx, miny, maxy)",
            "create virtual table if not exists s using FTS5(name)",
            "CREATE VIRTUAL TABLE SpatialIndex USING VirtualSpatialIndex()",
            "CREATE VIEW v (x) AS SELECT coalesce(a.b, 0) FROM a JOIN c ON (a.id = c.id) WHERE a.id IN (1, 2)",
            "CREATE TRIGGER t BEFORE INSERT ON a BEGIN SELECT RAISE(ABORT, 'no (') WHERE (NEW.z < 0); END",
            "CREATE TRIGGER \"rtree_a_geom_insert\" AFTER INSERT ON a WHEN (new.g NOT NULL AND NOT ST_IsEmpty(NEW.g)) BEGIN INSERT OR REPLACE INTO \"rtree_a_geom\" VALUES (NEW.fid, ST_MinX(NEW.g)); END",
            "CREATE TRIGGER c AFTER INSERT ON a BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count + 1 WHERE lower(table_name) = lower('a'); END",
        ] {
            assert_eq!(verdict(sql), Ok(()), "{sql}");
        }
        assert_eq!(judge("sqlite_autoindex_a_1", None), Ok(()));
    }

    #[test]
    fn what_could_reach_out_or_go_on_for_ever_is_refused() {
        for sql in [
            "CREATE VIRTUAL TABLE v USING VirtualText('/some/file', 'UTF-8', 0)",
            "CREATE VIRTUAL TABLE v USING \"VirtualOGR\"('/vsicurl/http://127.0.0.1/')",
            "CREATE /* x */ VIRTUAL\nTABLE v USING virtualshape('a', 'UTF-8', 4326)",
            "CREATE VIRTUAL TABLE v USING VirtualSpatialIndex('x')",
            "CREATE VIRTUAL TABLE rtree",
            "CREATE VIEW v AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c",
            "CREATE VIEW v AS SELECT load_extension('x')",
            "CREATE VIEW v AS SELECT BlobFromFile ('/some/file')",
            "CREATE VIEW v AS SELECT \"readfile\"('/some/file')",
            "CREATE VIEW v AS SELECT * FROM pragma_database_list",
            "CREATE VIEW v AS SELECT * FROM generate_series(1, 9)",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 1; END",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT load_extension('x'); END",
            "CREATE TRIGGER t AFTER INSERT ON a",
            "ATTACH DATABASE 'x' AS y",
            "CREATE TEMP VIEW v AS SELECT 1",
            "too long",
            "",
        ] {
            assert!(verdict(sql).is_err(), "{sql}");
        }
    }
}
