//! Calendar days, of which sometimes only the year or the month is known.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar day. Days order by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// A date as somebody knows it: a day, a month or a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialDate {
    /// The first day that it can be.
    pub earliest: Day,
    /// The last.
    pub latest: Day,
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Day {
    /// A day of the calendar, years 1000 to 9999; `None` where there is none of that number.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let real = (1000..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day);
        real.then_some(Self { year, month, day })
    }

    /// A day written as `2026-01-31`.
    pub fn parse(text: &str) -> Option<Self> {
        let date = PartialDate::parse(text)?;
        (date.earliest == date.latest).then_some(date.earliest)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no day, such as 2026-01-31")))
    }
}

impl PartialDate {
    /// A date written as `2012`, `2012-05` or `2012-05-17`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let number = |part: &str, digits: usize| {
            let plain = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| part.parse::<u16>().ok()).flatten()
        };
        let year = number(parts.next()?, 4)?;
        let two = |part: Option<&str>| part.map(|part| number(part, 2).and_then(|n| u8::try_from(n).ok()));
        let (month, day) = (two(parts.next()), two(parts.next()));
        if parts.next().is_some() {
            return None;
        }
        let (earliest, latest) = match (month, day) {
            (None, _) => (Day::new(year, 1, 1)?, Day::new(year, 12, 31)?),
            (Some(month), None) => {
                let month = month?;
                (
                    Day::new(year, month, 1)?,
                    Day::new(year, month, days_in(year, month))?,
                )
            }
            (Some(month), Some(day)) => {
                let day = Day::new(year, month?, day?)?;
                (day, day)
            }
        };
        Some(Self { earliest, latest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_year_a_month_or_a_day() {
        let ends = |text: &str| {
            PartialDate::parse(text).map(|date| (date.earliest.to_string(), date.latest.to_string()))
        };
        let both = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(ends("2012"), both("2012-01-01", "2012-12-31"));
        assert_eq!(ends("2012-02"), both("2012-02-01", "2012-02-29"));
        assert_eq!(ends(" 1900-02 "), both("1900-02-01", "1900-02-28"));
        assert_eq!(ends("2012-05-17"), both("2012-05-17", "2012-05-17"));
        for no in [
            "",
            "12",
            "2012-13",
            "2012-2",
            "2011-02-29",
            "2012-05-17-01",
            "C19",
            "~1950",
            "2012-05-17T00",
            "٢٠١٢",
        ] {
            assert_eq!(ends(no), None, "{no}");
        }
        assert!(Day::parse("2012-05").is_none() && Day::parse("2012-05-17") < Day::parse("2012-06-01"));
    }
}
