//! `/api/desk/releases`: tables about families, prepared by one person, looked at as a partner will, confirmed by another, published, withdrawn.
//!
//! Every right is looked at by the registry itself, for the person who asks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use phteah_layers::Catalogue;
use phteah_registry::indicators::Indicator;
use phteah_registry::releases::{ReleaseSet, ReleasedCell, ReleasedTable, Why};
use phteah_store::registry::{Counts, ReleaseRecord, ReleaseState};
use phteah_store::{Actor, StoreError, Visibility, account_of};
use tokio::sync::oneshot;

use super::Person;
use super::release_types::{
    CountsAsk, DeskCounts, DeskRelease, DeskReleases, LeftOutTable, ReleaseAsk, ReleaseAudience, ReleaseBy,
    ReleaseCell, ReleaseConfirm, ReleaseLayer, ReleasePlace, ReleaseReader, ReleaseReason, ReleaseTable,
    ReleaseTableAbout, ReleaseTableCost, ReleaseWhy, ReleaseWithdraw, ReleaseWork, ReleaseWorkEnded,
};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::{JsonBody, PathParts};
use crate::api::types::Text;
use crate::releases::job::{Audited, Ended, Kind, Outcome, Running};
use crate::releases::readers::{self, ReadersError};
use crate::releases::{lay_down, tables};
use crate::state::AppState;

/// Work that is done within this time is answered at once; else the page asks again.
const WAIT: Duration = Duration::from_secs(8);

impl From<ReadersError> for ApiError {
    fn from(error: ReadersError) -> Self {
        match error {
            ReadersError::Layers(error) => error.into(),
            ReadersError::Store(error) => error.into(),
        }
    }
}

/// All releases, the newest first, what can be released, and what is being worked on.
#[utoipa::path(get, path = "/api/desk/releases", operation_id = "deskReleases",
    responses((status = 200, body = DeskReleases), (status = "default", body = ErrorBody)))]
