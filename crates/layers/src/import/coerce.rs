//! From what a source wrote to what a field may hold.

use jiff::civil::Date;

use phteah_planning::day::PartialDate;

use crate::gazetteer;
use crate::schema::{Choice, FieldRule, choice};
use crate::text::number::{Readings, ascii_digit, readings};
use crate::text::{is_blank, search_form};
use crate::value::Value;

/// What became of one value.
#[derive(Debug, PartialEq)]
pub(super) enum Coerced {
    /// Nothing was known.
    Unknown,
    /// It could be taken as it was.
    Taken(Value),
    /// It was taken, changed in a way a person may want to know; the code of the finding and what was done.
    Changed(Value, &'static str, String),
    /// It was taken, but is doubtful.
    Doubtful(Value, &'static str, String),
    /// It cannot be understood.
    Bad(String),
}

/// Fits a value to a rule.
pub(super) fn coerce(rule: FieldRule, raw: &Value) -> Coerced {
    if let Value::Text(text) = raw
        && is_blank(text)
    {
        return Coerced::Unknown;
    }
    match rule {
        FieldRule::Text => Coerced::Taken(Value::Text(plain_text(raw))),
        FieldRule::Code(digits) => code(raw, &[digits]),
        FieldRule::AnyCode => code(raw, &[2, 4, 6, 8]),
        FieldRule::Choice(choices) => one_of(choices, raw),
        FieldRule::Integer(least, most) => integer(raw, least, most),
        FieldRule::Number(least, most) => number(raw, least, most),
        FieldRule::YesNo => yes_no(raw),
        FieldRule::Date => date(raw),
        FieldRule::PartialDate => partial_date(raw),
    }
}

/// A value as text; a whole number that a source holds as `12.0` is `12`.
pub(super) fn plain_text(raw: &Value) -> String {
    match raw {
        Value::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        other => other.to_string(),
    }
}

/// Administrative codes: `KH` is dropped, blanks and the `.0` of a number too, Khmer digits become 0 to 9, and the one zero that a number loses
/// in front (provinces are 01 to 25) is restored.
pub(super) fn code(raw: &Value, lengths: &[usize]) -> Coerced {
    let written = plain_text(raw);
    let plain: String = search_form(&written).split_whitespace().collect();
    let bare = plain.strip_prefix("kh").unwrap_or(&plain);
    let bare = match bare.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => bare,
    };
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
        return Coerced::Bad(format!("'{written}' is no administrative code"));
    }
    let (code, restored) = if lengths.contains(&bare.len()) {
        (bare.to_owned(), false)
    } else if lengths.contains(&(bare.len() + 1)) {
        (format!("0{bare}"), true)
    } else {
        return Coerced::Bad(format!(
            "'{written}' has {} digits, a code here has {lengths:?}",
            bare.len()
        ));
    };
    if restored {
        let done = format!("{written} → {code}");
        return Coerced::Changed(Value::Text(code), "code_zeros_restored", done);
    }
    if gazetteer::is_outdated(&code) {
        let doubt = format!("{code} is not in today's gazetteer");
        return Coerced::Doubtful(Value::Text(code), "code_not_in_gazetteer", doubt);
    }
    Coerced::Taken(Value::Text(code))
}

fn one_of(choices: &'static [Choice], raw: &Value) -> Coerced {
    let written = plain_text(raw);
    if let Some(name) = choice(choices, &written) {
        return Coerced::Taken(name.into());
    }
    let known: Vec<&str> = choices.iter().map(|c| c.name).collect();
    Coerced::Bad(format!(
        "'{}' is none of {}",
        shortened(&written),
        known.join(", ")
    ))
}

/// What a value may mean as a number.
pub(super) fn as_number(raw: &Value) -> Readings {
    let plain = |n: f64| Readings {
        plain: Some(n).filter(|n| n.is_finite()),
        others: Vec::new(),
    };
    match raw {
        Value::Integer(n) => plain(*n as f64),
        Value::Number(n) => plain(*n),
        Value::Text(text) => readings(text),
        Value::Boolean(_) | Value::Date(_) => Readings::default(),
    }
}

fn integer(raw: &Value, least: i64, most: i64) -> Coerced {
    let fits = |n: f64| n.fract() == 0.0 && n >= least as f64 && n <= most as f64;
    let value = |n: f64| Value::Integer(n as i64);
    fitting(raw, fits, value, || {
        format!("is no whole number from {least} to {most}")
    })
}

fn number(raw: &Value, least: f64, most: f64) -> Coerced {
    let fits = |n: f64| n >= least && n <= most;
    fitting(raw, fits, Value::Number, || {
        format!("is no number from {least} to {most}")
    })
}

