//! A value function out of a table, every mistake reported.

use std::collections::BTreeMap;

use super::ValueFunction;
use crate::mistake::Mistake;
use crate::problem::Problem;
use crate::tree::{Named, Table};

#[derive(Clone, Copy)]
enum Kind {
    Linear,
    Piecewise,
    Trapezoid,
    Step,
    Logistic,
    Table,
}

impl Named for Kind {
    const WHAT: &'static str = "a kind of value function";
    const ALL: &'static [Self] = &[
        Self::Linear,
        Self::Piecewise,
        Self::Trapezoid,
        Self::Step,
        Self::Logistic,
        Self::Table,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Piecewise => "piecewise",
            Self::Trapezoid => "trapezoid",
            Self::Step => "step",
            Self::Logistic => "logistic",
            Self::Table => "table",
        }
    }
}

impl ValueFunction {
    /// Reads a value function; problems go to the table's list.
    pub(crate) fn read(mut table: Table<'_, '_>) -> Option<Self> {
        let kind = table.choice::<Kind>("kind")?;
        let function = match kind {
            Kind::Linear => {
                let (worst, best) = (table.number("worst"), table.number("best"));
                worst.zip(best).map(|(worst, best)| Self::Linear { worst, best })
            }
            Kind::Piecewise => points(&mut table, "points").map(|points| Self::Piecewise { points }),
            Kind::Trapezoid => {
                let ends = [
                    table.number("a"),
                    table.number("b"),
                    table.number("c"),
                    table.number("d"),
                ];
                match ends {
                    [Some(a), Some(b), Some(c), Some(d)] => Some(Self::Trapezoid { a, b, c, d }),
                    _ => None,
                }
            }
            Kind::Step => {
                let below = table.number("below");
                let steps = points(&mut table, "steps");
                below.zip(steps).map(|(below, steps)| Self::Step { below, steps })
            }
            Kind::Logistic => {
                let (midpoint, slope) = (table.number("midpoint"), table.number("slope"));
                midpoint
                    .zip(slope)
                    .map(|(midpoint, slope)| Self::Logistic { midpoint, slope })
            }
            Kind::Table => categories(&mut table),
        };
        let place = table.place.clone();
        if let Some(function) = &function {
            for (key, mistake) in function.problems() {
                table
                    .problems
                    .push(Problem::new(format!("{place}{key}"), mistake));
            }
        }
        table.close();
        function
    }

    /// What is wrong with the function's figures: the key within it (with its leading dot) and what.
    pub fn problems(&self) -> Vec<(String, Mistake)> {
        let mut all = Vec::new();
        match self {
            Self::Linear { worst, best } => {
                if worst == best {
                    all.push((String::new(), Mistake::WorstIsBest { both: *worst }));
                }
            }
            Self::Trapezoid { a, b, c, d } => {
                if !(a <= b && b <= c && c <= d) {
                    all.push((
                        String::new(),
                        Mistake::TrapezoidFalls {
                            a: *a,
                            b: *b,
                            c: *c,
                            d: *d,
                        },
                    ));
                } else if a >= d {
                    all.push((String::new(), Mistake::TrapezoidFlat));
                }
            }
            Self::Piecewise { points } => point_problems(".points", points, 2, &mut all),
            Self::Step { below, steps } => {
                if !(0.0..=1.0).contains(below) {
                    all.push((".below".into(), not_a_share(*below)));
                }
                point_problems(".steps", steps, 1, &mut all);
            }
            Self::Logistic { slope, .. } => {
                if *slope == 0.0 {
                    all.push((".slope".into(), Mistake::SlopeZero));
                }
            }
            Self::Table { values } => {
                if values.is_empty() {
                    all.push((".values".into(), Mistake::NoCategories));
                }
                for (category, value) in values.iter().filter(|(_, value)| !(0.0..=1.0).contains(*value)) {
                    all.push((format!(".values.{category}"), not_a_share(*value)));
                }
            }
        }
        all
    }
}

fn not_a_share(found: f64) -> Mistake {
    Mistake::OutOfRange {
        low: 0.0,
        high: 1.0,
        found,
    }
}

fn point_problems(key: &str, points: &[[f64; 2]], at_least: usize, all: &mut Vec<(String, Mistake)>) {
    if points.len() < at_least {
        all.push((key.into(), Mistake::TooFewPoints { least: at_least }));
    }
    for (index, [_, value]) in points.iter().enumerate() {
        if !(0.0..=1.0).contains(value) {
            all.push((
                format!("{key}[{index}]"),
                Mistake::PointOutOfRange { found: *value },
            ));
        }
    }
    for (index, pair) in points.windows(2).enumerate() {
        if pair[0][0] >= pair[1][0] {
            all.push((
                format!("{key}[{}]", index + 1),
                Mistake::PointsFall {
                    number: pair[1][0],
                    before: pair[0][0],
                },
            ));
        }
    }
}

fn points(table: &mut Table<'_, '_>, key: &'static str) -> Option<Vec<[f64; 2]>> {
    let list = table.list(key)?;
    let mut points = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let pair = match item.as_array().map(Vec::as_slice) {
            Some([raw, value]) => raw.as_f64().zip(value.as_f64()),
            _ => None,
        };
        match pair {
            Some((raw, value)) => points.push([raw, value]),
            None => table.problem(&format!("{key}[{index}]"), Mistake::NotAPoint),
        }
    }
    (points.len() == list.len()).then_some(points)
}

fn categories(table: &mut Table<'_, '_>) -> Option<ValueFunction> {
    let inner = table.table("values")?;
    let mut values = BTreeMap::new();
    let mut whole = true;
    for (category, value) in inner.entries() {
        if let Some(number) = value.as_f64() {
            values.insert(category.clone(), number);
        } else {
            whole = false;
            let mistake = Mistake::NotAWorth { found: value.into() };
            inner
                .problems
                .push(Problem::new(format!("{}.{category}", inner.place), mistake));
        }
    }
    whole.then_some(ValueFunction::Table { values })
}
