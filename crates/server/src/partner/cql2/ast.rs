//! A filter as a tree. Types are checked when it is compiled, not here.

use geo::Geometry;
use jiff::Timestamp;
use jiff::civil::Date;

/// A part of a filter: a predicate or a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All of them hold.
    And(Vec<Expr>),
    /// One of them holds.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// Two values compared.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// A value within two bounds, both included.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A text that matches a pattern: `%` any signs, `_` one sign, `\` takes the next sign as it is.
    Like(Box<Expr>, Box<Expr>),
    /// A value that is one of a list.
    In(Box<Expr>, Vec<Expr>),
    /// A value that is unknown.
    IsNull(Box<Expr>),
    /// Two numbers calculated with.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// A function by its name in lower case: `casei`, `s_…`, `t_…`.
    Call(String, Vec<Expr>),
    /// A time span; `..` as a text is an open end.
    Interval(Box<Expr>, Box<Expr>),
    /// A field.
    Property(String),
    /// A text.
    Text(String),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// A moment.
    Timestamp(Timestamp),
    /// A shape.
    Geometry(Geometry<f64>),
    /// What is left of a shape far from everything: it shares no point with any feature.
    Nowhere,
}

impl Expr {
    /// Replaces every shape; `None` is nowhere. Stops at the first error.
    pub fn move_shapes<E>(
        &mut self,
        to: &mut impl FnMut(&Geometry<f64>) -> Result<Option<Geometry<f64>>, E>,
    ) -> Result<(), E> {
        match self {
            Self::Geometry(shape) => {
                *self = to(shape)?.map_or(Self::Nowhere, Self::Geometry);
                Ok(())
            }
            Self::And(parts) | Self::Or(parts) | Self::Call(_, parts) => {
                parts.iter_mut().try_for_each(|part| part.move_shapes(to))
            }
            Self::Not(a) | Self::IsNull(a) => a.move_shapes(to),
            Self::Compare(_, a, b) | Self::Like(a, b) | Self::Arithmetic(_, a, b) | Self::Interval(a, b) => {
                a.move_shapes(to)?;
                b.move_shapes(to)
            }
            Self::Between(a, b, c) => [a, b, c].into_iter().try_for_each(|part| part.move_shapes(to)),
            Self::In(a, list) => {
                a.move_shapes(to)?;
                list.iter_mut().try_for_each(|part| part.move_shapes(to))
            }
            Self::Property(_)
            | Self::Text(_)
            | Self::Number(_)
            | Self::Boolean(_)
            | Self::Date(_)
            | Self::Timestamp(_)
            | Self::Nowhere => Ok(()),
        }
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The sign, the same in CQL2 and in SQL.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Understands a sign.
    pub fn from_sign(sign: &str) -> Option<Self> {
        let all = [
            Self::Equal,
            Self::NotEqual,
            Self::Less,
            Self::LessOrEqual,
            Self::Greater,
            Self::GreaterOrEqual,
        ];
        all.into_iter().find(|op| op.sign() == sign)
    }
}

/// How two numbers are calculated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `div`: the whole part of the quotient.
    WholeDivide,
    /// `%`
    Modulo,
    /// `^`
    Power,
}

impl Arithmetic {
    /// Understands a sign or the word `div`.
    pub fn from_sign(sign: &str) -> Option<Self> {
        Some(match sign {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "div" => Self::WholeDivide,
            "%" => Self::Modulo,
            "^" => Self::Power,
            _ => return None,
        })
    }
}

/// A day as RFC 3339 writes it, and nothing else.
pub(super) fn date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// A moment in UTC as RFC 3339 writes it.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
