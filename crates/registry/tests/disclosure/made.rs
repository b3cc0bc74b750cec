//! Illustrative tables, made by numbers that look random and are the same every time.

use phteah_registry::disclosure::dimension::Dimension;
use phteah_registry::disclosure::table::Table;

/// `SplitMix64`.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// From 0 to before 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A breakdown without levels.
pub fn flat(column: &str, categories: u64) -> Dimension {
    Dimension::new(
        vec![column.into()],
        (0..categories).map(|number| vec![format!("{column} {number:02}")]),
    )
    .expect("made well")
}

/// A breakdown of two levels with as many parts in each.
pub fn levels(coarse: &str, fine: &str, parts: &[u64]) -> Dimension {
    Dimension::new(
        vec![coarse.into(), fine.into()],
        parts.iter().enumerate().flat_map(|(number, &count)| {
            (0..count).map(move |part| {
                vec![
                    format!("{coarse} {number:02}"),
                    format!("{fine} {number:02}-{part:02}"),
                ]
            })
        }),
    )
    .expect("made well")
}

/// Households spread over a table, each breakdown with its own uneven shares.
pub fn spread(dimensions: Vec<Dimension>, households: u64, unevenness: f64, random: &mut Random) -> Table {
    let shares: Vec<Vec<f64>> = dimensions
        .iter()
        .map(|dimension| {
            let raw: Vec<f64> = dimension
                .leaves()
                .iter()
                .map(|_| (unevenness * random.share()).exp())
                .collect();
            let sum: f64 = raw.iter().sum();
            raw.iter()
                .scan(0.0, |so_far, one| {
                    *so_far += one / sum;
                    Some(*so_far)
                })
                .collect()
        })
        .collect();
    let counts: Vec<(Vec<usize>, u64)> = (0..households)
        .map(|_| {
            let leaves = shares
                .iter()
                .map(|shares| {
                    let at = random.share();
                    shares
                        .iter()
                        .position(|&end| at < end)
                        .unwrap_or(shares.len() - 1)
                })
                .collect();
            (leaves, 1)
        })
        .collect();
    Table::new(dimensions, counts).expect("made well")
}
