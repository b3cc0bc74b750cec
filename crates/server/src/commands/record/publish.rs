//! `phteah record publish`: the sites of a decision as a layer, which goes the way of all layers: page, files, features, tiles, changes.
//!
//! Of people nothing comes along: neither who decided nor the reasons that they wrote down.

use std::borrow::Cow;
use std::path::PathBuf;

use clap::Args;
use geo::Geometry;
use jiff::Timestamp;
use phteah_layers::{
    Catalogue, Field, FieldType, ImportReport, LayersError, Progress, Record, RecordsRequest, Role, Value,
    import_records,
};
use phteah_planning::decision::RowCriterion;
use phteah_planning::record::Record as Sealed;
use phteah_store::{PlanChange, Planner};

use super::{differences, recompute};
use crate::cli::Data;
use crate::commands::progress::Shown;
use crate::commands::{CommandError, say};
use crate::desk::decisions;
use crate::ranking::RankedSites;
use crate::ranking::files::standing;

/// Name of the layer where none is given.
pub const LAYER: &str = "ranked_sites";

/// `phteah record publish`.
#[derive(Debug, Args)]
pub struct Publish {
    /// The record, as it was saved
    pub file: PathBuf,
    /// Where the layers are
    #[command(flatten)]
    pub data: Data,
    /// Name of the layer; a later decision of the same name takes its place
    #[arg(long, value_name = "NAME", default_value = LAYER)]
    pub layer: String,
    /// Title of the layer, for people [default: the scenario's]
    #[arg(long)]
    pub title: Option<String>,
}

pub(super) fn run(args: &Publish) -> Result<(), CommandError> {
    let record = super::read_record(&args.file)?;
    let catalogue = Catalogue::open(&args.data.dir)?;
    let (inputs, ranked) = recompute(&catalogue, &record.scenario)?;
    differences(&record, &inputs, &ranked.ranking)?;
    let title = args.title.as_deref().unwrap_or(&record.scenario.title.en);
    let mut progress = Shown::on_stderr();
    let report = store(&catalogue, &record, &ranked, (&args.layer, title), &mut progress)?;
    keep(&catalogue, &args.file, &record.seal)?;
    let store = args.data.store()?;
    store.note_plan(
        Planner::Person(&store.command_line()),
        PlanChange::RecordPublished,
        &format!("record {}", record.seal),
        &format!("layer {}", report.layer),
        Timestamp::now(),
    )?;
    say(format!(
        "{}: {} sites of the decision {} stored.",
        report.layer, report.kept, record.seal
    ));
    say(format!(
        "Until you say who may see it, the team alone does: phteah publish {} public --data {}",
        report.layer,
        args.data.dir.display()
    ));
    Ok(())
}

/// Keeps the record itself beside the layers, so that families can be offered its sites at the desk.
fn keep(catalogue: &Catalogue, file: &std::path::Path, seal: &str) -> Result<(), CommandError> {
    let folder = catalogue.dir().join(decisions::FOLDER);
    let bytes = std::fs::read(file).map_err(|error| LayersError::io(file, "reading", error))?;
    std::fs::create_dir_all(&folder).map_err(|error| LayersError::io(&folder, "making", error))?;
    let name: String = seal
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect();
    Ok(phteah_layers::replace_file(
        &folder.join(format!("{name}.record.json")),
        &bytes,
    )?)
}

/// Stores the sites of a record, which `ranked` is the recomputed result of, as a layer with a name and a title.
pub fn store(
    catalogue: &Catalogue,
    record: &Sealed,
    ranked: &RankedSites,
    (layer, title): (&str, &str),
    progress: &mut dyn Progress,
) -> Result<ImportReport, CommandError> {
    let taken = catalogue.layers().iter().find(|entry| entry.name == layer);
    if taken.is_some_and(|entry| entry.role != Role::RankedSites) {
        return Err(CommandError::Usage(format!(
            "'{layer}' is the name of a layer that no decision made: give another with --layer."
        )));
    }
    let request = RecordsRequest {
        role: Role::RankedSites,
        layer: layer.to_owned(),
        title: title.to_owned(),
        crs: catalogue.crs()?.name().to_owned(),
        source: format!(
            "decision of {} under the scenario \"{}\", record {}",
            record.when.get(..10).unwrap_or(&record.when),
            record.scenario.title.en,
            record.seal
        ),
        licence: ranked.licences(),
        attribution: ranked.attributions(),
        illustrative: ranked.illustrative(),
        record: Some(record.seal.clone()),
        extra: fields(ranked),
        strict: true,
        coverage: None,
    };
    let order = &ranked.ranking.order;
    let sites = order.iter().map(|&row| site(record, ranked, row as usize));
    let now = when(record)?;
    Ok(import_records(
        catalogue,
        &request,
        sites,
        Some(order.len() as u64),
        now,
        progress,
    )?)
}

