//! Ranked sites, one by one.

use phteah_layers::measures::DivisionName;
use phteah_planning::decision::RowCriterion;
use phteah_planning::exclusion::Answer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Text, rounded, square_metres};
use crate::api::error::ApiError;
use crate::api::geojson;
use crate::ranking::RankedSites;
use crate::ranking::files::{standing, status_of};
use crate::tiles::plane::Plane;

/// Decimals of scores, values and contributions.
const DECIMALS: i32 = 6;

/// A page of the list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SitePage {
    /// By rank, then those of which too little is known, then the excluded.
    pub sites: Vec<SiteSummary>,
    /// Give it as `after` for the next page; null on the last.
    pub next: Option<String>,
}

/// A site in the list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SiteSummary {
    /// Row in the matrix and id of the feature in tiles.
    pub i: u32,
    /// Its id.
    pub id: String,
    /// Rank; null where it has none.
    pub rank: Option<u32>,
    /// Score, 0 to 1; null where it has none.
    pub score: Option<f64>,
    /// `ranked`; `excluded`; `exclusion_unknown` where nobody knows whether a limit excludes it: under the rule `lowest` it
    /// stands behind all sites that pass for certain, and `excluded` says which limit is open;
    /// `too_little_known` where it has no rank because too much of the weight is unknown.
    pub status: String,
    /// Share of the weight of which nothing is known, 0 to 1; criteria for which no layer is loaded are left out.
    pub unknown_share: f64,
    /// What to find out: ids of the criteria of which nothing is known, by falling weight.
    pub find_out: Vec<String>,
    /// Lowest cost of a household's place, US dollars; null where it is not known, or without unit costs.
    pub cost_per_household_low: Option<f64>,
    /// Highest cost of a household's place; the same as the lowest where it is exactly known.
    pub cost_per_household_high: Option<f64>,
    /// The lowest score that missing facts allow.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// What people call it.
    pub name: Text,
    /// The khan it lies in.
    pub khan: Option<Place>,
    /// The sangkat it lies in.
    pub sangkat: Option<Place>,
    /// Net area in square metres.
    pub area_m2: f64,
    /// Households it can hold.
    pub capacity: u32,
    /// Longitude of a point on it, degrees.
    pub lon: f64,
    /// Latitude of that point, degrees.
    pub lat: f64,
    /// Exclusions that it fails or of which it is not known.
    pub excluded: Vec<Exclusion>,
}

/// A site in full.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SiteDetail {
    /// As in the list.
    #[serde(flatten)]
    pub summary: SiteSummary,
    /// The parcels it is made of.
    pub parcels: Vec<String>,
    /// Its shape as `GeoJSON` (RFC 7946).
    #[schema(value_type = Object)]
    pub geometry: Value,
    /// Every criterion, in the scenario's order.
    pub criteria: Vec<SiteCriterion>,
    /// The best rank that missing facts, of this site and of all others, leave open; null where it has none.
    pub rank_best: Option<u32>,
    /// The worst.
    pub rank_worst: Option<u32>,
}

/// A khan or sangkat.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// Its code.
    pub code: String,
    /// Its name in English.
    pub en: String,
    /// Its name in Khmer.
    pub km: String,
}

/// An exclusion that does not pass.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Exclusion {
    /// Its id.
    pub exclusion: String,
    /// Why.
    pub text: Text,
    /// `fail` or `unknown`.
    pub answer: String,
}

/// One criterion of one site.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SiteCriterion {
    /// Its id.
    pub id: String,
    /// The raw number; null where it is not exactly known or a category.
    pub raw: Option<f64>,
    /// The category, of a measure that is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Unit of the raw number.
    pub unit: String,
    /// `known`, `unknown`, `unreachable` or `off_network`.
    pub status: String,
    /// The lowest that the raw number can be, where it is known between bounds.
    pub low: Option<f64>,
    /// The highest.
    pub high: Option<f64>,
    /// The share of the households for whom the number holds, where the others cannot get there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_share: Option<f64>,
    /// Whether it was taken from a coarser source than its measure asks for: flood zones instead of depths.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub coarse: bool,
    /// The value, 0 worst to 1 best.
    pub value: Option<f64>,
    /// Share of the weight times the value.
    pub contribution: Option<f64>,
}

