//! How far a ranking depends on its weights.

use phteah_planning::robustness::{Acceptability, Plausible};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Text, rounded};
use crate::ranking::RankedSites;

/// Decimals of shares and weights.
const DECIMALS: i32 = 4;

/// Shares of plausible weightings under which sites take each rank, by the weighted sum.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Robustness {
    /// How many weightings were drawn.
    pub draws: u32,
    /// The seed of the draws.
    pub seed: u64,
    /// `given` each weight up to half more or less, `uniform` any weights, `order` any in the same order of importance.
    pub weights: String,
    /// How many places count as the first.
    pub first: usize,
    /// Mean of all drawn weights, by criterion: a site's `central_weights` that differ from these tell what it is first for.
    pub mean_weights: Vec<f64>,
    /// Per row of the matrix: share of draws in which the site is among the first; null where it takes no part.
    pub among_first: Vec<Option<f64>>,
    /// The best sites of the ranking, best first.
    pub sites: Vec<SiteRobustness>,
    /// What this says of the first places.
    pub in_words: Text,
}

/// How one site fares.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SiteRobustness {
    /// Row in the matrix.
    pub i: u32,
    /// Its id.
    pub id: String,
    /// Share of draws that give it rank 1, 2, …
    pub ranks: Vec<f64>,
    /// Mean of the weights under which it comes first, by criterion; null where it never does.
    pub central_weights: Option<Vec<f64>>,
    /// With these weights, the share of what missing facts leave open in which it comes first.
    pub confidence: Option<f64>,
}

impl Robustness {
    /// How a ranking fares; `first` places count, `sites` best sites are told in full.
    pub fn of(ranked: &RankedSites, found: &Acceptability, first: usize, sites: usize) -> Self {
        let ranking = &ranked.ranking;
        let rows = 0..ranking.ids.len() as u32;
        // Criteria that weigh nothing take no part in the draws.
        let of_all = |weights: &Vec<f64>| {
            let mut all = vec![0.0; ranking.criteria.len()];
            for (&criterion, &weight) in found.contest.criteria.iter().zip(weights) {
                all[criterion] = rounded(weight, DECIMALS);
            }
            all
        };
        let site = |&row: &u32| {
            let position = found.contest.position(row)?;
            let central = found.smaa.central[position].as_ref().map(of_all);
            Some(SiteRobustness {
                i: row,
                id: ranking.ids[row as usize].clone(),
                ranks: found.smaa.acceptability[position]
                    .iter()
                    .map(|&share| rounded(share, DECIMALS))
                    .collect(),
                central_weights: central,
                confidence: found.smaa.confidence[position].map(|share| rounded(share, DECIMALS)),
            })
        };
        let leader = ranking.order.first().map_or_else(
            || phteah_planning::text::Text::new("", ""),
            |&row| ranked.name(row as usize),
        );
        Self {
            draws: found.smaa.draws,
            seed: found.smaa.seed,
            weights: match found.plausible {
                Plausible::Given => "given",
                Plausible::Uniform => "uniform",
                Plausible::Order => "order",
            }
            .to_owned(),
            first,
            mean_weights: of_all(&found.smaa.mean),
            among_first: rows
                .map(|row| {
                    found
                        .among_first(row, first)
                        .map(|share| rounded(share, DECIMALS))
                })
                .collect(),
            sites: ranking.order.iter().take(sites).filter_map(site).collect(),
            in_words: (&found.in_words(ranking, first, &leader)).into(),
        }
    }
}