/// The layer is as old as its decision.
fn when(record: &Sealed) -> Result<Timestamp, CommandError> {
    record.when.parse().map_err(|_| {
        CommandError::Refused(format!(
            "The record's time '{}' is no time such as 2026-01-31T09:00:00Z.",
            record.when
        ))
    })
}

fn fields(ranked: &RankedSites) -> Vec<Field> {
    let field = |name: &str, kind, meaning: &str| {
        let mut field = Field::new(name, kind);
        field.meaning = Some(meaning.to_owned());
        field
    };
    let mut fields = vec![
        field(
            "rank",
            FieldType::Integer,
            "place in the ranking, 1 is best; none where it could not be ranked",
        ),
        field(
            "score",
            FieldType::Number,
            "sum of share × value over the criteria, 0 worst to 1 best",
        ),
        field(
            "lowest",
            FieldType::Number,
            "lowest score that what is unknown allows",
        ),
        field(
            "highest",
            FieldType::Number,
            "highest score that what is unknown allows",
        ),
        field(
            "status",
            FieldType::Text,
            "ranked; excluded; exclusion_unknown where it is not known whether a limit excludes it, behind all sites that pass for certain where the order is lowest; too_little_known where it has no rank because too much is unknown",
        ),
        field("excluded", FieldType::Text, "the limits that exclude it"),
        field(
            "decision",
            FieldType::Text,
            "what was decided where it departs from the ranking",
        ),
        field("name", FieldType::Text, "where it lies"),
        field("khan", FieldType::Text, "code of the khan"),
        field("sangkat", FieldType::Text, "code of the sangkat"),
        field("area_m2", FieldType::Number, "net area").unit("m²"),
        field("capacity", FieldType::Integer, "families that find room").unit("households"),
    ];
    for criterion in &ranked.ranking.criteria {
        let raw = if criterion.measure.is_category() {
            FieldType::Text
        } else {
            FieldType::Number
        };
        let label = &criterion.label.en;
        fields
            .push(field(&format!("{}_raw", criterion.id), raw, label).unit(ranked.unit(&criterion.measure)));
        let share = format!(
            "{label}: its value, 0 worst to 1 best; share {:.1} %",
            criterion.weight * 100.0
        );
        fields.push(field(
            &format!("{}_value", criterion.id),
            FieldType::Number,
            &share,
        ));
    }
    fields
}

fn site(record: &Sealed, ranked: &RankedSites, row: usize) -> Record {
    let (about, result) = (ranked.site(row), ranked.ranking.row(row));
    let status = standing(&result);
    let limits: Vec<&str> = result
        .excluded
        .iter()
        .map(|limit| limit.text.en.as_str())
        .collect();
    let departure = record
        .overrides
        .iter()
        .find(|departure| departure.alternative == about.id);
    let code = |division: &Option<phteah_layers::measures::DivisionName>| {
        division.as_ref().map(|division| division.code.clone().into())
    };
    let mut attributes: Vec<(Cow<'static, str>, Value)> = vec![("id".into(), about.id.clone().into())];
    let mut put =
        |name: String, value: Option<Value>| attributes.extend(value.map(|value| (name.into(), value)));
    put("rank".into(), result.rank.map(|rank| i64::from(rank).into()));
    put("score".into(), result.score.map(Into::into));
    put("lowest".into(), Some(result.lowest.into()));
    put("highest".into(), Some(result.highest.into()));
    put("status".into(), Some(status.into()));
    put(
        "excluded".into(),
        (!limits.is_empty()).then(|| limits.join("; ").into()),
    );
    put(
        "decision".into(),
        departure.map(|departure| departure.decision.clone().into()),
    );
    put("name".into(), Some(about.place.label().en.into()));
    put("khan".into(), code(&about.place.khan));
    put("sangkat".into(), code(&about.place.sangkat));
    put("area_m2".into(), Some(about.area_m2.into()));
    put("capacity".into(), Some(i64::from(about.capacity).into()));
    for criterion in &result.criteria {
        put(format!("{}_raw", criterion.id), raw(criterion));
        put(format!("{}_value", criterion.id), criterion.value.map(Into::into));
    }
    Record {
        geometry: Geometry::MultiPolygon(about.shape.clone()),
        attributes,
    }
}

fn raw(criterion: &RowCriterion) -> Option<Value> {
    let category = criterion.category.clone().map(Value::Text);
    category.or(criterion.raw.map(Value::Number))
}
