//! Ranked sites as files for others. Licences, attributions and the word "illustrative" travel inside; the same ranking gives the same bytes.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use phteah_layers::export::{TableShape, TableWriter};
use phteah_layers::{Catalogue, Crs, Field, FieldType, GeometryKind, LayersError, TableMeta, Value};
use phteah_planning::decision::{Row, RowCriterion, RowStatus};
use phteah_planning::matrix::Unknown;
use phteah_planning::measure::Measure;
use serde::Serialize;

use super::spreadsheet::{self, Language};
use super::{RankError, RankedSites};
use crate::api::types::{Ranking, SiteDetail};
use crate::tiles::plane::Plane;

/// In which form to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table with shapes: `GeoJSON`, `GeoPackage` or CSV, by the file's extension.
    Table,
    /// The ranking as the API tells it, with every site in full.
    Json,
    /// A workbook for people: sites, weights, about.
    Workbook,
    /// The first sheet of it as CSV.
    PeoplesCsv,
}

impl Format {
    /// The format that a file's extension asks for; a CSV has `all` columns by their names, or those for people.
    pub fn of(path: &Path, all: bool) -> Result<Self, String> {
        let extension = path
            .extension()
            .map(|e| e.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        match extension.as_str() {
            "csv" if !all => Ok(Self::PeoplesCsv),
            "geojson" | "gpkg" | "csv" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "xlsx" => Ok(Self::Workbook),
            _ => Err(format!(
                "{} has no extension that says a format: use .xlsx, .geojson, .gpkg, .csv or .json.",
                path.display()
            )),
        }
    }
}

/// Writes all sites, or so many of the best, best first. The file gets its name only when it is complete.
pub fn write(
    ranked: &RankedSites,
    catalogue: &Catalogue,
    path: &Path,
    format: Format,
    best: Option<usize>,
    language: Language,
) -> Result<(), RankError> {
    let order = &ranked.ranking.order;
    let rows = &order[..best.unwrap_or(usize::MAX).min(order.len())];
    match format {
        Format::Table => write_table(ranked, rows, catalogue, path)?,
        Format::Json => write_json(ranked, rows, catalogue, path)?,
        Format::Workbook => spreadsheet::write_xlsx(ranked, rows, catalogue, path, language)?,
        Format::PeoplesCsv => write_whole(path, |out| spreadsheet::write_csv(ranked, rows, out, language))?,
    }
    Ok(())
}

fn write_table(
    ranked: &RankedSites,
    rows: &[u32],
    catalogue: &Catalogue,
    path: &Path,
) -> Result<(), LayersError> {
    let (crs, wgs84) = (catalogue.crs()?, Crs::wgs84());
    let fields = fields(ranked);
    let geopackage = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gpkg"));
    let shape = TableShape {
        fields: &fields,
        geometry: GeometryKind::Polygon,
        from: &crs,
        crs: if geopackage { None } else { Some(&wgs84) },
    };
    let mut writer = TableWriter::create(path, &shape, &meta(ranked, catalogue))?;
    for &row in rows {
        let index = row as usize;
        let geometry = geo::Geometry::MultiPolygon(ranked.site(index).shape.clone());
        writer.push(
            &ranked.ranking.ids[index],
            Some(geometry),
            &values(ranked, &ranked.ranking.row(index)),
        )?;
    }
    writer.finish().map(|_| ())
}

/// The time of the newest layer that was used, not the clock's: the same ranking gives the same bytes.
pub(super) fn made_at(ranked: &RankedSites, catalogue: &Catalogue) -> Timestamp {
    let used = |name: &str| ranked.measured.inputs.iter().any(|input| input.name == name);
    let newest = catalogue
        .layers()
        .iter()
        .filter(|layer| used(&layer.name))
        .map(|layer| layer.imported_at)
        .max();
    newest.unwrap_or(Timestamp::UNIX_EPOCH)
}

/// What the file says of itself.
fn meta(ranked: &RankedSites, catalogue: &Catalogue) -> TableMeta {
    let inputs: Vec<String> = ranked
        .measured
        .inputs
        .iter()
        .map(|input| format!("{} {}", input.name, input.hash))
        .collect();
    let mut more = vec![
        ("ranking".to_owned(), ranked.id.clone()),
        ("method".to_owned(), ranked.ranking.method.to_string()),
        ("order".to_owned(), ranked.scenario.order.rule.to_string()),
        (
            "apart_above".to_owned(),
            ranked.scenario.order.apart_above.to_string(),
        ),
        ("inputs".to_owned(), inputs.join(", ")),
    ];
    more.extend(
        ranked
            .warnings()
            .map(|warning| (warning.code.clone(), warning.message.clone())),
    );
    TableMeta {
        name: "sites".to_owned(),
        title: ranked.scenario.title.en.clone(),
        source: format!("Phteah {}", env!("CARGO_PKG_VERSION")),
        licence: ranked.licences(),
        attribution: ranked.attributions(),
        illustrative: ranked.illustrative(),
        more,
        made_at: made_at(ranked, catalogue),
    }
}

fn fields(ranked: &RankedSites) -> Vec<Field> {
    let mut fields = vec![
        Field::new("rank", FieldType::Integer),
        Field::new("score", FieldType::Number),
        Field::new("lowest", FieldType::Number),
        Field::new("highest", FieldType::Number),
        Field::new("status", FieldType::Text),
        Field::new("unknown_share", FieldType::Number),
        Field::new("find_out", FieldType::Text),
        Field::new("excluded", FieldType::Text),
        Field::new("name", FieldType::Text),
        Field::new("khan", FieldType::Text),
        Field::new("sangkat", FieldType::Text),
        Field::new("area_m2", FieldType::Number).unit("m²"),
        Field::new("capacity", FieldType::Integer).unit("households"),
        Field::new("parcels", FieldType::Text),
        Field::new("illustrative", FieldType::Boolean),
    ];
    if ranked.ranking.cost.is_some() {
        for name in ["cost_per_household_low", "cost_per_household_high"] {
            fields.push(Field::new(name, FieldType::Number).unit("USD/household"));
        }
    }
    for criterion in &ranked.ranking.criteria {
        let id = &criterion.id;
        let raw = if criterion.measure.is_category() {
            FieldType::Text
        } else {
            FieldType::Number
        };
        let unit = ranked.unit(&criterion.measure);
        fields.push(Field::new(format!("{id}_raw"), raw).unit(unit));
        fields.push(Field::new(format!("{id}_low"), FieldType::Number).unit(unit));
        fields.push(Field::new(format!("{id}_high"), FieldType::Number).unit(unit));
        if of_people(&criterion.measure) {
            fields.push(Field::new(format!("{id}_reached_share"), FieldType::Number).unit("share"));
        }
        if criterion.is_coarse() {
            fields.push(Field::new(format!("{id}_coarse"), FieldType::Boolean));
        }
        fields.push(Field::new(format!("{id}_status"), FieldType::Text));
        fields.push(Field::new(format!("{id}_value"), FieldType::Number));
        fields.push(Field::new(format!("{id}_contribution"), FieldType::Number));
    }
    fields
}

/// In the order of [`fields`].
fn values(ranked: &RankedSites, row: &Row) -> Vec<Option<Value>> {
    let site = ranked.site(row.index as usize);
    let cost = ranked.ranking.cost.as_ref().map(|cost| cost[row.index as usize]);
    let reasons: Vec<&str> = row
        .excluded
        .iter()
        .map(|excluded| excluded.text.en.as_str())
        .collect();
    let mut values: Vec<Option<Value>> = vec![
        row.rank.map(|rank| i64::from(rank).into()),
        row.score.map(Into::into),
        Some(row.lowest.into()),
        Some(row.highest.into()),
        Some(standing(row).into()),
        Some(row.unknown_share.into()),
        (!row.find_out.is_empty()).then(|| row.find_out.join("; ").into()),
        (!reasons.is_empty()).then(|| reasons.join("; ").into()),
        Some(site.place.label().en.into()),
        site.place.khan.as_ref().map(|khan| khan.code.clone().into()),
        site.place
            .sangkat
            .as_ref()
            .map(|sangkat| sangkat.code.clone().into()),
        Some(site.area_m2.into()),
        Some(i64::from(site.capacity).into()),
        Some(site.parcels.join(" ").into()),
        Some(ranked.illustrative().into()),
    ];
    if let Some(cost) = cost {
        values.push(cost.map(|(low, _)| low.into()));
        values.push(cost.map(|(_, high)| high.into()));
    }
    for (criterion, ranking) in row.criteria.iter().zip(&ranked.ranking.criteria) {
        values.push(raw(criterion));
        values.push(criterion.low.map(Into::into));
        values.push(criterion.high.map(Into::into));
        if of_people(&ranking.measure) {
            let known = criterion.unknown.is_none();
            values.push(known.then(|| criterion.reached_share.unwrap_or(1.0).into()));
        }
        if ranking.is_coarse() {
            values.push(Some(Value::Boolean(true)));
        }
        values.push(Some(status_of(criterion).into()));
        values.push(criterion.value.map(Into::into));
        values.push(criterion.contribution.map(Into::into));
    }
    values
}

/// Whether a measure is a mean over people, of whom some may not get there.
fn of_people(measure: &Measure) -> bool {
    matches!(measure, Measure::Disruption { .. })
}

/// How a site stands: `ranked`, `excluded`, `exclusion_unknown` where nobody knows whether a limit excludes it (under the
/// rule `lowest` it stands behind all sites that pass for certain), `too_little_known` where it has no rank because too much of its weight is unknown.
pub fn standing(row: &Row) -> &'static str {
    match row.status {
        RowStatus::Excluded => "excluded",
        _ if row.too_little_known => "too_little_known",
        RowStatus::Ranked => "ranked",
        RowStatus::ExclusionUnknown => "exclusion_unknown",
    }
}

