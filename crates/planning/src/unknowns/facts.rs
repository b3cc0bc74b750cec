//! Which missing facts, if collected, would most narrow the top of the list: a task for a field team.

use serde::{Deserialize, Serialize};

/// A cell that is not exactly known and matters to the top of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Id of the alternative.
    pub alternative: String,
    /// Id of the criterion.
    pub criterion: String,
    /// How much of the score it leaves open, 0..1.
    pub width: f64,
    /// How many comparisons with or within the top of the list this fact is expected to settle.
    pub settles: f64,
}

/// What is possible for one alternative, and which of its cells leave it open.
#[derive(Clone, Debug, PartialEq)]
pub struct Open<'a> {
    /// Id.
    pub id: &'a str,
    /// Lowest possible score.
    pub low: f64,
    /// Highest possible score.
    pub high: f64,
    /// Whether it stands at the top now.
    pub top: bool,
    /// Criteria not exactly known, with the lowest and highest contribution (share × value) each leaves open.
    pub cells: Vec<(&'a str, f64, f64)>,
}

/// The facts that settle most, best first, at most `limit` of them.
///
/// A comparison of two alternatives is *open* while their score intervals overlap; it matters if at least one of the
/// two stands at the top now. A fact that comes out at some contribution shifts its alternative's lowest score up
/// and its highest down to it; `settles` is the mean of the open comparisons this closes over three outcomes: worst,
/// middle and best. Counting by sorted ends takes n log n.
pub fn facts(candidates: &[Open<'_>], limit: usize) -> Vec<Fact> {
    let all = Ends::of(candidates.iter());
    let top = Ends::of(candidates.iter().filter(|candidate| candidate.top));
    let mut facts = Vec::new();
    for candidate in candidates {
        let rivals = if candidate.top { &all } else { &top };
        // Every interval overlaps itself; the count is wanted over the others.
        let own = usize::from(candidate.top);
        let open = |low: f64, high: f64| rivals.overlapping(low, high).saturating_sub(own) as f64;
        let before = open(candidate.low, candidate.high);
        for (criterion, least, most) in &candidate.cells {
            let outcomes = [*least, f64::midpoint(*least, *most), *most];
            let after = outcomes
                .iter()
                .map(|found| open(candidate.low + (found - least), candidate.high - (most - found)))
                .sum::<f64>()
                / 3.0;
            let settles = before - after;
            if settles > 0.0 {
                facts.push(Fact {
                    alternative: candidate.id.to_owned(),
                    criterion: (*criterion).to_owned(),
                    width: most - least,
                    settles,
                });
            }
        }
    }
    facts.sort_by(|left, right| {
        right
            .settles
            .total_cmp(&left.settles)
            .then_with(|| right.width.total_cmp(&left.width))
            .then_with(|| (&left.alternative, &left.criterion).cmp(&(&right.alternative, &right.criterion)))
    });
    facts.truncate(limit);
    facts
}

/// The ends of many intervals, sorted.
struct Ends {
    lows: Vec<f64>,
    highs: Vec<f64>,
}

impl Ends {
    fn of<'a>(candidates: impl Iterator<Item = &'a Open<'a>>) -> Self {
        let (mut lows, mut highs): (Vec<f64>, Vec<f64>) = candidates
            .map(|candidate| (candidate.low, candidate.high))
            .unzip();
        lows.sort_unstable_by(f64::total_cmp);
        highs.sort_unstable_by(f64::total_cmp);
        Self { lows, highs }
    }

    /// How many intervals share at least a point with `low..high`.
    fn overlapping(&self, low: f64, high: f64) -> usize {
        let begin_before_end = self.lows.partition_point(|other| *other <= high);
        let end_before_begin = self.highs.partition_point(|other| *other < low);
        begin_before_end.saturating_sub(end_before_begin)
    }
}
