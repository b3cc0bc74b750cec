//! Random indices: the mean consistency index of random pairwise matrices. The published tables differ, so the
//! choice is stored with a result.

use serde::{Deserialize, Serialize};

/// Whose table of random indices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RandomIndex {
    /// Saaty (1980).
    #[default]
    Saaty,
    /// Tummala & Ling (1998).
    TummalaLing,
}

const SAATY: [f64; 15] = [
    0.0, 0.0, 0.58, 0.9, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59,
];

const TUMMALA_LING: [f64; 15] = [
    0.0, 0.0, 0.5799, 0.8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882, 1.5117, 1.5356, 1.5571, 1.5714,
    1.5831,
];

impl RandomIndex {
    /// The random index for `n` criteria; the tables end at 15.
    pub fn of(self, n: usize) -> Option<f64> {
        let table = match self {
            Self::Saaty => &SAATY,
            Self::TummalaLing => &TUMMALA_LING,
        };
        table.get(n.checked_sub(1)?).copied()
    }

    /// The one with this name: `saaty` or `tummala-ling`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "saaty" => Some(Self::Saaty),
            "tummala-ling" => Some(Self::TummalaLing),
            _ => None,
        }
    }
}
