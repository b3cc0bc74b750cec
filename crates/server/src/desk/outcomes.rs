//! `GET /api/desk/outcomes`: how long families stayed, and what came of what the decision had promised.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use phteah_registry::survival::{AtRisk, Curve, Ends, Observation, at_risk, bootstrap, fit};
use phteah_store::Right;
use phteah_store::registry::desk::Stay;
use serde::Serialize;
use utoipa::ToSchema;

use super::Person;
use super::decisions;
use super::outcomes_counted;
use super::placement::{PlacementCriterion, criteria};
use super::types::Reading;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::types::Text;
use crate::state::AppState;

/// Days in a month, on average.
const MONTH_DAYS: f64 = 30.4375;
/// Months at which it is said how many are still there.
const MONTHS: [f64; 5] = [6.0, 12.0, 24.0, 36.0, 60.0];
/// Draws for the bands, and their seed: the same families always have the same bands.
const DRAWS: usize = 200;
const SEED: u64 = 2_001;
/// Families of a group from which on fewer draws do: the bands hardly move any more.
const MANY: usize = 5_000;

/// A stretch of time and what is known of the share still there.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeSegment {
    /// Months after the move.
    pub from: f64,
    /// Null for ever after.
    pub to: Option<f64>,
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
}

/// The share still there after some months.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeAt {
    /// Months after the move.
    pub months: f64,
    /// Between this …
    pub low: f64,
    /// … and this, as far as visits tell.
    pub high: f64,
    /// With so few families it may by chance be as low as this … Null in counts of the gate.
    pub band_low: Option<f64>,
    /// … or as high as this (95 %).
    pub band_high: Option<f64>,
    /// Families known to be there then or later.
    pub certain: u64,
    /// Families who may have been.
    pub possible: u64,
}

/// A share among those of whom it is known.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct OutcomeShare {
    /// How many.
    pub yes: u64,
    /// Of so many of whom it is known.
    pub of: u64,
}

/// What a decision had promised of a site.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomePromise {
    /// The criterion, by its place in the list.
    pub criterion: usize,
    /// The number then; null where it was not known.
    pub raw: Option<f64>,
    /// The value, 0 to 1; null where it was not known.
    pub value: Option<f64>,
}

/// Families who moved to one site, or in one year, or all.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeGroup {
    /// The site's id or the year; empty for all.
    pub key: String,
    /// What people call the site; null where no decision knows it.
    pub name: Option<Text>,
    /// How many families moved.
    pub families: u64,
    /// How many are known to have left. Null where that cannot be told.
    pub left: Option<u64>,
    /// The curve, where it may be told.
    pub curve: Vec<OutcomeSegment>,
    /// The share still there after 6, 12, 24, 36 and 60 months, as long as anybody was followed so far.
    pub at: Vec<OutcomeAt>,
    /// Kept or found work.
    pub work: Option<OutcomeShare>,
    /// Children in school; in counts of the gate, families all of whose children are.
    pub school: Option<OutcomeShare>,
    /// Flooded since.
    pub flooded: Option<OutcomeShare>,
    /// In debt.
    pub debt: Option<OutcomeShare>,
    /// With water.
    pub water: Option<OutcomeShare>,
    /// With electricity.
    pub electricity: Option<OutcomeShare>,
    /// With a toilet.
    pub toilet: Option<OutcomeShare>,
    /// What the decision had promised; none where no decision knows the site.
    pub promised: Vec<OutcomePromise>,
}

/// A reason for leaving.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeReason {
    /// The words; empty where nobody wrote one.
    pub reason: String,
    /// How many.
    pub count: usize,
}

/// How moves went.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcomes {
    /// Set while the households are still being read.
    pub reading: Option<Reading>,
    /// All families who moved.
    pub all: Option<OutcomeGroup>,
    /// By site, the largest first.
    pub sites: Vec<OutcomeGroup>,
    /// By year of the move.
    pub years: Vec<OutcomeGroup>,
    /// Why families left, the most frequent first.
    pub reasons: Vec<OutcomeReason>,
    /// Criteria of the newest decision.
    pub criteria: Vec<PlacementCriterion>,
    /// The person may not read the households: these are the counts of the gate, which previews and releases are taken from.
    pub protected: bool,
    /// The day on which families were counted for that; null where nobody has counted yet, and for whoever reads the households.
    pub counted: Option<String>,
    /// Sites and years whose number of families is hidden.
    pub withheld: usize,
}