pub async fn list(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<DeskReleases>, ApiError> {
    Ok(Json(all(&state, &person.actor).await?))
}

async fn all(state: &Arc<AppState>, actor: &Actor) -> Result<DeskReleases, ApiError> {
    let asks = actor.clone();
    let (records, counts, least) = state
        .registry
        .ask(move |registry| {
            let least = registry.release_threshold(&asks)?;
            Ok((registry.releases(&asks)?, registry.counts(&asks)?, least))
        })
        .await?;
    let names = Names::of(state, actor)?;
    let dir = state.dir().to_owned();
    let read = state.work(move || Ok(tables::of(&dir))).await?;
    let (tables, problem) = match read {
        Ok(set) => (set.indicators().iter().map(about).collect(), None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let (running, ended) = state.releases.now();
    Ok(DeskReleases {
        releases: records.iter().map(|record| summary(record, &names)).collect(),
        tables,
        tables_problem: problem,
        threshold: least,
        counts: counts.map(|counts| counted(&counts, &names)),
        working: running.map(|work| working(&work, &names)),
        worked: ended.map(|ended| worked(ended, &names)),
    })
}

/// Names of those who prepare and confirm.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(state: &AppState, actor: &Actor) -> Result<Self, ApiError> {
        let found = state.partner.store().who_release(actor)?;
        Ok(Self(
            found
                .into_iter()
                .map(|(account, name)| (account.to_string(), name))
                .collect(),
        ))
    }

    /// Somebody by the words of the audit: `account ID`.
    fn by(&self, at: jiff::Timestamp, who: &str) -> ReleaseBy {
        let account = account_of(who);
        ReleaseBy {
            at: format!("{at:.0}"),
            account: account.map(str::to_owned),
            name: account.and_then(|id| self.0.get(id).cloned()),
        }
    }
}

fn about(indicator: &Indicator) -> ReleaseTableAbout {
    ReleaseTableAbout {
        id: indicator.id.clone(),
        title: Text {
            en: indicator.title.en.clone(),
            km: indicator.title.km.clone(),
        },
        about: Text {
            en: indicator.about.en.clone(),
            km: indicator.about.km.clone(),
        },
        over: indicator.population.word().to_owned(),
        by: indicator.columns(),
    }
}

fn summary(record: &ReleaseRecord, names: &Names) -> DeskRelease {
    let by = |one: &(jiff::Timestamp, String)| names.by(one.0, &one.1);
    DeskRelease {
        number: record.n,
        state: record.state.as_str().to_owned(),
        overtaken: record.is_overtaken,
        day: record.day.to_string(),
        threshold: record.threshold,
        sha256: record.hash.clone(),
        prepared: by(&record.prepared),
        confirmed: record.confirmed.as_ref().map(by),
        withdrawn: record.withdrawn.as_ref().map(by),
        cells: 0,
        cells_hidden: 0,
        illustrative: false,
        tables: Vec::new(),
        left_out: Vec::new(),
        layers: Vec::new(),
        readers: Vec::new(),
    }
}

fn counted(counts: &Counts, names: &Names) -> DeskCounts {
    DeskCounts {
        day: counts.set.day.to_string(),
        made: names.by(counts.record.made.0, &counts.record.made.1),
        threshold: counts.set.threshold,
        tables: counts.set.tables.iter().map(|table| table.id.clone()).collect(),
        left_out: left_out(&counts.set),
    }
}

fn left_out(set: &ReleaseSet) -> Vec<LeftOutTable> {
    let out = set.left_out.iter();
    out.map(|out| LeftOutTable {
        id: out.id.clone(),
        why: out.why.clone(),
    })
    .collect()
}

fn working(work: &Running, names: &Names) -> ReleaseWork {
    ReleaseWork {
        kind: work.kind.as_str().to_owned(),
        by: names.by(work.since, &work.by),
    }
}

fn worked(ended: Ended, names: &Names) -> ReleaseWorkEnded {
    let mut told = ReleaseWorkEnded {
        kind: ended.work.kind.as_str().to_owned(),
        by: names.by(ended.work.since, &ended.work.by),
        release: None,
        is_new: None,
        audit: None,
        changed: Vec::new(),
        code: None,
        message: None,
    };
    match ended.outcome {
        Outcome::Counted(is_new) => told.is_new = Some(is_new),
        Outcome::Prepared(n) => told.release = Some(n),
        Outcome::Audited(n, audited) => {
            told.release = Some(n);
            told.audit = Some(
                match audited {
                    Audited::Same => "same",
                    Audited::Changed(tables) => {
                        told.changed = tables;
                        "changed"
                    }
                    Audited::Impossible(why) => {
                        told.message = Some(why);
                        "impossible"
                    }
                }
                .to_owned(),
            );
        }
        Outcome::Refused(error) => {
            told.code = Some(error.code().to_owned());
            told.message = Some(error.to_string());
        }
    }
    told
}

/// Prepares a release of some tables: counts, protects, attacks. Where that takes long, the list tells how it went.
#[utoipa::path(post, path = "/api/desk/releases", operation_id = "deskReleasePrepare", request_body = ReleaseAsk,
    responses((status = 200, body = DeskReleases), (status = "default", body = ErrorBody)))]
pub async fn prepare(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    JsonBody(ask): JsonBody<ReleaseAsk>,
) -> Result<Json<DeskReleases>, ApiError> {
    let set = tables_of(&state).await?;
    let mut wrong = Vec::new();
    for (at, id) in ask.tables.iter().enumerate() {
        if set.get(id).is_none() {
            wrong.push(crate::api::error::Detail {
                field: format!("tables[{at}]"),
                message: "There is no such table. /api/desk/releases lists them.".to_owned(),
                ..Default::default()
            });
        }
    }
    if !wrong.is_empty() {
        return Err(ApiError::bad_parameters(wrong));
    }
    if ask.tables.is_empty() {
        return Err(ApiError::bad_parameter("tables", "Choose a table at least."));
    }
    let (actor, now) = (person.actor.clone(), state.partner.now());
    let waiting = state.releases.begin(
        &state.registry,
        running(Kind::Prepare, &person.actor, now),
        move |registry| {
            let ids: Vec<&str> = ask.tables.iter().map(String::as_str).collect();
            let made = registry.prepare_release(&actor, &set, &ids, (&ask.why, now))?;
            Ok(Outcome::Prepared(made.n))
        },
    )?;
    answered(&state, &person.actor, waiting).await
}

/// Counts families anew for what planners are shown, where enough has changed. Where that takes long, the list tells how it went.
#[utoipa::path(post, path = "/api/desk/counts", operation_id = "deskCount", request_body = CountsAsk,
    responses((status = 200, body = DeskReleases), (status = "default", body = ErrorBody)))]
