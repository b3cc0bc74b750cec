//! Households that may be one: likeness of names, ages and places, and signs that are hardly ever shared by chance.
//!
//! Nothing is merged by itself: a likely duplicate is shown to a person, with the reasons.
//!
//! Names are compared in both scripts, each with its own, words in any order and with or without blanks between. A name that is known in
//! Khmer alone is not compared with one that is known in Latin letters alone.
//!
//! What makes two spellings of a name one (signs that are not seen, the order of Khmer signs, capitals) is the rule of everything that
//! searches, and has its home beside the layers, which know nothing of people. The caller hands it in as a [`SearchForm`], so that it has no
//! second home here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::event::{HouseholdId, MemberId, Value};
use crate::state::State;

/// The form of a text that searching compares: single blanks between words, the same for all spellings of one name.
pub type SearchForm<'f> = &'f dyn Fn(&str) -> String;

/// The least score at which two households are shown as likely duplicates.
pub const LIKELY: f64 = 0.6;
/// The least likeness (Jaro–Winkler, 0 to 1) at which two names are called similar.
const SIMILAR: f64 = 0.9;
/// Most pairs of people of two households that are compared. Real households have far fewer.
const MAX_PEOPLE: usize = 40;

/// What a household is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The household.
    pub household: HouseholdId,
    /// The people in it.
    pub people: Vec<Person>,
    /// A name of the place where it lives that others there share: a settlement, a sangkat.
    pub place: Option<Box<str>>,
    /// Blind index tags: keyed hashes of a phone number, of an ID Poor card.
    pub tags: BTreeSet<Box<str>>,
}

/// Somebody in a household.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Their id, if they have one.
    pub id: Option<MemberId>,
    /// Their names, as written, in any script.
    names: Vec<Name>,
    /// The year of their birth.
    pub birth_year: Option<i64>,
}

/// A name in the forms that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    /// Its words in order of letters.
    words: String,
    /// Without blanks, as written.
    joined: String,
}

impl Person {
    /// Somebody with these names.
    pub fn new<'n>(
        id: Option<MemberId>,
        names: impl IntoIterator<Item = &'n str>,
        birth_year: Option<i64>,
        search_form: SearchForm<'_>,
    ) -> Self {
        let names = names.into_iter().map(search_form).filter(|form| !form.is_empty());
        Self {
            id,
            names: names
                .map(|form| {
                    let mut words: Vec<&str> = form.split(' ').collect();
                    words.sort_unstable();
                    Name {
                        words: words.join(" "),
                        joined: form.replace(' ', ""),
                    }
                })
                .collect(),
            birth_year,
        }
    }
}

impl Profile {
    /// The profile of a state: its people by the facts `head.name…` and `members/<id>/name…`, with `birth_year` beside them. All values of a
    /// fact in conflict are compared.
    pub fn of(
        state: &State,
        place: Option<&str>,
        tags: impl IntoIterator<Item = String>,
        search_form: SearchForm<'_>,
    ) -> Self {
        #[derive(Default)]
        struct Found<'a> {
            names: Vec<&'a str>,
            birth_year: Option<i64>,
        }
        let mut found: BTreeMap<Option<MemberId>, Found<'_>> = BTreeMap::new();
        for (path, fact) in &state.facts {
            let member = path.member();
            let field = match member {
                Some(_) => path.field(),
                None => match path.as_str().strip_prefix("head.") {
                    Some(field) => field,
                    None => continue,
                },
            };
            let mut values = fact.values.iter().map(|held| &held.value);
            if field == "name" || field.starts_with("name_") || field.starts_with("name.") {
                let names = values.filter_map(Value::as_text);
                found.entry(member).or_default().names.extend(names);
            } else if field == "birth_year" {
                found.entry(member).or_default().birth_year = values.find_map(Value::as_i64);
            }
        }
        Self {
            household: state.household,
            people: found
                .into_iter()
                .map(|(id, found)| Person::new(id, found.names, found.birth_year, search_form))
                .collect(),
            place: place.map(search_form).map(Into::into),
            tags: tags.into_iter().map(Into::into).collect(),
        }
    }
}

/// Why two households may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// They share a member's id.
    SameMember,
    /// They share a phone number or a card.
    SameTag,
    /// Somebody in each has the same name.
    SameName,
    /// Somebody in each has a similar name.
    SimilarName,
    /// The one with that name was born in the same year, or the year before or after.
    SameAge,
    /// A second person in each has the same name or a similar one.
    SecondName,
    /// They live in the same place.
    SamePlace,
}

/// How alike two households are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Likeness {
    /// The other household.
    pub household: HouseholdId,
    /// From 0 to 1. A judgement for putting in order, no probability: a shared member 1; a shared tag 0.8; the best name 0.5 if it is the
    /// same, 0.4 if it is similar; with it the same age 0.2, ages more than five years apart −0.3; a second name 0.2; the same place 0.15.
    pub score: f64,
    /// The reasons, in order.
    pub reasons: Vec<Reason>,
}