fn raw(criterion: &RowCriterion) -> Option<Value> {
    criterion
        .category
        .clone()
        .map(Value::Text)
        .or(criterion.raw.map(Value::Number))
}

/// How much is known of a criterion: `known`, or why not.
pub fn status_of(criterion: &RowCriterion) -> &'static str {
    match criterion.unknown {
        None => "known",
        Some(Unknown::NoData) => "unknown",
        Some(Unknown::Unreachable) => "unreachable",
        Some(Unknown::OffNetwork) => "off_network",
    }
}

#[derive(Serialize)]
struct Whole {
    notice: Option<&'static str>,
    licence: String,
    attribution: String,
    ranking: Ranking,
    sites: Vec<SiteDetail>,
}

fn write_json(
    ranked: &RankedSites,
    rows: &[u32],
    catalogue: &Catalogue,
    path: &Path,
) -> Result<(), LayersError> {
    let plane = Plane::of(&catalogue.crs()?)?;
    let failed =
        |e: &dyn std::fmt::Display| LayersError::refused(format!("The ranking cannot be written: {e}."));
    let mut sites = Vec::with_capacity(rows.len());
    for &row in rows {
        sites.push(SiteDetail::of(ranked, row as usize, &plane).map_err(|e| failed(&e))?);
    }
    let whole = Whole {
        notice: ranked.illustrative().then_some("Illustrative data, not real."),
        licence: ranked.licences(),
        attribution: ranked.attributions(),
        ranking: Ranking::of(ranked).map_err(|e| failed(&e))?,
        sites,
    };
    write_whole(path, |out| {
        serde_json::to_writer_pretty(&mut *out, &whole)?;
        out.write_all(b"\n")
    })
}

/// Writes a file beside the place where it belongs, and puts it there once it is whole. Not [`phteah_layers::replace_file`]: that takes what is
/// whole in memory and writes into the data directory; this goes out piece by piece, to wherever somebody wants it.
fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), LayersError> {
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let io = |e| LayersError::io(dir, "writing to", e);
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(io)?;
    let mut buffered = std::io::BufWriter::new(&mut file);
    write(&mut buffered).and_then(|()| buffered.flush()).map_err(io)?;
    drop(buffered);
    #[cfg(unix)]
    {
        // Temporary files are made private; this one is to be shared.
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))
            .map_err(io)?;
    }
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))?;
    Ok(())
}