pub async fn count(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    JsonBody(ask): JsonBody<CountsAsk>,
) -> Result<Json<DeskReleases>, ApiError> {
    let set = tables_of(&state).await?;
    let (actor, now) = (person.actor.clone(), state.partner.now());
    let waiting = state.releases.begin(
        &state.registry,
        running(Kind::Count, &person.actor, now),
        move |registry| {
            let (_, is_new) = registry.count_for_releases(&actor, &set, (&ask.why, now))?;
            Ok(Outcome::Counted(is_new))
        },
    )?;
    answered(&state, &person.actor, waiting).await
}

fn running(kind: Kind, actor: &Actor, since: jiff::Timestamp) -> Running {
    Running {
        kind,
        since,
        by: actor.id().to_string(),
    }
}

async fn tables_of(state: &Arc<AppState>) -> Result<phteah_registry::indicators::IndicatorSet, ApiError> {
    let dir = state.dir().to_owned();
    let read = state.work(move || Ok(tables::of(&dir))).await?;
    read.map_err(|error| {
        let message = format!("The files of the tables have mistakes. Mend them, then ask again.\n{error}.");
        ApiError::bad_parameter("tables", message)
    })
}

/// Waits a while for work, and answers with all that there is then.
async fn answered(
    state: &Arc<AppState>,
    actor: &Actor,
    waiting: oneshot::Receiver<Outcome>,
) -> Result<Json<DeskReleases>, ApiError> {
    if let Ok(Ok(Outcome::Refused(error))) = tokio::time::timeout(WAIT, waiting).await {
        return Err(error);
    }
    Ok(Json(all(state, actor).await?))
}

/// A release: what it costs, who sees it, who took it.
#[utoipa::path(get, path = "/api/desk/releases/{release}", operation_id = "deskRelease",
    params(("release" = i64, Path, description = "The release's number")),
    responses((status = 200, body = DeskRelease), (status = "default", body = ErrorBody)))]
pub async fn one(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(release): PathParts<i64>,
) -> Result<Json<DeskRelease>, ApiError> {
    Ok(Json(whole(&state, &person.actor, release).await?))
}

async fn whole(state: &Arc<AppState>, actor: &Actor, n: i64) -> Result<DeskRelease, ApiError> {
    let asks = actor.clone();
    let (record, set, records) = state
        .registry
        .ask(move |registry| {
            let (record, set) = registry.release_set(&asks, n)?;
            Ok((record, set, registry.releases(&asks)?))
        })
        .await?;
    let names = Names::of(state, actor)?;
    let reader = Arc::clone(state);
    let about = state.work(move || {
        let (cells, cells_hidden) = set.cost();
        let ids: Vec<&str> = set.tables.iter().map(|table| table.id.as_str()).collect();
        let store = reader.partner.store();
        let catalogue = reader.catalogue()?;
        let standing = readers::standing(&catalogue);
        let layers = readers::layers_of(&catalogue, n)
            .into_iter()
            .map(|entry| {
                Ok(ReleaseLayer {
                    seen_by: store.rule(&entry.name)?.layer.as_str().to_owned(),
                    layer: entry.name,
                })
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        let took = readers::readers(store, (&record, &ids), &records)?;
        Ok(DeskRelease {
            cells,
            cells_hidden,
            illustrative: set.illustrative,
            tables: set
                .tables
                .iter()
                .map(|table| {
                    let seen_by = store.rule(&table.id)?.layer;
                    Ok(cost(table, seen_by, standing.get(&table.id).copied()))
                })
                .collect::<Result<_, ApiError>>()?,
            left_out: left_out(&set),
            layers,
            readers: took
                .into_iter()
                .map(|one| ReleaseReader {
                    name: names.by(one.last, &one.who).name,
                    who: one.who,
                    layer: one.layer,
                    times: one.times,
                    last: format!("{:.0}", one.last),
                })
                .collect(),
            ..summary(&record, &names)
        })
    });
    about.await
}

fn cost(table: &ReleasedTable, seen_by: Visibility, layer_of: Option<i64>) -> ReleaseTableCost {
    let audit = table.audit.as_ref();
    ReleaseTableCost {
        id: table.id.clone(),
        title: text(&table.title),
        cells: table.not_zero(),
        cells_hidden: table.hidden(),
        hidden_for: Why::ALL
            .into_iter()
            .map(|why| ReleaseReason {
                reason: word(why).to_owned(),
                cells: table.hidden_for(why),
            })
            .filter(|reason| reason.cells > 0)
            .collect(),
        seen_by: seen_by.as_str().to_owned(),
        layer_of,
        narrowest: audit.and_then(|audit| audit.narrowest),
        narrowest_is_exact: audit.is_some_and(|audit| audit.narrowest_is_exact),
        at_least_hidden: audit.map_or(0, |audit| audit.at_least_hidden),
    }
}

fn text([en, km]: &[String; 2]) -> Text {
    Text {
        en: en.clone(),
        km: km.clone(),
    }
}

fn word(why: Why) -> &'static str {
    match why {
        Why::Small => "small",
        Why::Group => "group",
        Why::Difference => "difference",
        Why::Complementary => "complementary",
    }
}

/// A table of a release, with the reasons why numbers are hidden: these are for whoever prepares.
#[utoipa::path(get, path = "/api/desk/releases/{release}/tables/{table}", operation_id = "deskReleaseTable",
    params(("release" = i64, Path, description = "The release's number"), ("table" = String, Path, description = "The table's id")),
    responses((status = 200, body = ReleaseTable), (status = "default", body = ErrorBody)))]
