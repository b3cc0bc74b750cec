//! The best few of many scores, ties at the end kept.

/// The rows with the `places` best scores, and every row that ties with the last of them.
pub(super) struct Top {
    places: usize,
    best: Vec<(f64, u32)>,
    /// Scores under this are not among the best.
    bar: f64,
}

impl Top {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            best: Vec::with_capacity(places + 8),
            bar: f64::NEG_INFINITY,
        }
    }

    pub(super) fn clear(&mut self) {
        self.best.clear();
        self.bar = f64::NEG_INFINITY;
    }

    /// The score that a row has to reach to matter.
    #[inline]
    pub(super) fn bar(&self) -> f64 {
        self.bar
    }

    /// Puts a row where it belongs; rows must come in rising order, so that ties stay in the order of rows.
    pub(super) fn offer(&mut self, score: f64, row: u32) {
        if score < self.bar {
            return;
        }
        let at = self.best.partition_point(|(other, _)| *other >= score);
        self.best.insert(at, (score, row));
        if self.best.len() >= self.places {
            self.bar = self.best[self.places - 1].0;
            let kept = self.best.partition_point(|(other, _)| *other >= self.bar);
            self.best.truncate(kept);
        }
    }

    /// Calls with each row and its rank, ties sharing the better one.
    pub(super) fn ranked(&self, mut each: impl FnMut(u32, usize)) {
        let mut rank = 1;
        for (index, (score, row)) in self.best.iter().enumerate() {
            if index > 0 && *score < self.best[index - 1].0 {
                rank = index + 1;
            }
            each(*row, rank);
        }
    }
}
