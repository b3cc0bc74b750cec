//! The best and worst rank that missing facts leave open.
//!
//! Facts about one alternative say nothing about another's, so each alternative may stand at its highest score
//! while every other stands at its lowest: under the weighted sum with fixed value functions the interval is exact.
//! Sorting once makes it n log n.

/// One alternative in the contest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Lowest possible score.
    pub low: f64,
    /// Highest possible score.
    pub high: f64,
    /// Whether it surely takes part; one whose exclusion is unknown may drop out.
    pub certain: bool,
}

/// The best and the worst possible rank of each candidate, given that it takes part.
///
/// Best: one more than the sure candidates whose lowest score beats its highest. Worst: one more than the
/// candidates, sure or not, whose highest score beats its lowest. Ties share the better rank.
pub fn rank_intervals(candidates: &[Candidate]) -> Vec<(u32, u32)> {
    let mut sure_lows: Vec<f64> = candidates
        .iter()
        .filter(|candidate| candidate.certain)
        .map(|candidate| candidate.low)
        .collect();
    let mut highs: Vec<f64> = candidates.iter().map(|candidate| candidate.high).collect();
    sure_lows.sort_unstable_by(f64::total_cmp);
    highs.sort_unstable_by(f64::total_cmp);
    let above = |sorted: &[f64], score: f64| sorted.len() - sorted.partition_point(|other| *other <= score);
    candidates
        .iter()
        .map(|candidate| {
            let own = usize::from(candidate.high > candidate.low);
            let better = above(&sure_lows, candidate.high);
            let maybe_better = above(&highs, candidate.low) - own;
            (better as u32 + 1, maybe_better as u32 + 1)
        })
        .collect()
}
