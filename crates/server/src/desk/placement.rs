//! `POST /api/desk/placements`: who could be offered which site, with proof of how good that is. Nothing is kept of it: people decide, and
//! make offers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::{Extension, Json};
use phteah_registry::event::HouseholdId;
use phteah_registry::placement::{
    FirstWish, FirstWishes, Problem, Proposal, Reason, greedy, propose as place, reasons, value,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Person;
use super::decisions::{self, Decision};
use super::family::{self, Family, Part};
use super::types::Names;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::JsonBody;
use crate::api::types::Text;
use crate::ranking::RankedSites;
use crate::state::AppState;

/// The most families that are placed at once.
pub const MAX_FAMILIES: usize = 500;
/// How long a proposal may be worked at.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who is to be placed, and where.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementRequest {
    /// The decision's seal.
    pub decision: String,
    /// Households, at most 500.
    pub households: Vec<String>,
    /// Sites of the decision; all of them if absent.
    pub sites: Option<Vec<String>>,
    /// Groups of neighbours who wish to stay together.
    #[serde(default)]
    pub together: Vec<Vec<String>>,
}

/// A criterion of a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlacementCriterion {
    /// Its id.
    pub id: String,
    /// What people read.
    pub label: Text,
    /// The unit of its numbers; empty where they have none.
    pub unit: String,
}

/// A site of a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacementSite {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Text,
    /// Households that find room.
    pub capacity: u32,
    /// Places that are offered or taken already.
    pub taken: u32,
    /// Families that the proposal sends there.
    pub proposed: u32,
}

/// What speaks for a site, or against it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlacementReason {
    /// The criterion, by its place in the list.
    pub criterion: usize,
    /// The number behind it; null where there is none.
    pub raw: Option<f64>,
    /// The category behind it.
    pub category: Option<String>,
    /// The value, 0 worst to 1 best.
    pub value: f64,
    /// Its share in this family's score.
    pub share: f64,
    /// Whether it is known.
    pub known: bool,
    /// Estimated from this family's own home.
    pub own: bool,
}

/// A site for a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilySite {
    /// The site.
    pub site: String,
    /// How good it is for this family, 0 to 100.
    pub score: f64,
    /// What speaks for it, the weightiest first.
    pub good: Vec<PlacementReason>,
    /// What speaks against it.
    pub bad: Vec<PlacementReason>,
    /// The share of the score that rests on what is not known.
    pub unknown_share: f64,
}

/// What it would cost to give a family its first wish.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstWishCost {
    /// The site.
    pub site: String,
    /// So many families fewer would be placed.
    pub families: usize,
    /// The sum of scores would fall by so many points at least.
    pub at_least: f64,
    /// At the most.
    pub at_most: f64,
}

/// A family of a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacedFamily {
    /// The household.
    pub id: String,
    /// Its name.
    pub names: Names,
    /// The code on its card.
    pub code: Option<String>,
    /// How many people.
    pub size: Option<i64>,
    /// Its needs.
    pub needs: Vec<String>,
    /// What is not known of it: `home`, `ages`, `difficulty`, `work`, `consent`.
    pub unknown: Vec<String>,
    /// Where it stands.
    pub statuses: Vec<String>,
    /// The site that is proposed; null where none.
    pub site: Option<String>,
    /// The site by the greedy way.
    pub greedy_site: Option<String>,
    /// How good the proposed site is for it, 0 to 100.
    pub score: Option<f64>,
    /// `first_wish`, `later_wish`, `no_possible_site`, `too_large_everywhere` or `full`.
    pub reason: String,
    /// Which wish.
    pub wish: Option<usize>,
    /// The three best sites for it.
    pub best: Vec<FamilySite>,
    /// What its first wish would cost; null where it has it, or where that takes too long to work out.
    pub first_wish: Option<FirstWishCost>,
    /// What an offer comes after.
    pub heads: Vec<String>,
}

/// A proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct Placement {
    /// The decision's seal.
    pub decision: String,
    /// Its criteria.
    pub criteria: Vec<PlacementCriterion>,
    /// The sites.
    pub sites: Vec<PlacementSite>,
    /// The families, in the order in which they were asked for.
    pub families: Vec<PlacedFamily>,
    /// How many are placed.
    pub placed: usize,
    /// No proposal places more.
    pub placed_bound: usize,
    /// The sum of the families' scores, 100 for each at the best.
    pub value: f64,
    /// No proposal that places as many has a greater sum.
    pub bound: f64,
    /// The difference as a share.
    pub gap: f64,
    /// Whether both are proven.
    pub proven: bool,
    /// How many the greedy way places.
    pub greedy_placed: usize,
    /// And its sum.
    pub greedy_value: f64,
    /// Households that could not be read: not there, or of others.
    pub left_out: usize,
    /// Whether the layers have changed since the decision.
    pub layers_changed: bool,
}

