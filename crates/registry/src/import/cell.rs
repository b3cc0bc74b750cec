//! What a cell says.

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization as _;

use super::mapping::{DateOrder, Fact, FactKind, Mapping};
use crate::table::key;

/// Days that a spreadsheet's number may mean: 1954 to 2119.
const SERIAL_DAYS: std::ops::RangeInclusive<i64> = 20_000..=80_000;
/// The whole numbers that a spreadsheet keeps exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A cell as its file holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number of a spreadsheet.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A day, with its time.
    Moment(DateTime),
    /// Nothing that can be used, and why: an error of a formula, a formula that was never worked out.
    Broken(String),
}

impl Cell {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => key(text).trim().is_empty(),
            _ => false,
        }
    }

    /// Its text, tidy: composed, without signs that nobody sees, without blanks around it. `None` where it is empty.
    pub fn text(&self) -> Result<Option<String>, String> {
        let text = match self {
            Self::Empty => return Ok(None),
            Self::Text(text) => tidy(text)?,
            Self::Number(number) => written(*number)?,
            Self::Bool(answer) => answer.to_string(),
            Self::Moment(at) if at.time() == jiff::civil::Time::midnight() => at.date().to_string(),
            Self::Moment(at) => at.to_string(),
            Self::Broken(why) => return Err(why.clone()),
        };
        Ok((!text.is_empty()).then_some(text))
    }

    /// The answer that it is; `None` where there is none.
    pub(super) fn answer(&self, fact: &Fact, mapping: &Mapping) -> Result<Option<Value>, String> {
        let Some(text) = self.text()?.filter(|text| !mapping.is_missing(text)) else {
            return Ok(None);
        };
        if !fact.values.is_empty() && fact.kind != FactKind::Choices {
            return listed(&text, fact).map(Some);
        }
        let answer = match fact.kind {
            FactKind::Text => {
                if is_rounded(&text) {
                    return Err("the spreadsheet has rounded this number: give the column the format Text and enter it again.".into());
                }
                json!(text)
            }
            FactKind::Whole => json!(whole(&text)?),
            FactKind::Number => json!(number(&text)?),
            FactKind::YesNo => json!(yes_no(&text)?),
            FactKind::Date => json!(self.day(mapping.dates)?.to_string()),
            FactKind::Choices => {
                let words = text.split_whitespace();
                let all: Result<Vec<Value>, String> = words
                    .map(|word| {
                        if fact.values.is_empty() {
                            Ok(json!(word))
                        } else {
                            listed(word, fact)
                        }
                    })
                    .collect();
                Value::Array(all?)
            }
        };
        Ok(Some(answer))
    }

    /// The day that it names.
    pub(super) fn day(&self, order: DateOrder) -> Result<Date, String> {
        match self {
            Self::Moment(at) => Ok(at.date()),
            Self::Number(number) => {
                let whole = number.floor() as i64;
                if !SERIAL_DAYS.contains(&whole) {
                    return Err("this is no day: write it as 2024-05-31.".into());
                }
                // Day 1 of spreadsheets is 1900-01-01, with a 29 February 1900 that there never was.
                jiff::civil::date(1899, 12, 30)
                    .checked_add(jiff::Span::new().days(whole))
                    .map_err(|_| "this is no day.".to_owned())
            }
            other => day(&other.text()?.unwrap_or_default(), order),
        }
    }
}

/// Whether a cell is an answer of this kind; for guessing.
pub(super) fn fits(cell: &Cell, fact: &Fact) -> bool {
    let Ok(Some(text)) = cell.text() else { return false };
    match fact.kind {
        FactKind::Text | FactKind::Choices => true,
        // A number with a zero in front is a name.
        FactKind::Whole => whole(&text).is_ok() && !(text.len() > 1 && text.starts_with('0')),
        FactKind::Number => {
            number(&text).is_ok() && !(text.len() > 1 && text.starts_with('0') && !text.starts_with("0."))
        }
        FactKind::YesNo => yes_no(&text).is_ok() && plain(&text) != "1" && plain(&text) != "0",
        FactKind::Date => cell.day(DateOrder::DayFirst).is_ok() && !matches!(cell, Cell::Number(_)),
    }
}

