//! The indicators of a deployment together.

use std::collections::BTreeMap;

use super::breakdown::{Breakdown, is_of_movers};
use super::facts::Vocabulary;
use super::{Indicator, Mistake, Places, Population};

/// The indicators that come with the program: file and content.
pub const BUILT_IN: [(&str, &str); 14] = [
    (
        "families_by_area.toml",
        include_str!("../../../../geodata/indicators/families_by_area.toml"),
    ),
    (
        "head_by_khan.toml",
        include_str!("../../../../geodata/indicators/head_by_khan.toml"),
    ),
    (
        "disability_by_khan.toml",
        include_str!("../../../../geodata/indicators/disability_by_khan.toml"),
    ),
    (
        "under_six_by_khan.toml",
        include_str!("../../../../geodata/indicators/under_six_by_khan.toml"),
    ),
    (
        "clinic_referrals.toml",
        include_str!("../../../../geodata/indicators/clinic_referrals.toml"),
    ),
    (
        "nursery_referrals.toml",
        include_str!("../../../../geodata/indicators/nursery_referrals.toml"),
    ),
    (
        "moves_and_stay.toml",
        include_str!("../../../../geodata/indicators/moves_and_stay.toml"),
    ),
    (
        "work_after_move.toml",
        include_str!("../../../../geodata/indicators/work_after_move.toml"),
    ),
    (
        "school_after_move.toml",
        include_str!("../../../../geodata/indicators/school_after_move.toml"),
    ),
    (
        "water_after_move.toml",
        include_str!("../../../../geodata/indicators/water_after_move.toml"),
    ),
    (
        "electricity_after_move.toml",
        include_str!("../../../../geodata/indicators/electricity_after_move.toml"),
    ),
    (
        "toilet_after_move.toml",
        include_str!("../../../../geodata/indicators/toilet_after_move.toml"),
    ),
    (
        "flooded_after_move.toml",
        include_str!("../../../../geodata/indicators/flooded_after_move.toml"),
    ),
    (
        "debt_after_move.toml",
        include_str!("../../../../geodata/indicators/debt_after_move.toml"),
    ),
];

/// Indicators that can be published together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndicatorSet {
    indicators: Vec<Indicator>,
    places: Places,
}

/// One thing wrong with one of the files, or with all of them together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {mistake}")]
pub struct SetMistake {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub mistake: Mistake,
}

impl IndicatorSet {
    /// Reads files (name and content) and looks whether they can be published together.
    ///
    /// # Errors
    /// Everything that is wrong with any of them.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        vocabulary: &Vocabulary,
    ) -> Result<Self, Vec<SetMistake>> {
        let mut mistakes = Vec::new();
        let mut found: Vec<(String, Indicator)> = Vec::new();
        for (file, text) in files {
            match Indicator::read(text, vocabulary) {
                Ok(indicator) => found.push((file.to_owned(), indicator)),
                Err(wrong) => mistakes.extend(wrong.into_iter().map(|mistake| SetMistake {
                    file: file.to_owned(),
                    mistake,
                })),
            }
        }
        mistakes.extend(together(&found));
        if mistakes.is_empty() {
            Ok(Self {
                indicators: found.into_iter().map(|(_, indicator)| indicator).collect(),
                places: Places::default(),
            })
        } else {
            Err(mistakes)
        }
    }

    /// The set that comes with the program.
    ///
    /// # Errors
    /// None: a test reads it.
    pub fn built_in() -> Result<Self, Vec<SetMistake>> {
        Self::read(BUILT_IN, &Vocabulary::built_in())
    }

    /// The same for a deployment that has these places.
    #[must_use]
    pub fn in_places(mut self, places: Places) -> Self {
        self.places = places;
        self
    }

    /// The places that every table has.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// All of them.
    pub fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }

    /// Some of them, by their ids; ids that are not there are left out.
    #[must_use]
    pub fn only(&self, ids: &[&str]) -> Self {
        let some = self
            .indicators
            .iter()
            .filter(|one| ids.contains(&one.id.as_str()));
        Self {
            indicators: some.cloned().collect(),
            places: self.places.clone(),
        }
    }

    /// All of them but one.
    #[must_use]
    pub fn without(&self, id: &str) -> Self {
        let others = self.indicators.iter().filter(|one| one.id != id);
        Self {
            indicators: others.cloned().collect(),
            places: self.places.clone(),
        }
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.id == id)
    }

    /// The tables of each population, which are protected together.
    pub fn by_population(&self) -> BTreeMap<Population, Vec<&Indicator>> {
        let mut found: BTreeMap<Population, Vec<&Indicator>> = BTreeMap::new();
        for indicator in &self.indicators {
            found.entry(indicator.population).or_default().push(indicator);
        }
        found
    }
}

