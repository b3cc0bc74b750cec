//! Entries of layers out of what is left: a damaged list, or a layer's file alone.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;

use super::seal::FileSeal;
use super::{LayerEntry, LayerKind, ReportSummary};
use crate::crs::{Crs, Reprojector};
use crate::deployment::Deployment;
use crate::error::base_name;
use crate::gpkg::{FID, GEOMETRY, ID, read_only};
use crate::import::attributes::{SEARCH, search_field};
use crate::raster::RasterFile;
use crate::schema::{GeometryKind, Role};
use crate::sources::return_period_in;
use crate::value::{Field, FieldType};

/// What an entry that was made again says of itself.
const WARNING: &str = "The catalogue was lost; this was made again from the layer's file. What the import had found is not known any more.";

/// The entries that can still be read in a damaged list.
pub(super) fn entries(bytes: &[u8]) -> Vec<LayerEntry> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|&byte| byte == b'{') {
        at += next;
        let mut stream = serde_json::Deserializer::from_slice(&bytes[at..]).into_iter::<LayerEntry>();
        match stream.next() {
            Some(Ok(entry)) => {
                at += stream.byte_offset().max(1);
                found.push(entry);
            }
            _ => at += 1,
        }
    }
    found
}

/// The entry of a layer as its file tells it; `Err` says in words why there is none.
pub(super) fn from_file(path: &Path, deployment: &Deployment) -> Result<LayerEntry, String> {
    if path.extension().is_some_and(|e| e == "gpkg") {
        from_geopackage(path, deployment)
    } else {
        from_raster(path, deployment)
    }
}

/// What both kinds of files say in the same words.
struct Told {
    role: Role,
    illustrative: bool,
    items: HashMap<String, String>,
}

impl Told {
    fn of(items: HashMap<String, String>, guessed: Option<Role>) -> Result<Self, String> {
        let role = items.get("ROLE").and_then(|name| {
            let mut results = [Role::RankedSites, Role::ReleasedTable].into_iter();
            name.parse()
                .ok()
                .or_else(|| results.find(|role| name == role.as_str()))
        });
        let role = role
            .or(guessed)
            .ok_or("it does not say what it is used for: import it again")?;
        // Generated data that nobody marks would be taken for real.
        let illustrative = match items.get("ILLUSTRATIVE").map(String::as_str) {
            Some("yes") => true,
            Some("no") => false,
            _ => return Err("it does not say whether it is illustrative: import it again".to_owned()),
        };
        Ok(Self {
            role,
            illustrative,
            items,
        })
    }

    fn text(&self, key: &str) -> String {
        self.items.get(key).cloned().unwrap_or_default()
    }
}