/// Proposes a site for every family: as many as possible are placed, and among all such proposals the sum of each family's own scores is the
/// greatest. Shown beside the plain greedy way.
#[utoipa::path(post, path = "/api/desk/placements", operation_id = "deskPlacement", request_body = PlacementRequest,
    responses((status = 200, body = Placement), (status = "default", body = ErrorBody)))]
pub async fn propose(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
    JsonBody(request): JsonBody<PlacementRequest>,
) -> Result<Json<Placement>, ApiError> {
    let ids = ids(&request.households, MAX_FAMILIES)?;
    let now = state.partner.now();
    let actor = person.actor;
    let asked = ids.len();
    let (cases, taken) = state
        .registry
        .ask(move |registry| {
            Ok((
                registry.cases(&actor, &ids, "placement", now)?,
                registry.places_taken(&actor)?,
            ))
        })
        .await?;
    let families: Vec<Family> = cases.iter().map(Family::of).collect();
    let left_out = asked - families.len();
    let worker = Arc::clone(&state);
    let answer = state.work(move || {
        let decision = decisions::named(worker.dir(), &request.decision)?;
        let ranked = decisions::ranked(&worker, &decision)?;
        let mut placement = work_out(&decision, &ranked, &families, &taken, &request)?;
        placement.left_out = left_out;
        Ok(placement)
    });
    Ok(Json(answer.await?))
}

