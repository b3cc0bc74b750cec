//! The six preference functions of Brans & Vincke (1985).

use serde::{Deserialize, Serialize};

use crate::tolerance::more_than_apart;
use crate::tree::{Named, Table};

/// How far a difference in a criterion is preferred: a function of the difference `d` with values 0..1, 0 for d ≤ 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Preference {
    /// Type I: any advantage is full preference.
    Usual,
    /// Type II: full preference beyond `q`.
    UShape {
        /// Indifference threshold.
        q: f64,
    },
    /// Type III: rising to full preference at `p`.
    VShape {
        /// Preference threshold.
        p: f64,
    },
    /// Type IV: half beyond `q`, full beyond `p`.
    Level {
        /// Indifference threshold.
        q: f64,
        /// Preference threshold.
        p: f64,
    },
    /// Type V: none up to `q`, rising to full at `p`.
    Linear {
        /// Indifference threshold.
        q: f64,
        /// Preference threshold.
        p: f64,
    },
    /// Type VI: `1 − exp(−d² ÷ 2s²)`.
    Gaussian {
        /// Where the curve turns.
        s: f64,
    },
}

/// A piecewise-linear preference function: none up to `q`, full beyond `p`, between them a half or a slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Straight {
    pub(super) q: f64,
    pub(super) p: f64,
    pub(super) sloped: bool,
}

impl Preference {
    /// The preference of one number over another, more being better. A difference that only rounding puts beyond a
    /// threshold is at the threshold.
    pub fn over(self, own: f64, other: f64) -> f64 {
        let difference = own - other;
        let Some(Straight { q, p, sloped }) = self.straight() else {
            let Self::Gaussian { s } = self else { return 0.0 };
            let ratio = difference / s;
            return if difference > 0.0 {
                -(-0.5 * ratio * ratio).exp_m1()
            } else {
                0.0
            };
        };
        if !more_than_apart(own, other, q) {
            0.0
        } else if more_than_apart(own, other, p) {
            1.0
        } else if sloped {
            ((difference - q) / (p - q)).clamp(0.0, 1.0)
        } else {
            0.5
        }
    }

    pub(super) fn straight(self) -> Option<Straight> {
        let (q, p, sloped) = match self {
            Self::Usual => (0.0, 0.0, false),
            Self::UShape { q } => (q, q, false),
            Self::VShape { p } => (0.0, p, true),
            Self::Level { q, p } => (q, p, false),
            Self::Linear { q, p } => (q, p, true),
            Self::Gaussian { .. } => return None,
        };
        Some(Straight { q, p, sloped })
    }

    /// Reads a preference function; problems go to the table's list.
    pub(crate) fn read(mut table: Table<'_, '_>) -> Option<Self> {
        let kind = table.choice::<Kind>("kind")?;
        let wants = |key: &str| match kind {
            Kind::Usual => false,
            Kind::UShape => key == "q",
            Kind::VShape => key == "p",
            Kind::Level | Kind::Linear => key != "s",
            Kind::Gaussian => key == "s",
        };
        let q = wants("q").then(|| table.number("q"));
        let p = wants("p").then(|| table.number("p"));
        let s = wants("s").then(|| table.number("s"));
        if q.flatten().is_some_and(|q| q < 0.0) {
            table.problem("q", "must not be negative");
        }
        for (key, number) in [("p", p.flatten()), ("s", s.flatten())] {
            if number.is_some_and(|number| number <= 0.0) {
                table.problem(key, "must be more than 0");
            }
        }
        if let (Some(Some(q)), Some(Some(p))) = (q, p)
            && p <= q
        {
            table.problem("p", format!("must be more than q, but {p} is not more than {q}"));
        }
        table.close();
        let (q, p, s) = (
            q.unwrap_or(Some(0.0))?,
            p.unwrap_or(Some(0.0))?,
            s.unwrap_or(Some(0.0))?,
        );
        Some(match kind {
            Kind::Usual => Self::Usual,
            Kind::UShape => Self::UShape { q },
            Kind::VShape => Self::VShape { p },
            Kind::Level => Self::Level { q, p },
            Kind::Linear => Self::Linear { q, p },
            Kind::Gaussian => Self::Gaussian { s },
        })
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Usual,
    UShape,
    VShape,
    Level,
    Linear,
    Gaussian,
}

impl Named for Kind {
    const WHAT: &'static str = "a preference function";
    const ALL: &'static [Self] = &[
        Self::Usual,
        Self::UShape,
        Self::VShape,
        Self::Level,
        Self::Linear,
        Self::Gaussian,
    ];
    fn name(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::UShape => "u-shape",
            Self::VShape => "v-shape",
            Self::Level => "level",
            Self::Linear => "linear",
            Self::Gaussian => "gaussian",
        }
    }
}