fn from_geopackage(path: &Path, deployment: &Deployment) -> Result<LayerEntry, String> {
    let words = |e: rusqlite::Error| format!("it cannot be read ({e})");
    let conn = read_only(path).map_err(words)?;
    let sound: String = conn
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(words)?;
    if sound != "ok" {
        return Err(format!("it is damaged ({sound})"));
    }
    let (name, changed, bounds, srs): (String, String, [f64; 4], i64) = conn
        .query_row(
            "SELECT table_name, last_change, min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents WHERE data_type IN ('features', 'attributes')",
            [],
            |row| {
                let bounds = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
                Ok((row.get(0)?, row.get(1)?, bounds, row.get(6)?))
            },
        )
        .map_err(words)?;
    if crate::import::check_name(&name).is_err() {
        return Err("it was not stored by this program".to_owned());
    }
    let definition: String = conn
        .query_row(
            "SELECT CASE WHEN organization = 'EPSG' THEN 'EPSG:' || organization_coordsys_id ELSE definition END
             FROM gpkg_spatial_ref_sys WHERE srs_id = ?1",
            [srs],
            |row| row.get(0),
        )
        .map_err(words)?;
    let shape: String = conn
        .query_row(
            "SELECT geometry_type_name FROM gpkg_geometry_columns WHERE table_name = ?1",
            [&name],
            |row| row.get(0),
        )
        .map_err(words)?;
    let xml: String = conn
        .query_row("SELECT metadata FROM gpkg_metadata WHERE id = 1", [], |row| {
            row.get(0)
        })
        .unwrap_or_default();
    let columns = columns(&conn, &name).map_err(words)?;
    let told = Told::of(metadata(&xml), guess(&name, &columns))?;
    let count: i64 = conn
        .query_row(
            &format!("SELECT count(*) FROM {}", crate::gpkg::quoted(&name)),
            [],
            |row| row.get(0),
        )
        .map_err(words)?;
    let crs = Crs::parse(&definition, deployment).map_err(|e| e.to_string())?;
    let known = told.role.fields();
    let fields = columns
        .into_iter()
        .map(|field| match known.iter().find(|spec| spec.name == field.name) {
            Some(spec) => spec.field(),
            None if field.name == SEARCH => search_field(),
            None => field,
        })
        .collect();
    let geometry = told.role.geometry().unwrap_or(match shape.as_str() {
        "POINT" => GeometryKind::Point,
        "MULTILINESTRING" => GeometryKind::Line,
        "MULTIPOLYGON" => GeometryKind::Polygon,
        _ => GeometryKind::Any,
    });
    let entry = Entry {
        path,
        name,
        kind: LayerKind::Vector,
        crs: &crs,
        bounds,
        imported_at: changed.parse().unwrap_or(Timestamp::UNIX_EPOCH),
    };
    let mut entry = entry.made(&told)?;
    entry.geometry = Some(geometry);
    entry.features = Some(count.unsigned_abs());
    entry.fields = fields;
    entry.report.read = count.unsigned_abs();
    entry.report.kept = count.unsigned_abs();
    Ok(entry)
}

fn from_raster(path: &Path, deployment: &Deployment) -> Result<LayerEntry, String> {
    let raster = RasterFile::own(path, deployment).map_err(|e| e.to_string())?;
    let crs = raster.crs().cloned().ok_or("it does not say its CRS")?;
    let file = base_name(path);
    let stem = file.strip_suffix(".tif").unwrap_or(&file);
    let name = without_hash(stem)
        .ok_or("it was not stored by this program")?
        .to_owned();
    let told = Told::of(raster.metadata().map_err(|e| e.to_string())?, guess(&name, &[]))?;
    let entry = Entry {
        path,
        name,
        kind: LayerKind::Raster,
        crs: &crs,
        bounds: raster.grid().bounds(),
        imported_at: Timestamp::UNIX_EPOCH,
    };
    let mut entry = entry.made(&told)?;
    entry.unit = Some("m".to_owned());
    entry.return_period = told
        .items
        .get("RETURN_PERIOD")
        .and_then(|years| years.parse().ok())
        .or_else(|| return_period_in(&entry.name, "rp"));
    if entry.role == Role::FloodDepth && entry.return_period.is_none() {
        return Err("it does not say its return period: import it again".to_owned());
    }
    Ok(entry)
}

/// `roads-0123456789ab` or `roads-0123456789ab-2` without what the hash adds.
fn without_hash(stem: &str) -> Option<&str> {
    let is_hash = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (name, last) = stem.rsplit_once('-')?;
    if is_hash(last) {
        return Some(name);
    }
    let (name, hash) = name.rsplit_once('-')?;
    (is_hash(hash) && last.bytes().all(|b| b.is_ascii_digit())).then_some(name)
}

struct Entry<'a> {
    path: &'a Path,
    name: String,
    kind: LayerKind,
    crs: &'a Crs,
    bounds: [f64; 4],
    imported_at: Timestamp,
}

