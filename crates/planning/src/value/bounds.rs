//! The lowest and the highest value over an interval of raw numbers: exact, also where a function turns.

use super::ValueFunction;

impl ValueFunction {
    /// The lowest and highest value over the raw numbers `low..=high`.
    ///
    /// A piecewise function reaches its extremes at the interval's ends or at a breakpoint inside; a step
    /// function also just below a step. A table ignores the interval and gives its whole range.
    pub fn bounds(&self, low: f64, high: f64) -> (f64, f64) {
        let (low, high) = if low <= high { (low, high) } else { (high, low) };
        let mut range = Range::new();
        match self {
            Self::Table { values } => values.values().for_each(|value| range.add(*value)),
            Self::Linear { .. } | Self::Logistic { .. } => {}
            Self::Piecewise { points } => {
                inside(points.iter().map(|point| point[0]), low, high)
                    .for_each(|raw| range.add(self.of(raw)));
            }
            Self::Trapezoid { a, b, c, d } => {
                inside([*a, *b, *c, *d].into_iter(), low, high).for_each(|raw| range.add(self.of(raw)));
            }
            // A step at `low` itself is in reach only by its own value, which the end below adds.
            Self::Step { steps, .. } => {
                inside(steps.iter().map(|step| step[0]), low, high).for_each(|raw| range.add(self.of(raw)));
            }
        }
        if !self.is_table() {
            range.add(self.of(low));
            range.add(self.of(high));
        }
        range.ends()
    }

    /// The lowest and highest value that the function can give at all: what an unknown raw number leaves open.
    pub fn whole_range(&self) -> (f64, f64) {
        let mut range = Range::new();
        match self {
            Self::Linear { .. } | Self::Logistic { .. } | Self::Trapezoid { .. } => return (0.0, 1.0),
            Self::Piecewise { points } => points.iter().for_each(|point| range.add(point[1])),
            Self::Step { below, steps } => {
                range.add(*below);
                for step in steps {
                    range.add(step[1]);
                }
            }
            Self::Table { values } => values.values().for_each(|value| range.add(*value)),
        }
        range.ends()
    }
}

fn inside(raws: impl Iterator<Item = f64>, low: f64, high: f64) -> impl Iterator<Item = f64> {
    raws.filter(move |raw| *raw >= low && *raw <= high)
}

/// The ends of the values seen so far; 0..1 while none was seen.
struct Range {
    ends: Option<(f64, f64)>,
}

impl Range {
    fn new() -> Self {
        Self { ends: None }
    }

    fn add(&mut self, value: f64) {
        let (low, high) = self.ends.unwrap_or((value, value));
        self.ends = Some((low.min(value), high.max(value)));
    }

    fn ends(self) -> (f64, f64) {
        self.ends.map_or((0.0, 1.0), |(low, high)| {
            (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0))
        })
    }
}