/// What is wrong with files that are right each for itself.
fn together(found: &[(String, Indicator)]) -> Vec<SetMistake> {
    let mut mistakes = Vec::new();
    for (number, (file, one)) in found.iter().enumerate() {
        let mut wrong = by_itself(one);
        for (_, other) in &found[..=number] {
            wrong.extend(median_of_what_is_counted(one, other));
        }
        for (_, other) in &found[..number] {
            if one.id == other.id {
                wrong.push(("id", format!("another file has the id {} already", one.id)));
            } else if one.population == other.population {
                wrong.extend(of_the_same_families(one, other));
            } else {
                wrong.extend(of_other_families(one, other));
            }
        }
        mistakes.extend(wrong.into_iter().map(|(place, message)| SetMistake {
            file: file.clone(),
            mistake: Mistake {
                place: place.to_owned(),
                message,
            },
        }));
    }
    mistakes
}

/// Where a mistake is, and what is wrong.
type Wrong = (&'static str, String);

fn asks(indicator: &Indicator, question: &str) -> bool {
    let mut by = indicator.by.iter();
    by.any(|by| by.source.question() == question)
}

/// Questions that the families of a table have not all been asked, or that are asked twice.
fn by_itself(one: &Indicator) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if one.population == Population::Recorded {
        let facts = one.median.iter().map(|median| &median.fact);
        let columns = one.by.iter().filter(|by| by.source.is_of_movers());
        let columns = columns.map(|by| by.columns.join(" > "));
        for name in columns.chain(facts.filter(|fact| is_of_movers(fact)).cloned()) {
            wrong.push((
                "over",
                format!("only families who moved have {name}: write over = \"moved\", or leave it out"),
            ));
        }
    }
    for (at, by) in one.by.iter().enumerate() {
        let question = by.source.question();
        if one.by[..at].iter().any(|own| own.source.question() == question) {
            wrong.push(("by", format!("{question} is asked twice: leave it out once")));
        }
    }
    wrong
}

/// A median is told of so many answers at least: with the counts that tells how many have not answered.
fn median_of_what_is_counted(one: &Indicator, other: &Indicator) -> Option<Wrong> {
    [(one, other), (other, one)].into_iter().find_map(|(has, counts)| {
        let median = has.median.as_ref().filter(|median| asks(counts, &median.fact))?;
        let message = format!(
            "{} tells the median of {}, by which {} counts: together they would tell how many have not answered. Leave one out",
            has.id, median.fact, counts.id
        );
        Some(("median", message))
    })
}

/// Of those who have not moved, the difference would tell.
fn of_other_families(one: &Indicator, other: &Indicator) -> Vec<Wrong> {
    let in_both = one.by.iter().filter(|by| asks(other, by.source.question()));
    let wrong = in_both.map(|by| {
        let message = format!(
            "{} counts other families by {} as well, and together they would tell of those who are in one of them only: leave it out of one",
            other.id,
            by.columns.join(" > ")
        );
        ("by", message)
    });
    wrong.collect()
}

fn of_the_same_families(one: &Indicator, other: &Indicator) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let place = |indicator: &Indicator| indicator.by.first().map(|by| by.columns[0].clone());
    if place(one) != place(other) {
        wrong.push((
            "by[0]",
            format!(
                "{} counts the same families by {}: begin with the same place, so that both can be audited together",
                other.id,
                place(other).unwrap_or_default()
            ),
        ));
    }
    if one.period != other.period {
        wrong.push((
            "period",
            format!(
                "{} counts the same families over another period: give both the same",
                other.id
            ),
        ));
    }
    let columns = |by: &[Breakdown]| -> Vec<String> {
        let all = by.iter().flat_map(|by| by.columns.clone());
        all.skip(1).collect()
    };
    let others = columns(&other.by);
    for column in columns(&one.by).iter().filter(|column| others.contains(column)) {
        wrong.push((
            "by",
            format!(
                "{} counts the same families by {column} as well: put both into one table, or leave it out of one",
                other.id
            ),
        ));
    }
    for by in one.by.iter().skip(1) {
        let question = by.source.question();
        let is_named_alike = other.by.iter().any(|own| own.columns == by.columns);
        if asks(other, question) && !is_named_alike {
            wrong.push((
                "by",
                format!(
                    "{} counts the same families by {question} as well, in other groups or under another name: leave it out of one",
                    other.id
                ),
            ));
        }
    }
    wrong
}