pub async fn table(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts((release, id)): PathParts<(i64, String)>,
) -> Result<Json<ReleaseTable>, ApiError> {
    let actor = person.actor;
    let (_, set) = state
        .registry
        .ask(move |registry| registry.release_set(&actor, release))
        .await?;
    let table = set.tables.into_iter().find(|table| table.id == id);
    let table = table.ok_or_else(|| {
        let message =
            format!("Release {release} has no such table. /api/desk/releases/{release} lists its tables.");
        ApiError::not_found("not_found", message)
    })?;
    Ok(Json(rows(&table)))
}

fn rows(table: &ReleasedTable) -> ReleaseTable {
    let columns: Vec<String> = table.columns().into_iter().map(str::to_owned).collect();
    let mut places: BTreeMap<String, ReleasePlace> = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        if !matches!(column.as_str(), "khan" | "sangkat") {
            continue;
        }
        for cell in &table.cells {
            let known = phteah_layers::gazetteer::division(&cell.names[at]);
            if let Some(known) = known {
                places
                    .entry(cell.names[at].clone())
                    .or_insert_with(|| ReleasePlace {
                        name: known.en.clone(),
                        name_km: known.km.clone(),
                    });
            }
        }
    }
    ReleaseTable {
        id: table.id.clone(),
        title: text(&table.title),
        about: text(&table.about),
        over: table.over.clone(),
        columns,
        shares: table.shares.clone(),
        median_of: table.median.as_ref().map(|[fact, _]| fact.clone()),
        median_unit: table.median.as_ref().map(|[_, unit]| unit.clone()),
        places,
        cells: table.cells.iter().map(cell).collect(),
    }
}

fn cell(cell: &ReleasedCell) -> ReleaseCell {
    ReleaseCell {
        names: cell.names.clone(),
        families: cell.families,
        reason: cell.reason.map(|why| word(why).to_owned()),
        shares: cell.shares.clone(),
        median: cell.median,
        median_day: cell.median_of.map(|(_, day)| day.to_string()),
    }
}

/// Counts the same families and attacks a release once more. Where that takes long, the list tells how it went.
#[utoipa::path(post, path = "/api/desk/releases/{release}/audit", operation_id = "deskReleaseAudit", request_body = ReleaseWhy,
    params(("release" = i64, Path, description = "The release's number")),
    responses((status = 200, body = DeskReleases), (status = "default", body = ErrorBody)))]
pub async fn audit(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(release): PathParts<i64>,
    JsonBody(ask): JsonBody<ReleaseWhy>,
) -> Result<Json<DeskReleases>, ApiError> {
    let set = tables_of(&state).await?;
    let (actor, now) = (person.actor.clone(), state.partner.now());
    let waiting = state.releases.begin(
        &state.registry,
        running(Kind::Audit, &person.actor, now),
        move |registry| {
            let found = registry.audit_release(&actor, &set, release, (&ask.why, now))?;
            Ok(Outcome::Audited(release, found.into()))
        },
    )?;
    answered(&state, &person.actor, waiting).await
}

/// Confirms a release that somebody else has prepared. It is frozen and its tables become layers, seen as each was before: by the team alone where
/// nothing was said.
#[utoipa::path(post, path = "/api/desk/releases/{release}/confirm", operation_id = "deskReleaseConfirm", request_body = ReleaseConfirm,
    params(("release" = i64, Path, description = "The release's number")),
    responses((status = 200, body = DeskRelease), (status = "default", body = ErrorBody)))]
