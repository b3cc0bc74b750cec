//! Value functions: from a raw number or category to 0 (worst) … 1 (best).

mod bounds;
mod read;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::tolerance::{at_least, at_most};
use crate::tree::Named;

/// Which way a raw number is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// More is better.
    Max,
    /// Less is better.
    Min,
}

impl Named for Goal {
    const WHAT: &'static str = "a goal";
    const ALL: &'static [Self] = &[Self::Max, Self::Min];
    fn name(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Min => "min",
        }
    }
}

/// A value function. Those that come out of a scenario or a model have passed [`ValueFunction::problems`]:
/// breakpoints in order, ends that differ, values within 0..1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ValueFunction {
    /// 0 at `worst`, 1 at `best`, a straight line between, flat beyond both ends.
    Linear {
        /// Raw number worth nothing.
        worst: f64,
        /// Raw number worth everything.
        best: f64,
    },
    /// Straight lines between points `[raw, value]` in rising order of raw numbers, flat beyond the ends.
    Piecewise {
        /// The points.
        points: Vec<[f64; 2]>,
    },
    /// 0 up to `a`, rising to 1 at `b`, 1 up to `c`, falling to 0 at `d`. `a = b` or `c = d` makes a sheer side,
    /// whose upper end belongs to the plateau.
    Trapezoid {
        /// End of the lower zero.
        a: f64,
        /// Start of the plateau.
        b: f64,
        /// End of the plateau.
        c: f64,
        /// Start of the upper zero.
        d: f64,
    },
    /// `below` under the first step; from each step `[raw, value]` on, its value.
    Step {
        /// Value under the first step.
        below: f64,
        /// Steps in rising order of raw numbers; a raw number on the step takes the step's value, also where only rounding
        /// puts it below.
        steps: Vec<[f64; 2]>,
    },
    /// `1 / (1 + exp(−slope × (raw − midpoint)))`: falling where `slope` is negative.
    Logistic {
        /// Raw number worth one half.
        midpoint: f64,
        /// Steepness, per unit of the raw number.
        slope: f64,
    },
    /// A value for each category.
    Table {
        /// The values, by category.
        values: BTreeMap<String, f64>,
    },
}

impl ValueFunction {
    /// The value of a raw number, within 0..1; 0 for a table, which knows categories only (a scenario that
    /// joins a table to a number is refused when it is read).
    pub fn of(&self, raw: f64) -> f64 {
        let value = match self {
            Self::Linear { worst, best } => linear(raw, *worst, *best),
            Self::Piecewise { points } => piecewise(raw, points),
            Self::Trapezoid { a, b, c, d } => trapezoid(raw, [*a, *b, *c, *d]),
            Self::Step { below, steps } => {
                let passed = steps.partition_point(|step| at_most(step[0], raw));
                passed.checked_sub(1).map_or(*below, |index| steps[index][1])
            }
            Self::Logistic { midpoint, slope } => logistic(raw, *midpoint, *slope),
            Self::Table { .. } => 0.0,
        };
        value.clamp(0.0, 1.0)
    }

    /// The value of a category; `None` where the table does not list it or the function is not a table.
    pub fn of_category(&self, category: &str) -> Option<f64> {
        match self {
            Self::Table { values } => values.get(category).copied(),
            _ => None,
        }
    }

    /// Whether the function takes categories rather than numbers.
    pub fn is_table(&self) -> bool {
        matches!(self, Self::Table { .. })
    }

    /// Which way the function goes: `Some(Max)` where it never falls, `Some(Min)` where it never rises, `None`
    /// where it does both or takes categories.
    pub fn direction(&self) -> Option<Goal> {
        let of_points = |start: Option<f64>, points: &[[f64; 2]]| {
            let values: Vec<f64> = start
                .into_iter()
                .chain(points.iter().map(|point| point[1]))
                .collect();
            if values.windows(2).all(|pair| pair[0] <= pair[1]) {
                Some(Goal::Max)
            } else if values.windows(2).all(|pair| pair[0] >= pair[1]) {
                Some(Goal::Min)
            } else {
                None
            }
        };
        match self {
            Self::Linear { worst, best } => Some(if worst < best { Goal::Max } else { Goal::Min }),
            Self::Piecewise { points } => of_points(None, points),
            Self::Step { below, steps } => of_points(Some(*below), steps),
            Self::Logistic { slope, .. } => Some(if *slope > 0.0 { Goal::Max } else { Goal::Min }),
            Self::Trapezoid { .. } | Self::Table { .. } => None,
        }
    }
}

#[inline]
fn linear(raw: f64, worst: f64, best: f64) -> f64 {
    (raw - worst) / (best - worst)
}

fn piecewise(raw: f64, points: &[[f64; 2]]) -> f64 {
    let right = points.partition_point(|point| point[0] <= raw);
    match (
        right.checked_sub(1).map(|left| points[left]),
        points.get(right).copied(),
    ) {
        (Some([x0, v0]), Some([x1, v1])) => {
            let share = (raw - x0) / (x1 - x0);
            // Held between its ends: rounding must not make a monotone function fall by its last bit.
            (v0 + (v1 - v0) * share).clamp(v0.min(v1), v0.max(v1))
        }
        (Some([_, value]), None) | (None, Some([_, value])) => value,
        (None, None) => 0.0,
    }
}

fn trapezoid(raw: f64, [a, b, c, d]: [f64; 4]) -> f64 {
    if at_least(raw, b) && at_most(raw, c) {
        1.0
    } else if raw <= a || raw >= d {
        0.0
    } else if raw < b {
        (raw - a) / (b - a)
    } else {
        (d - raw) / (d - c)
    }
}

fn logistic(raw: f64, midpoint: f64, slope: f64) -> f64 {
    // exp overflows to infinity at the far worst end, which yields exactly 0: no NaN is possible.
    1.0 / (1.0 + (-slope * (raw - midpoint)).exp())
}