impl Entry<'_> {
    fn made(self, told: &Told) -> Result<LayerEntry, String> {
        let seal = FileSeal::of(self.path).map_err(|e| e.to_string())?;
        let bounds = Reprojector::new(self.crs, &Crs::wgs84())
            .and_then(|way| way.bounds(self.bounds))
            .map_err(|e| e.to_string())?;
        let title = told.text("TITLE");
        Ok(LayerEntry {
            role: told.role,
            title: if title.is_empty() {
                self.name.clone()
            } else {
                title
            },
            name: self.name,
            kind: self.kind,
            geometry: None,
            features: None,
            crs: self.crs.name().to_owned(),
            source_crs: self.crs.name().to_owned(),
            source: told.text("SOURCE"),
            licence: told.text("LICENCE"),
            attribution: told.text("ATTRIBUTION"),
            hash: seal.sha256.clone(),
            imported_at: self.imported_at,
            illustrative: told.illustrative,
            bounds,
            fields: Vec::new(),
            return_period: None,
            unit: None,
            coverage: None,
            record: told.items.get("DECISION_RECORD").cloned(),
            report: ReportSummary {
                warnings: vec![WARNING.to_owned()],
                ..ReportSummary::default()
            },
            file: base_name(self.path),
            seal: Some(seal),
            crs_definition: self
                .crs
                .definition_beyond_name()
                .filter(|_| self.kind == LayerKind::Vector),
            crs_shift: self.crs.shift(),
        })
    }
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Field>> {
    let mut statement = conn.prepare("SELECT name, type FROM pragma_table_info(?1)")?;
    let rows = statement.query_map([table], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut fields = Vec::new();
    for row in rows {
        let (name, kind) = row?;
        if [FID, GEOMETRY, ID].contains(&name.as_str()) {
            continue;
        }
        let kind = match kind.as_str() {
            "REAL" => FieldType::Number,
            "INTEGER" => FieldType::Integer,
            "BOOLEAN" => FieldType::Boolean,
            "DATE" => FieldType::Date,
            _ => FieldType::Text,
        };
        fields.push(Field::new(&name, kind));
    }
    Ok(fields)
}

/// The role of a file that does not name it: layers have the names of their roles unless they were given others, and the fields of theirs.
fn guess(name: &str, columns: &[Field]) -> Option<Role> {
    let all = Role::ALL.into_iter().chain([Role::RankedSites]);
    let named = |role: &Role| {
        let rest = name.strip_prefix(role.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '-']))
    };
    all.clone().find(named).or_else(|| {
        let fits = |role: &Role| {
            let fields = role.fields();
            !fields.is_empty()
                && fields
                    .iter()
                    .all(|spec| columns.iter().any(|c| c.name == spec.name))
        };
        let mut fitting = all.filter(fits);
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
    })
}

/// Keys and values of a GeoPackage's metadata, as this program writes it.
fn metadata(xml: &str) -> HashMap<String, String> {
    let plain = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&gt;", ">")
            .replace("&lt;", "<")
            .replace("&amp;", "&")
    };
    let item = |part: &str| {
        let (key, rest) = part.split_once("\">")?;
        let (value, _) = rest.split_once("</MDI>")?;
        Some((plain(key), plain(value)))
    };
    xml.split("<MDI key=\"").skip(1).filter_map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_their_hash() {
        assert_eq!(
            without_hash("flood_depth_rp100-0123456789ab"),
            Some("flood_depth_rp100")
        );
        assert_eq!(without_hash("my-roads-0123456789ab-2"), Some("my-roads"));
        assert_eq!(without_hash("roads"), None);
        assert_eq!(without_hash("roads-2"), None);
    }

    #[test]
    fn roles_by_name_or_by_fields() {
        assert_eq!(guess("roads", &[]), Some(Role::Roads));
        assert_eq!(guess("flood_depth_rp20", &[]), Some(Role::FloodDepth));
        assert_eq!(guess("land", &[]), None);
        let columns: Vec<Field> = Role::Parcels
            .fields()
            .iter()
            .map(crate::schema::FieldSpec::field)
            .collect();
        assert_eq!(guess("land", &columns), Some(Role::Parcels));
    }

    #[test]
    fn metadata_as_it_is_written() {
        let found = metadata(
            "<Metadata>\n<MDI key=\"TITLE\">A &amp; &quot;B&quot;</MDI>\n<MDI key=\"ROLE\">roads</MDI>",
        );
        assert_eq!(found["TITLE"], "A & \"B\"");
        assert_eq!(found["ROLE"], "roads");
    }
}