/// The only reading of a number that fits; what may be meant in two ways is not guessed.
fn fitting(
    raw: &Value,
    fits: impl Fn(f64) -> bool,
    value: impl Fn(f64) -> Value,
    otherwise: impl Fn() -> String,
) -> Coerced {
    let Readings { plain, others } = as_number(raw);
    if let Some(n) = plain.filter(|n| fits(*n)) {
        return Coerced::Taken(value(n));
    }
    let written = shortened(&raw.to_string());
    let others: Vec<f64> = others.into_iter().filter(|n| fits(*n)).collect();
    match others[..] {
        [n] => Coerced::Changed(value(n), "number_rewritten", format!("{written} → {n}")),
        [a, b, ..] => Coerced::Bad(format!(
            "'{written}' may be {a} or {b}: write it without the comma"
        )),
        [] => Coerced::Bad(format!("'{written}' {}", otherwise())),
    }
}

fn yes_no(raw: &Value) -> Coerced {
    let answer = match raw {
        Value::Boolean(b) => Some(*b),
        other => match plain_text(other).trim().to_lowercase().as_str() {
            "1" | "y" | "yes" | "true" | "t" | "បាទ" | "ចាស" | "មាន" => Some(true),
            "0" | "n" | "no" | "false" | "f" | "none" | "ទេ" | "គ្មាន" => Some(false),
            "unknown" | "na" | "n/a" | "not known" => return Coerced::Unknown,
            _ => None,
        },
    };
    match answer {
        Some(answer) => Coerced::Taken(Value::Boolean(answer)),
        None => Coerced::Bad(format!("'{}' is neither yes nor no", shortened(&raw.to_string()))),
    }
}

/// From this year on, years are those of the Buddhist era. It is 543 years ahead or 544, and begins in May: which day is meant, the year alone
/// does not tell.
const BUDDHIST: i16 = 2400;

fn buddhist(written: &str) -> Coerced {
    Coerced::Bad(format!(
        "'{}' has a year of the Buddhist era, or one that is far off; write it as 2026-01-31",
        shortened(written)
    ))
}

fn date(raw: &Value) -> Coerced {
    if let Value::Date(day) = raw {
        return if day.year() >= BUDDHIST {
            buddhist(&day.to_string())
        } else {
            Coerced::Taken(Value::Date(*day))
        };
    }
    let written: String = plain_text(raw).chars().map(ascii_digit).collect();
    let text = written.trim();
    let day_part = text.split(['T', ' ']).next().unwrap_or(text);
    let numbers: Vec<i16> = day_part
        .split(['-', '/', '.'])
        .filter_map(|part| part.parse().ok())
        .collect();
    let day = match numbers[..] {
        [year, month, day] if year >= 1000 => Date::new(year, month as i8, day as i8).ok(),
        // Day before month, as dates are written in Cambodia.
        [day, month, year] if year >= 1000 => Date::new(year, month as i8, day as i8).ok(),
        _ => None,
    };
    match day {
        Some(day) if day.year() >= BUDDHIST => buddhist(text),
        Some(day) if numbers[0] >= 1000 => Coerced::Taken(Value::Date(day)),
        Some(day) => Coerced::Changed(Value::Date(day), "date_rewritten", format!("{text} → {day}")),
        None => Coerced::Bad(format!(
            "'{}' is no date; write it as 2026-01-31",
            shortened(text)
        )),
    }
}

/// A day, a month or a year, as far as it is known. A month may stand before its year, as in `05/2012`.
fn partial_date(raw: &Value) -> Coerced {
    let written: String = plain_text(raw).chars().map(ascii_digit).collect();
    let text = written.trim();
    let years = text.split(['-', '/', '.', 'T', ' ']);
    if years
        .filter_map(|part| part.parse().ok())
        .any(|year: i16| year >= BUDDHIST)
    {
        return buddhist(text);
    }
    if let Some(known) = PartialDate::parse(text) {
        return Coerced::Taken(Value::Text(if known.earliest == known.latest {
            known.earliest.to_string()
        } else {
            text.to_owned()
        }));
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let month = match parts[..] {
        [year, month] if year.len() == 4 => Some(format!("{year}-{month:0>2}")),
        [month, year] if year.len() == 4 => Some(format!("{year}-{month:0>2}")),
        _ => None,
    };
    if let Some(month) = month.filter(|month| PartialDate::parse(month).is_some()) {
        let done = format!("{text} → {month}");
        return Coerced::Changed(Value::Text(month), "date_rewritten", done);
    }
    let as_text = |day: Value| Value::Text(day.to_string());
    match date(raw) {
        Coerced::Taken(day) => Coerced::Taken(as_text(day)),
        Coerced::Changed(day, code, done) => Coerced::Changed(as_text(day), code, done),
        _ => Coerced::Bad(format!(
            "'{}' is no date; write it as 2026-01-31, 2026-01 or 2026",
            shortened(text)
        )),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.to_owned()
    } else {
        text.chars().take(39).chain(['…']).collect()
    }
}
