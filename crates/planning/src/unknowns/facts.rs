//! Which missing facts, if collected, would most narrow the top of the list: a task for a field team.

use serde::{Deserialize, Serialize};

/// A fact that is not exactly known and matters to the top of the list: the cell of a criterion, or whether an
/// exclusion holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Id of the alternative.
    pub alternative: String,
    /// Id of the criterion; absent where an exclusion is open.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub criterion: Option<String>,
    /// Id of the exclusion; absent where a criterion is open.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exclusion: Option<String>,
    /// How much of the score it leaves open, 0..1; 0 for an exclusion, which decides whether there is a score at all.
    pub width: f64,
    /// How many comparisons with or within the top of the list this fact is expected to settle.
    pub settles: f64,
}

impl Fact {
    /// Tells facts apart.
    fn place(&self) -> (&str, Option<&str>, Option<&str>) {
        (
            &self.alternative,
            self.criterion.as_deref(),
            self.exclusion.as_deref(),
        )
    }
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
    /// Exclusions of which nobody knows whether they hold.
    pub exclusions: Vec<&'a str>,
}

/// The facts that settle most, best first, at most `limit` of them.
///
/// A comparison of two alternatives is *open* while their score intervals overlap; it matters if at least one of the
/// two stands at the top now. A fact that comes out at some contribution shifts its alternative's lowest score up
/// and its highest down to it; `settles` is the mean of the open comparisons this closes over three outcomes: worst,
/// middle and best. While an exclusion is open, so are the comparisons of an alternative with everybody at the top whom its
/// score can reach, and with all of them where it stands there itself: if it holds, all of them are settled; if not, those
/// of the scores remain. Counting by sorted ends takes n log n.
pub fn facts(candidates: &[Open<'_>], limit: usize) -> Vec<Fact> {
    let all = Ends::of(candidates.iter());
    let top = Ends::of(candidates.iter().filter(|candidate| candidate.top));
    let others_at_top = top.lows.len().saturating_sub(1) as f64;
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
                    criterion: Some((*criterion).to_owned()),
                    exclusion: None,
                    width: most - least,
                    settles,
                });
            }
        }
        let at_stake = if candidate.top {
            before.max(others_at_top)
        } else {
            // Excluded it stands below everybody; else it may come before whom it can reach.
            top.reached_by(candidate.high) as f64
        };
        let settles = at_stake - before / 2.0;
        for exclusion in candidate.exclusions.iter().filter(|_| settles > 0.0) {
            facts.push(Fact {
                alternative: candidate.id.to_owned(),
                criterion: None,
                exclusion: Some((*exclusion).to_owned()),
                width: 0.0,
                settles,
            });
        }
    }
    facts.sort_by(|left, right| {
        right
            .settles
            .total_cmp(&left.settles)
            .then_with(|| right.width.total_cmp(&left.width))
            .then_with(|| left.place().cmp(&right.place()))
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

    /// How many intervals do not lie wholly above a score.
    fn reached_by(&self, score: f64) -> usize {
        self.lows.partition_point(|low| *low <= score)
    }

    /// How many intervals share at least a point with `low..high`.
    fn overlapping(&self, low: f64, high: f64) -> usize {
        let begin_before_end = self.lows.partition_point(|other| *other <= high);
        let end_before_begin = self.highs.partition_point(|other| *other < low);
        begin_before_end.saturating_sub(end_before_begin)
    }
}
