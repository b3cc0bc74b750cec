//! The tables that make an SQLite file a GeoPackage 1.3 (OGC 12-128r18).

use rusqlite::{Connection, params};

use super::quoted;
use crate::crs::Crs;

const BASE: &str = "
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
INSERT INTO gpkg_extensions VALUES
  ('gpkg_metadata', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec121/#extension_metadata', 'read-write'),
  ('gpkg_metadata_reference', NULL, 'gpkg_metadata', 'http://www.geopackage.org/spec121/#extension_metadata', 'read-write');
";

/// Number under which a CRS without an EPSG code stands in the file.
const OWN_SRS_ID: i32 = 100_000;

/// Makes the tables every GeoPackage has, and returns the number of `crs` in it.
pub(super) fn create_base(conn: &Connection, crs: &Crs) -> rusqlite::Result<i32> {
    conn.execute_batch(BASE)?;
    let mut add = conn.prepare(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    add.execute(params!["Undefined Cartesian SRS", -1, "NONE", -1, "undefined"])?;
    add.execute(params!["Undefined geographic SRS", 0, "NONE", 0, "undefined"])?;
    let wgs84 = Crs::wgs84();
    add.execute(params![
        "WGS 84 geodetic",
        4326,
        "EPSG",
        4326,
        wgs84.to_wkt().unwrap_or_default()
    ])?;
    let id = crs.epsg().unwrap_or(OWN_SRS_ID);
    let organisation = if crs.epsg().is_some() { "EPSG" } else { "NONE" };
    add.execute(params![
        crs.name(),
        id,
        organisation,
        id,
        crs.to_wkt().unwrap_or_else(|_| "undefined".into())
    ])?;
    Ok(id)
}

/// The R-tree's table; rows go in while features do.
pub(super) fn create_rtree(conn: &Connection, table: &str, column: &str) -> rusqlite::Result<()> {
    conn.execute_batch(&format!(
        "CREATE VIRTUAL TABLE {} USING rtree(id, minx, maxx, miny, maxy)",
        quoted(&rtree_name(table, column))
    ))?;
    conn.execute(
        "INSERT INTO gpkg_extensions VALUES (?1, ?2, 'gpkg_rtree_index',
         'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        params![table, column],
    )?;
    Ok(())
}

/// Name of the R-tree's table.
pub(super) fn rtree_name(table: &str, column: &str) -> String {
    format!("rtree_{table}_{column}")
}

/// The triggers by which desktop programs keep the R-tree right when they edit; made last, for they need functions that only those have.
pub(super) fn create_rtree_triggers(
    conn: &Connection,
    table: &str,
    column: &str,
    key: &str,
) -> rusqlite::Result<()> {
    let name = rtree_name(table, column);
    let (t, c, i, r) = (quoted(table), quoted(column), quoted(key), quoted(&name));
    let has = |row: &str| format!("({row}.{c} NOTNULL AND NOT ST_IsEmpty({row}.{c}))");
    let lacks = |row: &str| format!("({row}.{c} ISNULL OR ST_IsEmpty({row}.{c}))");
    let (new_has, new_lacks, old_has, old_lacks) = (has("NEW"), lacks("NEW"), has("OLD"), lacks("OLD"));
    let values = format!("NEW.{i}, ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c})");
    let put = format!("INSERT OR REPLACE INTO {r} VALUES ({values});");
    let drop_old = format!("DELETE FROM {r} WHERE id = OLD.{i};");
    let trigger = |suffix: &str, event: &str, when: &str, body: &str| {
        format!(
            "CREATE TRIGGER {} AFTER {event} ON {t} WHEN {when} BEGIN {body} END;\n",
            quoted(&format!("{name}_{suffix}"))
        )
    };
    let same = format!("OLD.{i} = NEW.{i}");
    let moved = format!("OLD.{i} != NEW.{i}");
    let on_shape = format!("UPDATE OF {c}");
    let shift = format!(
        "UPDATE {r} SET minx = ST_MinX(NEW.{c}), maxx = ST_MaxX(NEW.{c}), miny = ST_MinY(NEW.{c}), maxy = ST_MaxY(NEW.{c}) WHERE id = NEW.{i};"
    );
    let sql = [
        trigger("insert", "INSERT", &new_has, &put),
        trigger(
            "update2",
            &on_shape,
            &format!("{same} AND {new_lacks}"),
            &drop_old,
        ),
        trigger(
            "update4",
            "UPDATE",
            &format!("{moved} AND {new_lacks}"),
            &format!("DELETE FROM {r} WHERE id IN (OLD.{i}, NEW.{i});"),
        ),
        trigger(
            "update5",
            "UPDATE",
            &format!("{moved} AND {new_has}"),
            &format!("{drop_old} {put}"),
        ),
        trigger(
            "update6",
            &on_shape,
            &format!("{same} AND {new_has} AND {old_has}"),
            &shift,
        ),
        trigger(
            "update7",
            &on_shape,
            &format!("{same} AND {new_has} AND {old_lacks}"),
            &put,
        ),
        trigger("delete", "DELETE", &format!("OLD.{c} NOT NULL"), &drop_old),
    ];
    conn.execute_batch(&sql.concat())
}