impl SiteSummary {
    /// The site of a row.
    pub fn of(ranked: &RankedSites, row: usize) -> Self {
        let (ranking, site) = (&ranked.ranking, ranked.site(row));
        let (lon, lat) = ranked.position(row);
        let cost = ranking.cost.as_ref().and_then(|cost| cost[row]);
        let excluded = ranking.excluded(row).into_iter().map(|excluded| Exclusion {
            exclusion: excluded.exclusion,
            text: (&excluded.text).into(),
            answer: answer(excluded.answer).to_owned(),
        });
        Self {
            i: row as u32,
            id: ranking.ids[row].clone(),
            rank: ranking.rank[row],
            score: ranking.score[row].map(|score| rounded(score, DECIMALS)),
            status: standing(&ranking.row(row)).to_owned(),
            unknown_share: rounded(ranking.unknown_share[row], DECIMALS),
            find_out: ranking
                .find_out(row)
                .into_iter()
                .map(|one| one.id.clone())
                .collect(),
            cost_per_household_low: cost.map(|(low, _)| rounded(low, 2)),
            cost_per_household_high: cost.map(|(_, high)| rounded(high, 2)),
            lowest: rounded(ranking.lowest[row], DECIMALS),
            highest: rounded(ranking.highest[row], DECIMALS),
            name: (&site.place.label()).into(),
            khan: site.place.khan.as_ref().map(Into::into),
            sangkat: site.place.sangkat.as_ref().map(Into::into),
            area_m2: square_metres(site.area_m2),
            capacity: site.capacity,
            lon: rounded(lon, 7),
            lat: rounded(lat, 7),
            excluded: excluded.collect(),
        }
    }
}

impl SiteDetail {
    /// The site of a row; `plane` is that of the deployment's CRS.
    pub fn of(ranked: &RankedSites, row: usize, plane: &Plane) -> Result<Self, ApiError> {
        let geometry = geojson::geometry(&ranked.site(row).shape, plane);
        Ok(Self {
            summary: SiteSummary::of(ranked, row),
            parcels: ranked.site(row).parcels.clone(),
            geometry: geometry.ok_or_else(|| ApiError::internal("a site lies nowhere"))?,
            criteria: ranked
                .ranking
                .row(row)
                .criteria
                .into_iter()
                .zip(&ranked.ranking.criteria)
                .map(|(cell, criterion)| SiteCriterion {
                    unit: ranked.unit(&criterion.measure).to_owned(),
                    ..cell.into()
                })
                .collect(),
            rank_best: ranked.ranking.standing[row].map(|standing| standing.best),
            rank_worst: ranked.ranking.standing[row].map(|standing| standing.worst),
        })
    }
}

impl From<&DivisionName> for Place {
    fn from(division: &DivisionName) -> Self {
        Self {
            code: division.code.clone(),
            en: division.name.en.clone(),
            km: division.name.km.clone(),
        }
    }
}

impl From<RowCriterion> for SiteCriterion {
    fn from(criterion: RowCriterion) -> Self {
        let number = |n: f64| rounded(n, DECIMALS);
        let status = status_of(&criterion).to_owned();
        Self {
            id: criterion.id,
            raw: criterion.raw.map(number),
            category: criterion.category,
            unit: criterion.unit.symbol().to_owned(),
            status,
            low: criterion.low.map(number),
            high: criterion.high.map(number),
            reached_share: criterion.reached_share.map(number),
            coarse: criterion.coarse,
            value: criterion.value.map(number),
            contribution: criterion.contribution.map(number),
        }
    }
}

fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Pass => "pass",
        Answer::Fail => "fail",
        Answer::Unknown => "unknown",
    }
}