pub async fn confirm(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(release): PathParts<i64>,
    JsonBody(ask): JsonBody<ReleaseConfirm>,
) -> Result<Json<DeskRelease>, ApiError> {
    let (actor, now) = (person.actor.clone(), state.partner.now());
    for (table, seen_by) in ask.seen_by.iter().flatten() {
        let now = state.partner.store().rule(table)?.layer;
        if now.as_str() != seen_by {
            let message = format!(
                "Who sees {table} was changed meanwhile: it is {} now, and was {seen_by} when you looked. Nothing was confirmed. Look at the release again.",
                now.as_str()
            );
            let code = "release_overtaken";
            return Err(StoreError::Refused { code, message }.into());
        }
    }
    state
        .registry
        .ask(move |registry| registry.confirm_release(&actor, release, &ask.why, now))
        .await?;
    publish(&state, &person.actor, release).await?;
    Ok(Json(whole(&state, &person.actor, release).await?))
}

/// Stores the tables of a confirmed release as layers.
async fn publish(state: &Arc<AppState>, actor: &Actor, release: i64) -> Result<(), ApiError> {
    let asks = actor.clone();
    let (record, public) = state
        .registry
        .ask(move |registry| registry.release_to_store(&asks, release))
        .await?;
    let dir = state.dir().to_owned();
    let laid = state.work(move || {
        lay_down(&Catalogue::open(&dir)?, &record, &public)?;
        Ok(())
    });
    laid.await
}

/// Says who sees the tables of a confirmed release: the team alone, partners whose keys open them, or everybody. Tables that are no layers are
/// stored as layers first.
#[utoipa::path(put, path = "/api/desk/releases/{release}/audience", operation_id = "deskReleaseAudience", request_body = ReleaseAudience,
    params(("release" = i64, Path, description = "The release's number")),
    responses((status = 200, body = DeskRelease), (status = "default", body = ErrorBody)))]
pub async fn audience(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(release): PathParts<i64>,
    JsonBody(ask): JsonBody<ReleaseAudience>,
) -> Result<Json<DeskRelease>, ApiError> {
    let to: Visibility = ask.seen_by.parse()?;
    let asks = person.actor.clone();
    let (_, public) = state
        .registry
        .ask(move |registry| registry.published_release(&asks, release))
        .await?;
    // Where a later release has taken the place of this one, that one stays.
    let standing = readers::standing(&*state.catalogue()?);
    let holds = |table: &ReleasedTable| {
        standing
            .get(&table.id)
            .is_some_and(|standing| *standing >= release)
    };
    if !public.tables.iter().all(holds) {
        publish(&state, &person.actor, release).await?;
    }
    let (writer, actor, now) = (Arc::clone(&state), person.actor.clone(), state.partner.now());
    state
        .work(move || {
            let catalogue = Catalogue::open(writer.dir())?;
            let store = writer.partner.store();
            Ok(readers::show(&catalogue, store, &actor, (release, to), now)?)
        })
        .await?;
    Ok(Json(whole(&state, &person.actor, release).await?))
}

/// Withdraws a confirmed release, or discards one that is not. Its layers are removed; whoever has downloaded it has it still, and it stays in
/// every later audit.
#[utoipa::path(post, path = "/api/desk/releases/{release}/withdraw", operation_id = "deskReleaseWithdraw", request_body = ReleaseWithdraw,
    params(("release" = i64, Path, description = "The release's number")),
    responses((status = 200, body = DeskRelease), (status = "default", body = ErrorBody)))]
pub async fn withdraw(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    PathParts(release): PathParts<i64>,
    JsonBody(ask): JsonBody<ReleaseWithdraw>,
) -> Result<Json<DeskRelease>, ApiError> {
    let (actor, now) = (person.actor.clone(), state.partner.now());
    let looked_at = match ask.state.as_deref() {
        None => None,
        Some("prepared") => Some(ReleaseState::Prepared),
        Some("confirmed") => Some(ReleaseState::Confirmed),
        Some(_) => {
            let message = "The state is prepared or confirmed: the one in which you saw the release.";
            return Err(ApiError::bad_parameter("state", message));
        }
    };
    let record = state
        .registry
        .ask(move |registry| registry.withdraw_release(&actor, release, looked_at, &ask.why, now))
        .await?;
    if record.state == ReleaseState::Withdrawn {
        let (writer, actor) = (Arc::clone(&state), person.actor.clone());
        state
            .work(move || {
                let catalogue = Catalogue::open(writer.dir())?;
                let store = writer.partner.store();
                Ok(readers::take_away(&catalogue, store, &actor, release, now)?)
            })
            .await?;
    }
    Ok(Json(whole(&state, &person.actor, release).await?))
}