fn names_alike(a: &Person, b: &Person) -> f64 {
    let mut best = 0.0_f64;
    for a in &a.names {
        for b in &b.names {
            if a.words == b.words || a.joined == b.joined {
                return 1.0;
            }
            best = best
                .max(strsim::jaro_winkler(&a.words, &b.words))
                .max(strsim::jaro_winkler(&a.joined, &b.joined));
        }
    }
    best
}

/// How alike two households are.
pub fn likeness(a: &Profile, b: &Profile) -> Likeness {
    let mut reasons = BTreeSet::new();
    let mut score = 0.0;
    let ids: BTreeSet<MemberId> = a.people.iter().filter_map(|person| person.id).collect();
    if b.people
        .iter()
        .filter_map(|person| person.id)
        .any(|id| ids.contains(&id))
    {
        reasons.insert(Reason::SameMember);
        score += 1.0;
    }
    if !a.tags.is_disjoint(&b.tags) {
        reasons.insert(Reason::SameTag);
        score += 0.8;
    }
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (i, person) in a.people.iter().take(MAX_PEOPLE).enumerate() {
        for (j, other) in b.people.iter().take(MAX_PEOPLE).enumerate() {
            let alike = names_alike(person, other);
            if alike >= SIMILAR {
                let age = age_score(person, other);
                let name = if alike >= 1.0 { 0.5 } else { 0.4 };
                pairs.push((name + age, i, j));
            }
        }
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    if let Some(&(best, i, j)) = pairs.first() {
        score += best;
        let is_same = names_alike(&a.people[i], &b.people[j]) >= 1.0;
        reasons.insert(if is_same {
            Reason::SameName
        } else {
            Reason::SimilarName
        });
        if age_score(&a.people[i], &b.people[j]) > 0.0 {
            reasons.insert(Reason::SameAge);
        }
        if pairs.iter().any(|pair| pair.1 != i && pair.2 != j) {
            reasons.insert(Reason::SecondName);
            score += 0.2;
        }
    }
    if a.place.is_some() && a.place == b.place {
        reasons.insert(Reason::SamePlace);
        score += 0.15;
    }
    Likeness {
        household: b.household,
        score: score.clamp(0.0, 1.0),
        reasons: reasons.into_iter().collect(),
    }
}

/// What the years of birth of two people with like names say.
fn age_score(a: &Person, b: &Person) -> f64 {
    match (a.birth_year, b.birth_year) {
        (Some(a), Some(b)) if a.abs_diff(b) <= 1 => 0.2,
        (Some(a), Some(b)) if a.abs_diff(b) > 5 => -0.3,
        _ => 0.0,
    }
}

/// Profiles in which likely duplicates are found without comparing each with each.
///
/// Two households are compared if they share a tag or a member, a name, or the beginning of a name together with the place or the age.
#[derive(Debug, Default)]
pub struct Index {
    profiles: Vec<Profile>,
    by_key: HashMap<String, Vec<usize>>,
}

impl Index {
    /// An index of profiles.
    pub fn new(profiles: impl IntoIterator<Item = Profile>) -> Self {
        let mut index = Self::default();
        for profile in profiles {
            index.add(profile);
        }
        index
    }

    /// Adds a profile.
    pub fn add(&mut self, profile: Profile) {
        let number = self.profiles.len();
        for key in keys(&profile) {
            self.by_key.entry(key).or_default().push(number);
        }
        self.profiles.push(profile);
    }

    /// The households that may be the same as this one, the most alike first; `least` is the least score ([`LIKELY`]).
    pub fn likely(&self, profile: &Profile, least: f64) -> Vec<Likeness> {
        let numbers: BTreeSet<usize> = keys(profile)
            .iter()
            .filter_map(|key| self.by_key.get(key))
            .flatten()
            .copied()
            .collect();
        let mut likely: Vec<Likeness> = numbers
            .into_iter()
            .map(|number| &self.profiles[number])
            .filter(|other| other.household != profile.household)
            .map(|other| likeness(profile, other))
            .filter(|likeness| likeness.score >= least)
            .collect();
        likely.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.household.cmp(&b.household)));
        likely
    }
}

/// What a profile is looked up by.
fn keys(profile: &Profile) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = profile.tags.iter().map(|tag| format!("t {tag}")).collect();
    for person in &profile.people {
        keys.extend(person.id.map(|id| format!("m {id}")));
        for name in &person.names {
            keys.insert(format!("n {}", name.words));
            keys.insert(format!("j {}", name.joined));
            for form in [&name.words, &name.joined] {
                let start: String = form.chars().take(3).collect();
                keys.extend(profile.place.as_ref().map(|place| format!("p {start} {place}")));
                for year in person
                    .birth_year
                    .iter()
                    .flat_map(|year| [*year, year.saturating_add(1)])
                {
                    keys.insert(format!("y {start} {year}"));
                }
            }
        }
    }
    keys
}
