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
    /// Hands each part of a filter to `change`, the inner ones first. Stops at the first error.
    pub fn change<E>(&mut self, change: &mut impl FnMut(&mut Self) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::And(parts) | Self::Or(parts) | Self::Call(_, parts) => {
                parts.iter_mut().try_for_each(|part| part.change(change))?;
            }
            Self::Not(a) | Self::IsNull(a) => a.change(change)?,
            Self::Compare(_, a, b) | Self::Like(a, b) | Self::Arithmetic(_, a, b) | Self::Interval(a, b) => {
                a.change(change)?;
                b.change(change)?;
            }
            Self::Between(a, b, c) => [a, b, c].into_iter().try_for_each(|part| part.change(change))?,
            Self::In(a, list) => {
                a.change(change)?;
                list.iter_mut().try_for_each(|part| part.change(change))?;
            }
            Self::Property(_)
            | Self::Text(_)
            | Self::Number(_)
            | Self::Boolean(_)
            | Self::Date(_)
            | Self::Timestamp(_)
            | Self::Geometry(_)
            | Self::Nowhere => {}
        }
        change(self)
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

/// A moment as RFC 3339 writes it.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    // A year of four digits, and nothing in square brackets behind it, which RFC 9557 adds.
    let plain = text.as_bytes().first().is_some_and(u8::is_ascii_digit) && !text.ends_with(']');
    plain.then(|| text.parse().ok()).flatten()
}
