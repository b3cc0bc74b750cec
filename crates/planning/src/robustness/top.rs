//! The best few of many scores, ties at the end kept.

/// Scores taken in before those that are not among the best are thrown out.
const SPARE: usize = 32;

/// The rows with the `places` best scores, and every row that ties with the last of them.
pub(super) struct Top {
    places: usize,
    /// All that are among the best, and some that turned out not to be.
    found: Vec<(f64, u32)>,
    /// How many are found when it is time to throw some out.
    full: usize,
    /// Scores under this are not among the best.
    bar: f64,
}

impl Top {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            found: Vec::with_capacity(places + SPARE),
            full: places + SPARE,
            bar: f64::NEG_INFINITY,
        }
    }

    pub(super) fn clear(&mut self) {
        self.found.clear();
        self.full = self.places + SPARE;
        self.bar = f64::NEG_INFINITY;
    }

    /// The score that a row has to reach to matter.
    #[inline]
    pub(super) fn bar(&self) -> f64 {
        self.bar
    }

    /// Takes in a row with its score. Rows may come in any order.
    #[inline]
    pub(super) fn offer(&mut self, score: f64, row: u32) {
        if score < self.bar {
            return;
        }
        self.found.push((score, row));
        if self.found.len() >= self.full {
            self.throw_out();
        }
    }

    fn throw_out(&mut self) {
        let (_, last, _) = self
            .found
            .select_nth_unstable_by(self.places - 1, |left, right| right.0.total_cmp(&left.0));
        let bar = last.0;
        self.found.retain(|(score, _)| *score >= bar);
        self.bar = bar;
        self.full = self.found.len() + SPARE;
    }

    /// Calls with each row and its rank, ties sharing the better one.
    pub(super) fn ranked(&mut self, mut each: impl FnMut(u32, usize)) {
        self.found
            .sort_unstable_by(|left, right| right.0.total_cmp(&left.0));
        let mut rank = 1;
        for (index, (score, row)) in self.found.iter().enumerate() {
            if index > 0 && *score < self.found[index - 1].0 {
                rank = index + 1;
            }
            if rank > self.places {
                break;
            }
            each(*row, rank);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranks_are_one_more_than_the_rows_that_score_more(
            scores in prop::collection::vec(0_u8..40, 0..300),
            places in 1_usize..30,
        ) {
            let mut top = Top::new(places);
            for (row, score) in scores.iter().enumerate() {
                top.offer(f64::from(*score), row as u32);
            }
            let mut found = Vec::new();
            top.ranked(|row, rank| found.push((row, rank)));
            found.sort_unstable();
            let rank = |score: &u8| 1 + scores.iter().filter(|other| *other > score).count();
            let expected: Vec<(u32, usize)> = (0_u32..)
                .zip(scores.iter().map(rank))
                .filter(|(_, rank)| *rank <= places)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
