//! `[order]`: what stands in the score for a fact that is not known, and how much may be missing.

use serde::Serialize;

use crate::methods::Ends;
use crate::mistake::Mistake;
use crate::tree::{Named, Table};

/// What an unknown value counts in the score: the rule of the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Rule {
    /// The lowest that it can be: only what is certain lifts a site. One of which it is not known whether it is excluded
    /// stands behind all that pass for certain. Under the other rules the order is by score alone.
    #[default]
    Lowest,
    /// The middle between the lowest and the highest.
    Middle,
    /// Hurwicz (1951): lowest + alpha × (highest − lowest).
    Hurwicz {
        /// How much the highest counts, 0 (as `lowest`) to 1 (as if everything unknown turned out best).
        alpha: f64,
    },
}

impl Rule {
    /// How much the highest counts, 0..1.
    pub fn alpha(self) -> f64 {
        match self {
            Self::Lowest => 0.0,
            Self::Middle => 0.5,
            Self::Hurwicz { alpha } => alpha,
        }
    }

    /// The name in files and over the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lowest => Name::Lowest.name(),
            Self::Middle => Name::Middle.name(),
            Self::Hurwicz { .. } => Name::Hurwicz.name(),
        }
    }

    /// What counts of a value that lies between two bounds.
    #[inline]
    pub fn between(self, low: f64, high: f64) -> f64 {
        if high <= low {
            return low;
        }
        match self {
            Self::Lowest => low,
            Self::Middle => f64::midpoint(low, high),
            Self::Hurwicz { alpha } => (low + alpha * (high - low)).clamp(low, high),
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hurwicz { alpha } => write!(formatter, "hurwicz, alpha {alpha}"),
            rule => formatter.write_str(rule.name()),
        }
    }
}

/// The share of the weight that may be unknown where a scenario does not say: a third.
const THIRD: f64 = 1.0 / 3.0;

/// How sites are ordered where facts are missing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Order {
    /// What an unknown value counts.
    #[serde(flatten)]
    pub rule: Rule,
    /// A site of whose weight more than this share is unknown gets no rank and is listed apart. 1: none is, unless
    /// nothing at all is known of it.
    pub apart_above: f64,
    /// By the rules of which time to decide; a record keeps those under which it was sealed. It cannot be asked for.
    #[serde(skip)]
    pub(crate) edition: Edition,
}

/// The rules of decision as they changed over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Edition {
    /// Before there was a choice of rule: an unreachable service counts as not known, and ends are taken from the sites at
    /// hand.
    BeforeRules,
    /// Sites of which it is not known whether they are excluded stand among the others, by their score alone.
    ByScoreAlone,
    /// Under the rule `lowest` they stand behind all that pass for certain.
    #[default]
    Present,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            rule: Rule::default(),
            apart_above: THIRD,
            edition: Edition::Present,
        }
    }
}

impl Order {
    /// How every ranking was ordered before there was a choice.
    pub(crate) fn before() -> Self {
        Self {
            rule: Rule::Middle,
            apart_above: 1.0,
            edition: Edition::BeforeRules,
        }
    }

    /// What TOPSIS and VIKOR take for the best and the worst.
    pub(crate) fn ends(&self) -> Ends {
        match self.edition {
            Edition::BeforeRules => Ends::AtHand,
            Edition::ByScoreAlone | Edition::Present => Ends::Fixed,
        }
    }

    /// Whether sites of which it is not known whether they are excluded stand behind all that pass for certain. At worst
    /// they are excluded, so where only what is certain counts, they cannot stand before them.
    pub fn undecided_behind(&self) -> bool {
        self.rule == Rule::Lowest && self.edition == Edition::Present
    }

    /// The same order with another rule, as a person asks for it on the command line.
    ///
    /// # Errors
    /// As a sentence: `alpha` belongs to `hurwicz` alone, and both shares lie between 0 and 1.
    pub fn changed(
        mut self,
        by: Option<&str>,
        alpha: Option<f64>,
        apart_above: Option<f64>,
    ) -> Result<Self, String> {
        let share = |what: &str, number: f64| {
            let within = (0.0..=1.0).contains(&number);
            within
                .then_some(number)
                .ok_or_else(|| format!("{what} must lie between 0 and 1, but is {number}."))
        };
        self.rule = match (by.unwrap_or(self.rule.name()), alpha, self.rule) {
            ("lowest", None, _) => Rule::Lowest,
            ("middle", None, _) => Rule::Middle,
            ("hurwicz", Some(alpha), _) => Rule::Hurwicz {
                alpha: share("alpha", alpha)?,
            },
            ("hurwicz", None, Rule::Hurwicz { alpha }) => Rule::Hurwicz { alpha },
            ("hurwicz", None, _) => {
                return Err(
                    "hurwicz needs alpha: how much the highest possible score counts, 0 to 1.".into(),
                );
            }
            ("lowest" | "middle", Some(_), _) => {
                return Err(
                    "alpha belongs to the rule hurwicz only: leave it out, or choose hurwicz.".into(),
                );
            }
            (other, ..) => {
                return Err(format!(
                    "{other} is no rule of order: use lowest, middle or hurwicz."
                ));
            }
        };
        if let Some(apart_above) = apart_above {
            self.apart_above = share("apart-above", apart_above)?;
        }
        Ok(self)
    }

    /// Reads `[order]`; problems go to the table's list.
    pub(crate) fn read(mut table: Table<'_, '_>) -> Self {
        let default = Self::default();
        let by = table.optional_choice::<Name>("by").unwrap_or(Name::Lowest);
        let alpha = table.number_within("alpha", 0.0, 1.0, 0.5);
        match (by, table.has("alpha")) {
            (Name::Hurwicz, false) => table.problem("alpha", Mistake::MissingAlpha),
            (Name::Lowest | Name::Middle, true) => table.problem("alpha", Mistake::AlphaNotHere),
            _ => {}
        }
        let apart_above = table.number_within("apart_above", 0.0, 1.0, default.apart_above);
        table.close();
        Self {
            rule: match by {
                Name::Lowest => Rule::Lowest,
                Name::Middle => Rule::Middle,
                Name::Hurwicz => Rule::Hurwicz { alpha },
            },
            apart_above,
            edition: Edition::Present,
        }
    }
}

#[derive(Clone, Copy)]
enum Name {
    Lowest,
    Middle,
    Hurwicz,
}

impl Named for Name {
    const WHAT: &'static str = "a rule of order";
    const ALL: &'static [Self] = &[Self::Lowest, Self::Middle, Self::Hurwicz];
    fn name(self) -> &'static str {
        match self {
            Self::Lowest => "lowest",
            Self::Middle => "middle",
            Self::Hurwicz => "hurwicz",
        }
    }
}