/// Ids of households, each once.
pub fn ids(texts: &[String], most: usize) -> Result<Vec<HouseholdId>, ApiError> {
    if texts.is_empty() || texts.len() > most {
        return Err(ApiError::bad_parameter(
            "households",
            format!("Choose 1 to {most} households."),
        ));
    }
    let mut ids: Vec<HouseholdId> = Vec::with_capacity(texts.len());
    for text in texts {
        let id = text
            .parse()
            .map_err(|_| ApiError::bad_parameter("households", "households are ids of households."))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn work_out(
    decision: &Decision,
    ranked: &RankedSites,
    families: &[Family],
    taken: &BTreeMap<String, u32>,
    request: &PlacementRequest,
) -> Result<Placement, ApiError> {
    let mut rows = decisions::rows(decision, ranked);
    if let Some(asked) = &request.sites {
        rows.retain(|row| asked.contains(&ranked.site(*row).id));
    }
    if rows.is_empty() {
        return Err(ApiError::bad_parameter(
            "sites",
            "Choose at least one site of the decision.",
        ));
    }
    let all: Vec<Vec<Vec<Part>>> = families
        .iter()
        .map(|family| {
            rows.iter()
                .map(|row| family::parts(family, ranked, *row))
                .collect()
        })
        .collect();
    let scores = families.iter().zip(&all).flat_map(|(family, sites)| {
        rows.iter().zip(sites).map(|(row, parts)| {
            // A site that the family has declined is not proposed again.
            (!family.declined.contains(&ranked.site(*row).id)).then(|| round(family::score(parts) * 100.0))
        })
    });
    let free = |row: &usize| {
        let site = ranked.site(*row);
        f64::from(
            site.capacity
                .saturating_sub(taken.get(&site.id).copied().unwrap_or_default()),
        )
    };
    let refused = |error: phteah_registry::placement::PlacementError| {
        ApiError::bad_parameter("households", format!("{error}."))
    };
    let mut problem =
        Problem::new(families.len(), scores.collect(), rows.iter().map(free).collect()).map_err(refused)?;
    for group in &request.together {
        let members = group
            .iter()
            .filter_map(|id| families.iter().position(|family| family.id.to_string() == *id));
        problem = problem.with_together(members.collect()).map_err(refused)?;
    }
    let begun = Instant::now();
    let elapsed = || begun.elapsed().as_secs_f64() / PATIENCE.as_secs_f64();
    let proposal = place(&problem, &elapsed);
    let by_hand = greedy(&problem);
    let worked = Worked {
        ranked,
        rows: &rows,
        parts: &all,
        why: reasons(&problem, &proposal),
        problem: &problem,
        proposal: &proposal,
        by_hand: &by_hand,
    };
    let mut wishes = FirstWishes::new(&problem, &proposal);
    let mut told = Vec::with_capacity(families.len());
    for (i, family) in families.iter().enumerate() {
        let first_wish = if wishes.is_quick() && !matches!(worked.why[i], Reason::First) {
            wishes.of(i, &elapsed)
        } else {
            None
        };
        told.push(worked.family(i, family, first_wish));
    }
    Ok(Placement {
        decision: decision.id.clone(),
        criteria: criteria(ranked),
        sites: worked.sites(taken),
        families: told,
        placed: proposal.placed,
        placed_bound: proposal.placed_bound,
        value: round(proposal.value),
        bound: round(proposal.bound),
        gap: proposal.gap(),
        proven: proposal.is_proven(),
        greedy_placed: by_hand.iter().flatten().count(),
        greedy_value: round(value(&problem, &by_hand)),
        left_out: 0,
        layers_changed: decisions::changed(decision, ranked),
    })
}

/// A proposal that was worked out, and all that it was worked out of.
struct Worked<'a> {
    ranked: &'a RankedSites,
    rows: &'a [usize],
    parts: &'a [Vec<Vec<Part>>],
    why: Vec<Reason>,
    problem: &'a Problem,
    proposal: &'a Proposal,
    by_hand: &'a [Option<usize>],
}

impl Worked<'_> {
    fn id(&self, at: usize) -> String {
        self.ranked.site(self.rows[at]).id.clone()
    }

    fn sites(&self, taken: &BTreeMap<String, u32>) -> Vec<PlacementSite> {
        let sites = self.rows.iter().enumerate().map(|(at, row)| {
            let site = self.ranked.site(*row);
            PlacementSite {
                id: site.id.clone(),
                name: Text::from(&self.ranked.name(*row)),
                capacity: site.capacity,
                taken: taken.get(&site.id).copied().unwrap_or_default(),
                proposed: self
                    .proposal
                    .sites
                    .iter()
                    .filter(|site| **site == Some(at))
                    .count() as u32,
            }
        });
        sites.collect()
    }

    fn family(&self, i: usize, family: &Family, first_wish: Option<FirstWish>) -> PlacedFamily {
        let (reason, wish) = match self.why[i] {
            Reason::First => ("first_wish", Some(1)),
            Reason::Later { wish } => ("later_wish", Some(wish)),
            Reason::NoPossibleSite => ("no_possible_site", None),
            Reason::TooLargeEverywhere => ("too_large_everywhere", None),
            Reason::Full => ("full", None),
        };
        let parts = &self.parts[i];
        let best = self.problem.wishes(i).into_iter().take(3).map(|at| FamilySite {
            site: self.id(at),
            score: self.problem.score(i, at).unwrap_or_default(),
            good: told_of(parts, at, true),
            bad: told_of(parts, at, false),
            unknown_share: round(
                parts[at]
                    .iter()
                    .filter(|part| !part.known)
                    .map(|part| part.share)
                    .sum(),
            ),
        });
        let [km, latin] = family.names.clone();
        PlacedFamily {
            id: family.id.to_string(),
            names: Names { km, latin },
            code: family.code.clone(),
            size: family.size,
            needs: family.needs.iter().map(|need| need.as_str().to_owned()).collect(),
            unknown: family.unknown().into_iter().map(str::to_owned).collect(),
            statuses: family.statuses.iter().map(ToString::to_string).collect(),
            site: self.proposal.sites[i].map(|at| self.id(at)),
            greedy_site: self.by_hand[i].map(|at| self.id(at)),
            score: self.proposal.sites[i].and_then(|at| self.problem.score(i, at)),
            reason: reason.to_owned(),
            wish,
            best: best.collect(),
            first_wish: first_wish.map(|wish| FirstWishCost {
                site: self.id(wish.site),
                families: wish.families,
                at_least: round(wish.at_least),
                at_most: round(wish.at_most),
            }),
            heads: family.heads.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The criteria of a ranking.
pub fn criteria(ranked: &RankedSites) -> Vec<PlacementCriterion> {
    let criteria = ranked.ranking.criteria.iter();
    criteria
        .map(|criterion| PlacementCriterion {
            id: criterion.id.clone(),
            label: Text::from(&criterion.label),
            unit: ranked.unit(&criterion.measure).to_owned(),
        })
        .collect()
}

/// What parts a site from this family's others, for it or against it: at most two criteria, the weightiest first.
fn told_of(sites: &[Vec<Part>], at: usize, good: bool) -> Vec<PlacementReason> {
    let count = sites.len() as f64;
    let mut gains: Vec<(f64, &Part)> = sites[at]
        .iter()
        .enumerate()
        .map(|(i, part)| {
            let mean = sites.iter().map(|site| site[i].value).sum::<f64>() / count;
            let gain = part.share * (part.value - mean);
            // Where all sites are alike, what counts most is told.
            let told = if sites.len() == 1 {
                part.share * (part.value - 0.5)
            } else {
                gain
            };
            (if good { told } else { -told }, part)
        })
        .filter(|(gain, _)| *gain > 0.002)
        .collect();
    gains.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.criterion.cmp(&b.1.criterion)));
    gains
        .into_iter()
        .take(2)
        .map(|(_, part)| told_part(part))
        .collect()
}

/// A part as it travels.
pub fn told_part(part: &Part) -> PlacementReason {
    PlacementReason {
        criterion: part.criterion,
        raw: part.raw.map(round),
        category: part.category.clone(),
        value: round(part.value),
        share: round(part.share),
        known: part.known,
        own: part.own,
    }
}

fn round(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}