impl Outcomes {
    pub(super) fn nothing(protected: bool) -> Self {
        Self {
            reading: None,
            all: None,
            sites: Vec::new(),
            years: Vec::new(),
            reasons: Vec::new(),
            criteria: Vec::new(),
            protected,
            counted: None,
            withheld: 0,
        }
    }
}

/// How moves went: who stayed, why others left, what came of what was promised. Hidden households are in no count. Who may not read households is
/// told the latest counts of the gate and nothing else.
#[utoipa::path(get, path = "/api/desk/outcomes", operation_id = "deskOutcomes",
    responses((status = 200, body = Outcomes), (status = "default", body = ErrorBody)))]
pub async fn outcomes(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<Outcomes>, ApiError> {
    let (now, actor) = (state.partner.now(), person.actor.clone());
    let worker = Arc::clone(&state);
    if person.actor.reach(Right::SeeCaseDecisions).is_none() {
        let found = state.registry.ask(move |registry| registry.counts(&actor)).await?;
        let Some(counts) = found else {
            return Ok(Json(Outcomes::nothing(true)));
        };
        let answer = state.work(move || Ok(outcomes_counted::of(&counts.set, &known_sites(&worker))));
        return Ok(Json(answer.await?));
    }
    let found = state
        .registry
        .ask(move |registry| registry.stays(&actor, now))
        .await?;
    let stays = match found {
        Ok(stays) => stays,
        Err(progress) => {
            return Ok(Json(Outcomes {
                reading: Some(Reading::from(progress)),
                ..Outcomes::nothing(false)
            }));
        }
    };
    let answer = state.work(move || Ok(of(&stays, &known_sites(&worker))));
    Ok(Json(answer.await?))
}

/// What the newest decision knows of its sites.
#[derive(Default)]
pub(super) struct KnownSites {
    pub criteria: Vec<PlacementCriterion>,
    pub sites: BTreeMap<String, (Text, Vec<OutcomePromise>)>,
}

fn known_sites(state: &AppState) -> KnownSites {
    let Some(decision) = decisions::all(state.dir()).into_iter().next() else {
        return KnownSites::default();
    };
    let ranked = match decisions::ranked(state, &decision) {
        Ok(ranked) => ranked,
        Err(error) => {
            tracing::warn!(%error, "what was promised cannot be worked out");
            return KnownSites::default();
        }
    };
    let promised = |row: usize| {
        let criteria = ranked.ranking.criteria.iter().enumerate();
        criteria
            .filter(|(_, criterion)| criterion.weight > 0.0)
            .map(|(i, criterion)| OutcomePromise {
                criterion: i,
                raw: match criterion.raw(row) {
                    phteah_planning::matrix::Cell::Known(number) => Some((number * 100.0).round() / 100.0),
                    _ => None,
                },
                value: criterion.value(row).map(|value| (value * 1e4).round() / 1e4),
            })
            .collect()
    };
    let sites = (0..ranked.ranking.ids.len())
        .map(|row| {
            (
                ranked.site(row).id.clone(),
                (Text::from(&ranked.name(row)), promised(row)),
            )
        })
        .collect();
    KnownSites {
        criteria: criteria(&ranked),
        sites,
    }
}

fn of(stays: &[Stay], known: &KnownSites) -> Outcomes {
    let mut by_site: BTreeMap<&str, Vec<&Stay>> = BTreeMap::new();
    let mut by_year: BTreeMap<i16, Vec<&Stay>> = BTreeMap::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for stay in stays {
        by_site.entry(&stay.site).or_default().push(stay);
        by_year.entry(stay.moved_on.year()).or_default().push(stay);
        if stay.first_gone.is_some() {
            *reasons
                .entry(stay.reason.as_deref().unwrap_or_default().to_owned())
                .or_default() += 1;
        }
    }
    let mut sites: Vec<OutcomeGroup> = by_site
        .into_iter()
        .map(|(site, stays)| group(site.to_owned(), &stays, known))
        .collect();
    sites.sort_by(|a, b| b.families.cmp(&a.families).then(a.key.cmp(&b.key)));
    let years = by_year
        .into_iter()
        .map(|(year, stays)| group(year.to_string(), &stays, known));
    let all: Vec<&Stay> = stays.iter().collect();
    let mut reasons: Vec<OutcomeReason> = reasons
        .into_iter()
        .map(|(reason, count)| OutcomeReason { reason, count })
        .collect();
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then(a.reason.cmp(&b.reason)));
    reasons.truncate(30);
    Outcomes {
        all: Some(group(String::new(), &all, known)),
        sites,
        years: years.collect(),
        reasons,
        criteria: known.criteria.clone(),
        ..Outcomes::nothing(false)
    }
}

