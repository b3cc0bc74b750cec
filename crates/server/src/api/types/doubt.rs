//! Second opinions on a ranking: other methods, and what is worth finding out.

use phteah_planning::compare::{Comparison as SideBySide, kendall};
use phteah_planning::matrix::Unknown;
use phteah_planning::measure::plain_number;
use phteah_planning::text::Text as Words;
use phteah_planning::unknowns::facts::Fact as Found;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Text, rounded};
use crate::ranking::RankedSites;

/// Decimals of scores and shares.
const DECIMALS: i32 = 6;

/// The methods side by side, on the same values and weights.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Methods {
    /// The methods, the ranking's own among them.
    pub methods: Vec<String>,
    /// How many places count as leading.
    pub top: usize,
    /// The best sites of any method, in the order of the ranking.
    pub sites: Vec<SiteRanks>,
    /// Ids of the sites that lead under every method.
    pub leaders: Vec<String>,
    /// Sites that lead under some methods and not under others, the widest parting first.
    pub parts: Vec<Part>,
    /// How far each two methods agree over all sites.
    pub agreement: Vec<Agreement>,
}

/// A site's rank under each method.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SiteRanks {
    /// Row in the matrix.
    pub i: u32,
    /// Its id.
    pub id: String,
    /// Rank under each of `methods`; null where it has none.
    pub ranks: Vec<Option<u32>>,
}

/// Where methods part.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Part {
    /// Row in the matrix.
    pub i: u32,
    /// The site.
    pub id: String,
    /// The method that likes it best, and its rank there.
    pub best: MethodRank,
    /// The method that likes it least, and its rank there.
    pub worst: MethodRank,
    /// Why, in words.
    pub sentence: Text,
}

/// A rank under a method.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MethodRank {
    /// The method.
    pub method: String,
    /// The rank.
    pub rank: u32,
}

/// How far two methods agree.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Agreement {
    /// One method.
    pub a: String,
    /// The other.
    pub b: String,
    /// Kendall's τ-b: 1 the same order, −1 the reverse; null where it is not defined.
    pub tau: Option<f64>,
}

impl Methods {
    /// What other methods say; `sites` of the best under any of them are told.
    pub fn of(ranked: &RankedSites, found: &SideBySide, sites: usize) -> Self {
        let ranking = &ranked.ranking;
        let name = |n: usize| found.methods[n].method.name().to_owned();
        let best_anywhere = |row: &&u32| {
            found
                .methods
                .iter()
                .any(|method| method.ranks[**row as usize].is_some_and(|rank| rank as usize <= sites))
        };
        let ranks = |&row: &u32| SiteRanks {
            i: row,
            id: ranking.ids[row as usize].clone(),
            ranks: found
                .methods
                .iter()
                .map(|method| method.ranks[row as usize])
                .collect(),
        };
        let rank = |(method, rank): &(String, u32)| MethodRank {
            method: method.clone(),
            rank: *rank,
        };
        let part = |part: &phteah_planning::compare::Parting| Part {
            i: part.row,
            id: part.id.clone(),
            best: rank(&part.best),
            worst: rank(&part.worst),
            sentence: (&part.why).into(),
        };
        let count = found.methods.len();
        let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
        Self {
            methods: (0..count).map(name).collect(),
            top: found.top,
            sites: ranking.order.iter().filter(best_anywhere).map(ranks).collect(),
            leaders: found
                .lead_everywhere
                .iter()
                .map(|&row| ranking.ids[row as usize].clone())
                .collect(),
            parts: found.parting.iter().map(part).collect(),
            agreement: pairs
                .map(|(a, b)| Agreement {
                    a: name(a),
                    b: name(b),
                    tau: kendall(&found.methods[a].ranks, &found.methods[b].ranks).map(|tau| rounded(tau, 4)),
                })
                .collect(),
        }
    }
}

/// Facts that would most narrow the top of the list: a task for a field team.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Unknowns {
    /// How many places count as the top.
    pub top: usize,
    /// The facts, the most useful first.
    pub facts: Vec<Fact>,
}

/// One fact worth finding out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    /// Row of the site in the matrix.
    pub i: u32,
    /// The site.
    pub id: String,
    /// The criterion that is not known; null where an exclusion is open.
    pub criterion: Option<String>,
    /// The exclusion that is open; null where a criterion is not known.
    pub exclusion: Option<String>,
    /// `unknown`, `unreachable`, `off_network`, or `between` bounds.
    pub status: String,
    /// How much of the score it leaves open, 0 to 1.
    pub width: f64,
    /// How many comparisons with or within the top it is expected to settle.
    pub settles: f64,
    /// The lowest score that all missing facts of the site allow.
    pub score_low: f64,
    /// The highest.
    pub score_high: f64,
    /// The best rank that they allow; null where it has none.
    pub rank_low: Option<u32>,
    /// The worst.
    pub rank_high: Option<u32>,
    /// What to find out, in words.
    pub in_words: Text,
}

impl Unknowns {
    /// The facts of a ranking.
    pub fn of(ranked: &RankedSites, found: &[Found], top: usize) -> Self {
        Self {
            top,
            facts: found.iter().filter_map(|fact| Fact::of(ranked, fact)).collect(),
        }
    }
}

impl Fact {
    fn of(ranked: &RankedSites, fact: &Found) -> Option<Self> {
        let ranking = &ranked.ranking;
        let row = ranked.row(&fact.alternative)?;
        let name = ranked.name(row);
        let criterion = fact
            .criterion
            .as_ref()
            .and_then(|id| ranking.criteria.iter().find(|criterion| criterion.id == *id));
        let exclusion = fact.exclusion.as_ref().and_then(|id| {
            let of_row = ranking.excluded(row);
            of_row.into_iter().find(|excluded| excluded.exclusion == *id)
        });
        let status = criterion.map_or("unknown", |criterion| match criterion.raw(row) {
            phteah_planning::matrix::Cell::Unknown(Unknown::Unreachable) => "unreachable",
            phteah_planning::matrix::Cell::Unknown(Unknown::OffNetwork) => "off_network",
            phteah_planning::matrix::Cell::Unknown(Unknown::NoData) => "unknown",
            _ => "between",
        });
        let settles = plain_number(fact.settles.round().max(1.0));
        let words = match (criterion, exclusion) {
            (Some(criterion), _) => Words::new(
                format!(
                    "{}: find out “{}”. It would settle about {settles} comparisons at the top.",
                    name.en, criterion.label.en
                ),
                format!(
                    "{}៖ ស្វែងរក «{}»។ វានឹងដោះស្រាយការប្រៀបធៀបប្រហែល {settles} នៅលំដាប់កំពូល។",
                    name.km, criterion.label.km
                ),
            ),
            (None, Some(open)) => Words::new(
                format!(
                    "{}: settle whether it may be used at all. {}",
                    name.en, open.text.en
                ),
                format!("{}៖ កំណត់ថាតើអាចប្រើបានឬអត់។ {}", name.km, open.text.km),
            ),
            (None, None) => return None,
        };
        Some(Self {
            i: row as u32,
            id: fact.alternative.clone(),
            criterion: fact.criterion.clone(),
            exclusion: fact.exclusion.clone(),
            status: status.to_owned(),
            width: rounded(fact.width, DECIMALS),
            settles: rounded(fact.settles, 2),
            score_low: rounded(ranking.lowest[row], DECIMALS),
            score_high: rounded(ranking.highest[row], DECIMALS),
            rank_low: ranking.standing[row].map(|standing| standing.best),
            rank_high: ranking.standing[row].map(|standing| standing.worst),
            in_words: (&words).into(),
        })
    }
}
