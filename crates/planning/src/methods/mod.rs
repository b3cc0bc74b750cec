//! Methods that turn values and weights into a ranking. Each kernel takes plain columns that hold no NaN.

pub mod promethee;
pub mod spotis;
pub(crate) mod spread;
pub mod topsis;
pub mod vikor;
pub mod weighted_sum;

use serde::{Deserialize, Serialize};

use crate::tree::{Named, Table};
use crate::value::Goal;

/// How TOPSIS makes columns comparable. The winner can change with it, so it is always stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalisation {
    /// Each column divided by its Euclidean length (Hwang & Yoon 1981).
    #[default]
    Vector,
    /// Each column stretched from its minimum to its maximum.
    MinMax,
}

impl Named for Normalisation {
    const WHAT: &'static str = "a normalisation";
    const ALL: &'static [Self] = &[Self::Vector, Self::MinMax];
    fn name(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::MinMax => "min-max",
        }
    }
}

/// A method with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum Method {
    /// Sum of values × weights: the default, under which adding or removing a site never reorders the others.
    WeightedSum,
    /// Closeness to the ideal and distance from the anti-ideal.
    Topsis {
        /// How columns are made comparable.
        normalisation: Normalisation,
    },
    /// Compromise between the group's utility and the worst regret.
    Vikor {
        /// Weight of the group's utility, 0..1.
        v: f64,
    },
    /// Net outranking flow.
    #[serde(rename = "promethee-ii")]
    PrometheeII,
    /// Distance to the ideal within fixed bounds.
    Spotis,
}

#[derive(Clone, Copy)]
enum Name {
    WeightedSum,
    Topsis,
    Vikor,
    PrometheeII,
    Spotis,
}

impl Named for Name {
    const WHAT: &'static str = "a method";
    const ALL: &'static [Self] = &[
        Self::WeightedSum,
        Self::Topsis,
        Self::Vikor,
        Self::PrometheeII,
        Self::Spotis,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::WeightedSum => "weighted-sum",
            Self::Topsis => "topsis",
            Self::Vikor => "vikor",
            Self::PrometheeII => "promethee-ii",
            Self::Spotis => "spotis",
        }
    }
}

impl Method {
    /// Every method with its usual parameters.
    pub const ALL: &'static [Self] = &[
        Self::WeightedSum,
        Self::Topsis {
            normalisation: Normalisation::Vector,
        },
        Self::Vikor { v: 0.5 },
        Self::PrometheeII,
        Self::Spotis,
    ];

    /// The name in files and over the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::WeightedSum => Name::WeightedSum.name(),
            Self::Topsis { .. } => Name::Topsis.name(),
            Self::Vikor { .. } => Name::Vikor.name(),
            Self::PrometheeII => Name::PrometheeII.name(),
            Self::Spotis => Name::Spotis.name(),
        }
    }

    /// Reads `method` and its parameters, which stand beside it. Without a method: the weighted sum.
    pub(crate) fn read(table: &mut Table<'_, '_>) -> Option<Self> {
        let name = if table.has("method") {
            table.choice::<Name>("method")
        } else {
            Some(Name::WeightedSum)
        };
        // Asked for in any case, so that it counts as known here.
        let _ = table.get("method");
        let normalisation = table.optional_choice::<Normalisation>("normalisation");
        let v = table.number_within("v", 0.0, 1.0, 0.5);
        let name = name?;
        if table.has("normalisation") && !matches!(name, Name::Topsis) {
            table.problem("normalisation", "belongs to topsis only: remove it");
        }
        if table.has("v") && !matches!(name, Name::Vikor) {
            table.problem("v", "belongs to vikor only: remove it");
        }
        Some(match name {
            Name::WeightedSum => Self::WeightedSum,
            Name::Topsis => Self::Topsis {
                normalisation: normalisation.unwrap_or_default(),
            },
            Name::Vikor => Self::Vikor { v },
            Name::PrometheeII => Self::PrometheeII,
            Name::Spotis => Self::Spotis,
        })
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str((*self).name())
    }
}

/// PROMETHEE's preference for differences of value: none up to a tenth of the scale, full from half of it.
const VALUE_PREFERENCE: promethee::Preference = promethee::Preference::Linear { q: 0.1, p: 0.5 };

/// What TOPSIS and VIKOR take for the best and the worst of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Full value and none.
    Fixed,
    /// The best and the worst value at hand, as the methods were published. A site that loses a fact can move them, and
    /// rise by it.
    AtHand,
}

/// Scores of a method over value columns (each 0..1, more is better), turned so that higher is better and all lie
/// within 0..1: VIKOR's as 1 − Q, PROMETHEE's as (φ + 1) ÷ 2 with indifference up to 0.1 and full preference from
/// 0.5 of the value scale, SPOTIS's as 1 − distance within the bounds 0 and 1.
///
/// Between fixed ends a lower value never lifts a row: under the weighted sum, TOPSIS, VIKOR and SPOTIS a score depends
/// on the row alone; under PROMETHEE II a row that loses value loses flow, and the others can only gain.
pub fn scores_of_values(method: Method, values: &[&[f64]], shares: &[f64], ends: Ends) -> Vec<f64> {
    let goals = vec![Goal::Max; values.len()];
    match (method, ends) {
        (Method::WeightedSum, _) => weighted_sum::scores(values, shares),
        (Method::Topsis { .. }, Ends::Fixed) => topsis::closeness_to_fixed_ends(values, shares),
        (Method::Topsis { normalisation }, Ends::AtHand) => {
            topsis::closeness(values, &goals, shares, normalisation)
        }
        (Method::Vikor { v }, Ends::Fixed) => turned(vikor::q_to_fixed_ends(values, shares, v), |q| 1.0 - q),
        (Method::Vikor { v }, Ends::AtHand) => turned(vikor::vikor(values, &goals, shares, v).q, |q| 1.0 - q),
        (Method::PrometheeII, _) => {
            let preferences = vec![VALUE_PREFERENCE; values.len()];
            let flows = promethee::flows(values, &goals, shares, &preferences);
            turned(flows.phi, |phi| f64::midpoint(phi, 1.0))
        }
        (Method::Spotis, _) => {
            let distances = spotis::distances(values, &goals, shares, &vec![[0.0, 1.0]; values.len()]);
            turned(distances, |distance| 1.0 - distance)
        }
    }
}

fn turned(mut scores: Vec<f64>, turn: impl Fn(f64) -> f64) -> Vec<f64> {
    for score in &mut scores {
        *score = turn(*score);
    }
    scores
}