fn group(key: String, stays: &[&Stay], known: &KnownSites) -> OutcomeGroup {
    // Whole months: visits are by months, and a day more or less is nobody's business.
    let observations: Vec<Observation> = stays
        .iter()
        .filter_map(|stay| {
            let left = (f64::from(stay.last_there) / MONTH_DAYS).floor();
            let right = stay
                .first_gone
                .map(|days| (f64::from(days) / MONTH_DAYS).ceil().max(left + 1.0));
            Observation::new(left, right).ok()
        })
        .collect();
    let curve = Curve::of(&fit(&observations, Ends::LeftOpen));
    let followed = observations
        .iter()
        .map(|one| one.right().unwrap_or_else(|| one.left()))
        .fold(0.0, f64::max);
    let months: Vec<f64> = MONTHS.into_iter().filter(|months| *months <= followed).collect();
    let draws = if observations.len() > MANY {
        DRAWS / 8
    } else {
        DRAWS
    };
    let bands = bootstrap(&observations, Ends::LeftOpen, &months, draws, SEED);
    let at = bands.iter().filter_map(|band| {
        let (low, high) = curve.at(band.time)?;
        let AtRisk { certain, possible } = at_risk(&observations, band.time);
        let shown = |share: f64| (share * 1e4).round() / 1e4;
        Some(OutcomeAt {
            months: band.time,
            low: shown(low),
            high: shown(high),
            band_low: Some(shown(band.low)),
            band_high: Some(shown(band.high)),
            certain: certain as u64,
            possible: possible as u64,
        })
    });
    let share = |answer: fn(&Stay) -> Option<bool>| {
        let known: Vec<bool> = stays.iter().filter_map(|stay| answer(stay)).collect();
        told_share(known.iter().filter(|yes| **yes).count(), known.len())
    };
    let school = stays.iter().fold((0, 0), |sum, stay| {
        let (of, yes) = stay.answers.school;
        (sum.0 + usize::from(of), sum.1 + usize::from(yes))
    });
    let left = stays.iter().filter(|stay| stay.first_gone.is_some()).count();
    let site = known.sites.get(&key);
    OutcomeGroup {
        name: site.map(|(name, _)| name.clone()),
        families: stays.len() as u64,
        left: Some(left as u64),
        curve: segments(&curve),
        at: at.collect(),
        work: share(|stay| stay.answers.work),
        school: told_share(school.1, school.0),
        flooded: share(|stay| stay.answers.flooded),
        debt: share(|stay| stay.answers.debt),
        water: share(|stay| stay.answers.water),
        electricity: share(|stay| stay.answers.electricity),
        toilet: share(|stay| stay.answers.toilet),
        promised: site.map_or_else(Vec::new, |(_, promised)| promised.clone()),
        key,
    }
}

fn told_share(yes: usize, of: usize) -> Option<OutcomeShare> {
    (of > 0).then_some(OutcomeShare {
        yes: yes as u64,
        of: of as u64,
    })
}

fn segments(curve: &Curve) -> Vec<OutcomeSegment> {
    let round = |share: f64| (share * 1e4).round() / 1e4;
    curve
        .segments
        .iter()
        .map(|segment| OutcomeSegment {
            from: segment.from,
            to: segment.to,
            low: round(segment.low),
            high: round(segment.high),
        })
        .collect()
}