/// A text as it is taken in, or why it cannot be.
fn tidy(text: &str) -> Result<String, String> {
    let text: String = key(text).trim().nfc().collect();
    if text.starts_with('=') {
        return Err("holds a formula and no value: save the sheet with values.".into());
    }
    if text.contains('\u{fffd}') {
        return Err("has letters that were lost when the file was saved: save it anew as UTF-8.".into());
    }
    // The bytes of Khmer letters, read as if each were a letter of Western Europe.
    if ["áž", "áŸ", "á\u{9e}", "á\u{9f}", "â€", "Ã¡"]
        .iter()
        .any(|sign| text.contains(sign))
    {
        return Err("was saved in a wrong encoding: save the file anew as UTF-8.".into());
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err("holds signs that belong to no text: save the file anew as UTF-8.".into());
    }
    Ok(text)
}

/// A number as people write it.
fn written(number: f64) -> Result<String, String> {
    if !number.is_finite() {
        return Err("this is no number.".into());
    }
    if number.fract() == 0.0 {
        if number.abs() >= EXACT {
            return Err("has more digits than a spreadsheet keeps: give the column the format Text and enter it again.".into());
        }
        return Ok((number as i64).to_string());
    }
    Ok(number.to_string())
}

/// Digits of this script, Khmer ones read as such.
fn plain(text: &str) -> String {
    let digit = |c: char| match c {
        '\u{17e0}'..='\u{17e9}' => char::from_digit(u32::from(c) - 0x17e0, 10).unwrap_or(c),
        _ => c,
    };
    text.chars().map(digit).collect()
}

/// A number that was shortened to `8.55E+10`.
fn is_rounded(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_number(digits) && power.strip_prefix('+').is_some_and(is_number)
}

fn without_thousands(text: &str) -> Option<String> {
    let mut groups = text.trim_start_matches('-').split(',');
    let first = groups.next()?;
    let regular = (1..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_digit())
        && groups.clone().count() > 0
        && groups.all(|group| {
            let digits = group.split('.').next().unwrap_or_default();
            digits.len() == 3 && group.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        });
    regular.then(|| text.replace(',', ""))
}

fn number(text: &str) -> Result<f64, String> {
    let text = plain(text);
    if is_rounded(&text) {
        return Err(
            "the spreadsheet has rounded this number: give the column the format Text and enter it again."
                .into(),
        );
    }
    let read = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let is_digits = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b','));
    if !is_digits {
        return Err("this is no number: write it in digits alone.".into());
    }
    // "1,500" is 1.5 to some and 1500 to others; with two groups, or a point behind, there is one reading.
    if text.contains(',') {
        let sure = text.matches(',').count() > 1 || text.contains('.');
        return without_thousands(&text)
            .filter(|_| sure)
            .and_then(|text| read(&text))
            .ok_or_else(|| "has a comma, which may be two numbers: write 1500 or 1.5.".to_owned());
    }
    read(&text).ok_or_else(|| "this is no number: write it in digits alone.".to_owned())
}

fn whole(text: &str) -> Result<i64, String> {
    let number = number(text)?;
    if number.fract() == 0.0 && number.abs() < EXACT {
        Ok(number as i64)
    } else {
        Err("this is no whole number.".into())
    }
}

fn yes_no(text: &str) -> Result<bool, String> {
    match plain(text).to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Ok(true),
        "no" | "n" | "false" | "0" => Ok(false),
        _ => Err("is neither yes nor no: say in the mapping what it means, with values.".into()),
    }
}

/// The value that the mapping gives for an answer.
fn listed(text: &str, fact: &Fact) -> Result<Value, String> {
    let same = |name: &str| key(name.trim()).to_lowercase() == text.to_lowercase();
    fact.values
        .iter()
        .find(|(name, _)| same(name))
        .map(|(_, value)| value.clone())
        .ok_or_else(|| "holds an answer that the mapping does not list under values.".to_owned())
}

