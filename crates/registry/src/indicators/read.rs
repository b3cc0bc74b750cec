//! An indicator from its file (TOML), with everything that is wrong with it at once.

use jiff::civil::Date;
use toml::{Table, Value};

use super::breakdown::{Breakdown, Source, is_yes_no};
use super::facts::{Answers, Vocabulary};
use super::{After, Indicator, Median, Period, Population, Said, Share};

/// The greatest file of an indicator, in bytes.
pub const MAX_INDICATOR_BYTES: usize = 64 * 1024;

/// The most breakdowns of one table: with more nearly everything has to be hidden.
const MAX_BREAKDOWNS: usize = 5;

/// One thing wrong with an indicator's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Mistake {
    /// Where: the name of what is wrong, such as `by[1].fact`.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The breakdowns that need no more than their name.
const NAMED: [&str; 8] = [
    "khan",
    "khan>sangkat",
    "site",
    "moved_year",
    "disability",
    "under_six",
    "school",
    "stay",
];

/// Services that families are referred to.
const SERVICES: [&str; 9] = [
    "primary_school",
    "health_centre",
    "hospital",
    "market",
    "nursery",
    "preschool",
    "factory",
    "social_service",
    "water_point",
];

impl Indicator {
    /// Reads an indicator. What does not stand in the vocabulary cannot be counted.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(text: &str, vocabulary: &Vocabulary) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader {
            vocabulary,
            mistakes: Vec::new(),
        };
        if text.len() > MAX_INDICATOR_BYTES {
            reader.wrong("file", format!("it is longer than {MAX_INDICATOR_BYTES} bytes"));
            return Err(reader.mistakes);
        }
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                reader.wrong("file", format!("it is no TOML: {error}"));
                return Err(reader.mistakes);
            }
        };
        let indicator = reader.indicator(&table);
        if reader.mistakes.is_empty() {
            Ok(indicator)
        } else {
            Err(reader.mistakes)
        }
    }
}

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn wrong(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            place: place.into(),
            message: message.into(),
        });
    }

    fn only(&mut self, table: &Table, place: &str, known: &[&str]) {
        for name in table.keys().filter(|name| !known.contains(&name.as_str())) {
            let at = if place.is_empty() {
                name.clone()
            } else {
                format!("{place}.{name}")
            };
            self.wrong(
                at,
                format!("it is not known here. There are: {}", known.join(", ")),
            );
        }
    }

    fn indicator(&mut self, table: &Table) -> Indicator {
        self.only(
            table,
            "",
            &["id", "title", "about", "over", "period", "by", "share", "median"],
        );
        let id = self.text(table, "id").unwrap_or_default();
        let fine = id.len() <= 40
            && id.starts_with(|c: char| c.is_ascii_lowercase())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !id.is_empty() && !fine {
            self.wrong(
                "id",
                "use small letters, digits and _, begin with a letter, at most 40: it becomes the name of a layer",
            );
        }
        let population = match self.text(table, "over").as_deref() {
            Some("moved") => Population::Moved,
            Some("recorded") | None => Population::Recorded,
            Some(_) => {
                self.wrong(
                    "over",
                    "write \"recorded\" (all families) or \"moved\" (those who moved to a site)",
                );
                Population::Recorded
            }
        };
        let by = self.breakdowns(table);
        let shares = self.shares(table, &by);
        Indicator {
            title: self.said(table, "title"),
            about: self.said(table, "about"),
            period: self.period(table),
            median: self.median(table),
            id,
            population,
            by,
            shares,
        }
    }

    fn text(&mut self, table: &Table, name: &str) -> Option<String> {
        match table.get(name) {
            None => {
                self.wrong(name, "it is missing");
                None
            }
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Some(_) => {
                self.wrong(name, "write a text");
                None
            }
        }
    }

    fn said(&mut self, table: &Table, name: &str) -> Said {
        let Some(Value::Table(both)) = table.get(name) else {
            self.wrong(name, "write it in both languages: { en = \"…\", km = \"…\" }");
            return Said::default();
        };
        self.only(both, name, &["en", "km"]);
        let mut of = |language: &str| match both.get(language).and_then(Value::as_str) {
            Some(text) if !text.trim().is_empty() => text.trim().to_owned(),
            _ => {
                self.wrong(format!("{name}.{language}"), "it is missing");
                String::new()
            }
        };
        Said {
            en: of("en"),
            km: of("km"),
        }
    }

    fn period(&mut self, table: &Table) -> Period {
        let mut period = Period { from: None, to: None };
        let Some(value) = table.get("period") else {
            return period;
        };
        let Some(ends) = value.as_table() else {
            self.wrong(
                "period",
                "write { from = \"2020-01-01\", to = \"2026-12-31\" }, or one of the two",
            );
            return period;
        };
        self.only(ends, "period", &["from", "to"]);
        let mut day = |name: &str| {
            let value = ends.get(name)?;
            let read = value.as_str().and_then(|text| text.parse::<Date>().ok());
            if read.is_none() {
                self.wrong(
                    format!("period.{name}"),
                    "write a day in quotation marks, such as \"2026-01-31\"",
                );
            }
            read
        };
        (period.from, period.to) = (day("from"), day("to"));
        if let (Some(from), Some(to)) = (period.from, period.to)
            && from > to
        {
            self.wrong("period", "it ends before it begins");
        }
        period
    }

    fn breakdowns(&mut self, table: &Table) -> Vec<Breakdown> {
        let Some(list) = table.get("by").and_then(Value::as_array) else {
            self.wrong(
                "by",
                "write a list of breakdowns, such as [\"khan>sangkat\", \"under_six\"]",
            );
            return Vec::new();
        };
        if list.is_empty() {
            self.wrong("by", "name at least one breakdown");
        }
        if list.len() > MAX_BREAKDOWNS {
            self.wrong(
                "by",
                format!(
                    "{} breakdowns are more than {MAX_BREAKDOWNS}: so fine a table would have to be hidden nearly whole",
                    list.len()
                ),
            );
        }
        let mut found: Vec<Breakdown> = Vec::new();
        for (number, one) in list.iter().enumerate() {
            let place = format!("by[{number}]");
            let Some(breakdown) = self.breakdown(one, &place) else {
                continue;
            };
            let twice = breakdown
                .columns
                .iter()
                .find(|column| found.iter().any(|other| other.columns.contains(column)));
            if let Some(column) = twice {
                self.wrong(place, format!("the column {column} is there already"));
            } else {
                found.push(breakdown);
            }
        }
        let first = found.first().map(|one| &one.source);
        if first.is_some_and(|first| !matches!(first, Source::Area | Source::Site)) {
            self.wrong(
                "by[0]",
                "begin with the place: khan, khan>sangkat, or site. It is what tables of the same families have in common",
            );
        }
        found
    }

    fn breakdown(&mut self, value: &Value, place: &str) -> Option<Breakdown> {
        let made = |columns: &[&str], source| {
            Some(Breakdown {
                columns: columns.iter().map(|column| (*column).to_owned()).collect(),
                source,
            })
        };
        let table = match value {
            Value::String(name) => {
                return match name.as_str() {
                    "khan" => made(&["khan"], Source::Area),
                    "khan>sangkat" => made(&["khan", "sangkat"], Source::Area),
                    "site" => made(&["site"], Source::Site),
                    "moved_year" => made(&["moved_year"], Source::MovedYear),
                    "disability" => made(&["disability"], Source::Disability),
                    "under_six" => made(&["under_six"], Source::UnderSix),
                    "school" => made(&["school"], Source::School),
                    "stay" => made(&["stay"], Source::Stay),
                    other => {
                        self.wrong(
                            place,
                            format!(
                                "there is no breakdown '{}'. There are: {}; or {{ column, fact, values }}, {{ column, fact, bands }}, {{ column, referral }}",
                                short(other),
                                NAMED.join(", ")
                            ),
                        );
                        None
                    }
                };
            }
            Value::Table(table) => table,
            _ => {
                self.wrong(place, "write a breakdown's name, or { column = …, fact = … }");
                return None;
            }
        };
        self.only(table, place, &["column", "fact", "values", "bands", "referral"]);
        let column = self.column(table, place);
        let source = match (table.get("referral"), table.get("fact")) {
            (Some(service), None) => self.referral(service, place),
            (None, Some(fact)) => self.fact(fact, table, place),
            _ => {
                self.wrong(place, "name either a fact or a referral");
                None
            }
        };
        Some(Breakdown {
            columns: vec![column?],
            source: source?,
        })
    }

    fn column(&mut self, table: &Table, place: &str) -> Option<String> {
        let name = table.get("column").and_then(Value::as_str).unwrap_or_default();
        let taken = [
            "id", "code", "name", "name_km", "families", "hidden", "median", "area", "value", "reason",
        ];
        if !crate::event::is_name(name) || name.len() > 40 || taken.contains(&name) || NAMED.contains(&name) {
            self.wrong(
                format!("{place}.column"),
                format!(
                    "write a name of small letters, digits and _, and none of {}",
                    taken.join(", ")
                ),
            );
            return None;
        }
        Some(name.to_owned())
    }

    fn referral(&mut self, service: &Value, place: &str) -> Option<Source> {
        if let Some(service) = service.as_str().filter(|service| SERVICES.contains(service)) {
            Some(Source::Referral(service.to_owned()))
        } else {
            self.wrong(
                format!("{place}.referral"),
                format!("there is no such service. There are: {}", SERVICES.join(", ")),
            );
            None
        }
    }

    fn fact(&mut self, fact: &Value, table: &Table, place: &str) -> Option<Source> {
        let path = fact.as_str().unwrap_or_default().to_owned();
        let Some(answers) = self.vocabulary.answers(&path).cloned() else {
            let why = self.vocabulary.why_not(&path);
            self.wrong(format!("{place}.fact"), why);
            return None;
        };
        match answers {
            Answers::Number(_) => {
                let bands: Option<Vec<u32>> = table.get("bands").and_then(Value::as_array).and_then(|list| {
                    let numbers = list.iter().map(|one| u32::try_from(one.as_integer()?).ok());
                    numbers.collect()
                });
                let from = bands.filter(|bands| {
                    !bands.is_empty()
                        && bands.len() <= 10
                        && bands[0] > 0
                        && bands.windows(2).all(|pair| pair[0] < pair[1])
                });
                if from.is_none() || table.contains_key("values") {
                    self.wrong(
                        format!("{place}.bands"),
                        format!("{path} is a number: say where its bands begin, such as [15, 30, 60]: 1 to 10 whole numbers above 0, each greater than the one before"),
                    );
                }
                Some(Source::Bands { path, from: from? })
            }
            Answers::YesNo => {
                if table.contains_key("values") || table.contains_key("bands") {
                    self.wrong(
                        format!("{place}.values"),
                        format!("{path} is answered by yes or no: leave values and bands out"),
                    );
                }
                Some(Source::Fact {
                    path,
                    values: vec!["yes".into(), "no".into()],
                })
            }
            Answers::OneOf(known) => {
                let listed: Option<Vec<String>> = match table.get("values") {
                    None => Some(known.clone()),
                    Some(list) => list.as_array().and_then(|list| {
                        let texts = list.iter().map(|one| one.as_str().map(str::to_owned));
                        texts.collect()
                    }),
                };
                let Some(values) = listed.filter(|values| !values.is_empty() && !is_yes_no(values)) else {
                    self.wrong(
                        format!("{place}.values"),
                        "list the answers that are told apart, as texts",
                    );
                    return None;
                };
                for (number, value) in values.iter().enumerate() {
                    let said = format!("{place}.values[{number}]");
                    if !known.is_empty() && !known.contains(value) {
                        self.wrong(
                            said,
                            format!(
                                "{path} has no answer '{}'. There are: {}",
                                short(value),
                                known.join(", ")
                            ),
                        );
                    } else if values[..number].contains(value)
                        || ["other", super::UNKNOWN].contains(&value.as_str())
                        || crate::disclosure::dimension::is_total(value)
                    {
                        self.wrong(
                            said,
                            format!("'{}' is there already, or is a category of its own", short(value)),
                        );
                    }
                }
                Some(Source::Fact { path, values })
            }
        }
    }

    fn shares(&mut self, table: &Table, by: &[Breakdown]) -> Vec<Share> {
        let Some(value) = table.get("share") else {
            return Vec::new();
        };
        let Some(list) = value.as_array() else {
            self.wrong("share", "write each share as a table of its own: [[share]]");
            return Vec::new();
        };
        let mut found: Vec<Share> = Vec::new();
        for (number, one) in list.iter().enumerate() {
            let place = format!("share[{number}]");
            let Some(one) = one.as_table() else {
                self.wrong(place, "write it as a table: [[share]]");
                continue;
            };
            self.only(
                one,
                &place,
                &["name", "column", "of", "among", "after_months", "since"],
            );
            let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
            if !name.starts_with("share_") || !crate::event::is_name(name) || name.len() > 40 {
                self.wrong(format!("{place}.name"), "write a name that begins with share_");
            }
            if found.iter().any(|share| share.name == name) {
                self.wrong(format!("{place}.name"), "this name is there already");
            }
            let column = one.get("column").and_then(Value::as_str).unwrap_or_default();
            let breakdown = by
                .iter()
                .find(|one| one.columns.len() == 1 && one.columns[0] == column);
            let categories = breakdown.map(Breakdown::answers).unwrap_or_default();
            if categories.is_empty() {
                self.wrong(
                    format!("{place}.column"),
                    "name a breakdown of this table that has fixed categories",
                );
            }
            let mut list = |name: &str| -> Vec<String> {
                let texts: Option<Vec<String>> = one.get(name).and_then(Value::as_array).and_then(|list| {
                    let texts = list.iter().map(|one| one.as_str().map(str::to_owned));
                    texts.collect()
                });
                let texts = texts.unwrap_or_default();
                if texts.is_empty() {
                    self.wrong(format!("{place}.{name}"), "list categories of the column");
                }
                for text in texts.iter().filter(|text| !categories.contains(text)) {
                    self.wrong(
                        format!("{place}.{name}"),
                        format!(
                            "{column} has no category '{}'. There are: {}",
                            short(text),
                            categories.join(", ")
                        ),
                    );
                }
                texts
            };
            let (of, among) = (list("of"), list("among"));
            if of.iter().any(|one| !among.contains(one)) {
                self.wrong(
                    format!("{place}.of"),
                    "each of these has to stand in among as well",
                );
            }
            let after = self.after(one, by, &place);
            found.push(Share {
                name: name.to_owned(),
                column: column.to_owned(),
                of,
                among,
                after,
            });
        }
        found
    }

    fn after(&mut self, share: &Table, by: &[Breakdown], place: &str) -> Option<After> {
        let (months, since) = (share.get("after_months"), share.get("since"));
        if months.is_none() && since.is_none() {
            return None;
        }
        let months = months.and_then(Value::as_integer).and_then(|months| {
            i32::try_from(months)
                .ok()
                .filter(|months| (1..=600).contains(months))
        });
        let column = since.and_then(Value::as_str);
        let years = by
            .iter()
            .any(|one| one.source == Source::MovedYear && Some(one.columns[0].as_str()) == column);
        if let (Some(months), Some(column), true) = (months, column, years) {
            Some(After {
                column: column.to_owned(),
                months,
            })
        } else {
            self.wrong(
                format!("{place}.since"),
                "write since = \"moved_year\", a breakdown of this table, together with after_months = 12",
            );
            None
        }
    }

    fn median(&mut self, table: &Table) -> Option<Median> {
        let value = table.get("median")?;
        let Some(one) = value.as_table() else {
            self.wrong("median", "write { fact = \"work.minutes\", step = 5 }");
            return None;
        };
        self.only(one, "median", &["fact", "step"]);
        let fact = one.get("fact").and_then(Value::as_str).unwrap_or_default();
        let unit = match self.vocabulary.answers(fact) {
            Some(Answers::Number(unit)) => Some(unit.clone()),
            Some(_) => {
                self.wrong("median.fact", format!("{fact} is no number"));
                None
            }
            None => {
                let why = self.vocabulary.why_not(fact);
                self.wrong("median.fact", why);
                None
            }
        };
        let step = one.get("step").map_or(Some(1), Value::as_integer);
        let step = step.and_then(|step| u32::try_from(step).ok());
        let Some(step) = step.filter(|step| (1..=1000).contains(step)) else {
            self.wrong("median.step", "write a whole number from 1 to 1000");
            return None;
        };
        Some(Median {
            fact: fact.to_owned(),
            unit: unit?,
            step,
        })
    }
}

/// A text as a message may repeat it.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
