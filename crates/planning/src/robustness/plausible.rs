//! How a ranking fares under all weightings that are plausible: rank acceptability of its rows, in words, too.

use super::draws::Knowledge;
use super::smaa::{Request, Smaa, smaa};
use super::{Contest, RobustnessError};
use crate::decision::Ranking;
use crate::text::Text;

/// Which weightings count as plausible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Plausible {
    /// Around the ranking's own weights: each may be up to half more or less.
    Given,
    /// Any at all.
    Uniform,
    /// Any that keep the order of importance of the ranking's weights; equal weights may come in either order.
    Order,
}

/// How far a weight may move around the given one, as a share of itself.
const SPREAD: f64 = 0.5;

/// The most draws: shares are then exact to about one in a hundred (95 % of the time).
const MOST_DRAWS: usize = 10_000;

/// The fewest: to about three in a hundred.
const FEWEST_DRAWS: usize = 1_000;

/// Draws × rows × criteria that a person can wait for.
const WORK: usize = 1_500_000_000;

/// The weighted sum of a ranking under plausible weightings, whichever method made the ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptability {
    /// Which weightings were drawn.
    pub plausible: Plausible,
    /// Rows and criteria that took part.
    pub contest: Contest,
    /// Shares by row of the contest.
    pub smaa: Smaa,
}

/// Draws plausible weightings and counts the first `ranks` ranks. There are 10,000 draws, fewer (down to 1,000) where rows
/// and criteria are so many that it would take long; [`Smaa::draws`] tells how many there were.
///
/// # Errors
/// If nothing is ranked.
pub fn acceptability(
    ranking: &Ranking,
    plausible: Plausible,
    ranks: usize,
    seed: u64,
) -> Result<Acceptability, RobustnessError> {
    let contest = Contest::of(ranking);
    let knowledge = match plausible {
        Plausible::Given => Knowledge::Around {
            weights: contest.weights.clone(),
            spread: SPREAD,
        },
        Plausible::Uniform => Knowledge::Nothing,
        Plausible::Order => Knowledge::Order {
            places: places(&contest.weights),
        },
    };
    let cells = (contest.rows.len() * contest.criteria.len()).max(1);
    let request = Request {
        knowledge,
        draws: (WORK / cells).clamp(FEWEST_DRAWS, MOST_DRAWS) as u32,
        seed,
        ranks,
    };
    let smaa = smaa(&contest.values, &request)?;
    Ok(Acceptability {
        plausible,
        contest,
        smaa,
    })
}

/// Place of each weight, 1 for the greatest; equal weights share the better place.
fn places(weights: &[f64]) -> Vec<u32> {
    let place = |own: &f64| 1 + weights.iter().filter(|other| *other > own).count() as u32;
    weights.iter().map(place).collect()
}

impl Acceptability {
    /// The share of draws that put a row of the ranking among the first so many; `None` where it takes no part.
    pub fn among_first(&self, row: u32, first: usize) -> Option<f64> {
        let shares = &self.smaa.acceptability[self.contest.position(row)?];
        // Shares are counts over draws; their sum may pass 1 by a last bit.
        Some(shares.iter().take(first).sum::<f64>().min(1.0))
    }

    /// What this says of the first places, in a sentence or two. `leader` is the name of the first row in the ranking's order.
    pub fn in_words(&self, ranking: &Ranking, first: usize, leader: &Text) -> Text {
        let Some(&row) = ranking
            .order
            .first()
            .filter(|row| self.contest.position(**row).is_some())
        else {
            return Text::new("Nothing is ranked.", "គ្មានទីតាំងណាមានចំណាត់ថ្នាក់ទេ។");
        };
        let (under_en, under_km) = match self.plausible {
            Plausible::Given => (
                "If every weight may be up to half more or less",
                "បើទម្ងន់នីមួយៗអាចកើន ឬថយដល់ពាក់កណ្ដាល",
            ),
            Plausible::Uniform => ("Under any weights at all", "ក្រោមទម្ងន់ណាក៏ដោយ"),
            Plausible::Order => (
                "Under any weights in the same order of importance",
                "ក្រោមទម្ងន់ណាក៏ដោយដែលរក្សាលំដាប់សារៈសំខាន់ដដែល",
            ),
        };
        let comes_first = percent(self.among_first(row, 1).unwrap_or_default());
        let top: Vec<u32> = ranking.order.iter().take(first).copied().collect();
        let share = |row: &u32| self.among_first(*row, first);
        let ranked = top.iter().filter(|row| share(row).is_some()).count();
        let stay = top.iter().filter(|row| share(row) >= Some(0.5)).count();
        Text::new(
            format!(
                "{under_en}, {} comes first in {comes_first}% of cases, and {stay} of today's first {ranked} stay among the first {first} in at least half of them.",
                leader.en
            ),
            format!(
                "{under_km} {} ឈរលំដាប់ទី 1 ក្នុង {comes_first}% នៃករណី ហើយក្នុងចំណោម {ranked} ដំបូងសព្វថ្ងៃ មាន {stay} នៅតែស្ថិតក្នុង {first} ដំបូងយ៉ាងហោចពាក់កណ្ដាលនៃករណី។",
                leader.km
            ),
        )
    }
}

/// A share in whole per cent, without making 0 or 100 of what is neither.
fn percent(share: f64) -> String {
    let percent = (share * 100.0).round();
    if share > 0.0 && percent < 1.0 {
        "<1".to_owned()
    } else if share < 1.0 && percent >= 100.0 {
        ">99".to_owned()
    } else {
        format!("{percent}")
    }
}