/// The day that a text names.
fn day(text: &str, order: DateOrder) -> Result<Date, String> {
    let text = plain(text);
    // What stands behind the day is its time.
    let text = match text.find('T') {
        Some(at) if text[..at].ends_with(|c: char| c.is_ascii_digit()) => &text[..at],
        _ => text.as_str(),
    };
    let parts: Vec<&str> = text
        .split(['-', '/', '.', ' ', ','])
        .filter(|part| !part.is_empty())
        .take_while(|part| !part.contains(':'))
        .collect();
    let [a, b, c] = parts.as_slice() else {
        return Err("this is no day: write it as 2024-05-31.".into());
    };
    let digits = |part: &str| {
        part.parse::<i16>()
            .ok()
            .filter(|_| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let named = |part: &str| {
        let low = part.to_lowercase();
        MONTHS
            .iter()
            .position(|month| low.len() >= 3 && low.is_char_boundary(3) && low[..3] == **month)
            .map(|at| at as i16 + 1)
    };
    let (year, month, day) = if a.len() == 4 {
        (digits(a), digits(b).or_else(|| named(b)), digits(c))
    } else if let Some(month) = named(b) {
        (long(c)?, Some(month), digits(a))
    } else if let Some(month) = named(a) {
        (long(c)?, Some(month), digits(b))
    } else {
        match order {
            DateOrder::DayFirst => (long(c)?, digits(b), digits(a)),
            DateOrder::MonthFirst => (long(c)?, digits(a), digits(b)),
        }
    };
    let (Some(year), Some(month), Some(day)) = (year, month, day) else {
        return Err("this is no day: write it as 2024-05-31.".into());
    };
    if (2_400..2_700).contains(&year) {
        return Err("the year is one of the Buddhist Era: write it as 2024-05-31.".into());
    }
    let fits = |month: i16, day: i16| {
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok()
    };
    fits(month, day).ok_or_else(|| {
        if fits(day, month).is_some() {
            "there is no such day; day and month may have changed places: say which comes first with dates = \"mdy\" or \"dmy\"."
                .to_owned()
        } else {
            "there is no such day.".to_owned()
        }
    })
}

/// A year of four digits.
fn long(year: &str) -> Result<Option<i16>, String> {
    if year.len() == 2 && year.bytes().all(|b| b.is_ascii_digit()) {
        return Err("the year has two digits: write it with four.".into());
    }
    Ok((year.len() == 4).then(|| year.parse().ok()).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, order: DateOrder) -> Result<String, String> {
        Cell::Text(text.into()).day(order).map(|day| day.to_string())
    }

    #[test]
    fn days_in_several_forms_are_one_day() {
        for text in [
            "2024-05-03",
            "2024/5/3",
            "2024.05.03",
            "3/5/2024",
            "03-05-2024",
            "3 May 2024",
            "May 3, 2024",
            "3-May-2024",
            "២០២៤-០៥-០៣",
            "៣/៥/២០២៤",
            "2024-05-03T10:11:12.000+07:00",
            "2024-05-03 10:11:12",
        ] {
            assert_eq!(
                told(text, DateOrder::DayFirst).as_deref(),
                Ok("2024-05-03"),
                "{text}"
            );
        }
        assert_eq!(
            told("5/3/2024", DateOrder::MonthFirst).as_deref(),
            Ok("2024-05-03")
        );
        assert_eq!(
            Cell::Number(45_415.75)
                .day(DateOrder::DayFirst)
                .unwrap()
                .to_string(),
            "2024-05-03"
        );
    }

    #[test]
    fn days_that_are_none_or_may_be_two_are_refused() {
        for (text, why) in [
            ("5/13/2024", "changed places"),
            ("31/2/2024", "no such day"),
            ("3/5/24", "two digits"),
            ("3/5/2567", "Buddhist"),
            ("May 2024", "no day"),
            ("yesterday", "no day"),
            ("", "no day"),
        ] {
            assert!(
                told(text, DateOrder::DayFirst).unwrap_err().contains(why),
                "{text}"
            );
        }
        assert!(Cell::Number(7.0).day(DateOrder::DayFirst).is_err());
    }

    #[test]
    fn numbers_have_one_reading() {
        assert_eq!(number("១២៣"), Ok(123.0));
        assert_eq!(number("1,234,567"), Ok(1_234_567.0));
        assert_eq!(number("1,234.5"), Ok(1234.5));
        assert_eq!(whole("4.0"), Ok(4));
        for text in ["1,500", "1,5", "8.55E+10", "4 people", "nan", "inf", "-", "1.2.3"] {
            assert!(number(text).is_err(), "{text}");
        }
        assert!(whole("4.5").is_err());
    }

    #[test]
    fn texts_that_a_file_has_spoilt_are_refused() {
        for (text, why) in [
            ("=A1+B2", "formula"),
            ("So\u{fffd} Dara", "lost"),
            ("ážŸáž»áž", "encoding"),
            ("a\u{0}b", "no text"),
        ] {
            assert!(tidy(text).unwrap_err().contains(why), "{text}");
        }
        assert_eq!(tidy(" សុ\u{200b}ខ ").as_deref(), Ok("សុខ"));
        assert_eq!(written(12_345_678.0).as_deref(), Ok("12345678"));
        assert!(written(1e17).is_err() && is_rounded("8.5512E+10") && !is_rounded("Eve+1"));
    }
}
