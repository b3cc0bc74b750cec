//! Records that may be of one family. One rule for the day's list and for a family's page: what is worth a person's judgement, and nothing that
//! common names alone make alike.
//!
//! Two records are worth judging if
//!
//! * they share a telephone number or a card that few records have,
//! * their heads have one name, they are of one size, and they were surveyed within [`NEAR_M`] of each other, or
//! * everybody who is named in one is named in the other, at least [`MANY_WORDS`] words of names in all.

use std::collections::{BTreeMap, HashMap};

use phteah_planning::text::search_form;
use phteah_registry::event::HouseholdId;

use super::super::directory::Entry;
use super::row::Row;
use super::today::{is_open, names};

/// Metres within which two surveys may have been of one home.
const NEAR_M: f64 = 200.0;
/// Words of names that two families hardly share by chance: two people, each in both scripts.
const MANY_WORDS: usize = 6;
/// Metres along a meridian.
const METRES_A_DEGREE: f64 = 111_195.0;
/// The most records whose shared number is a sign. One that more have is an office's or a shop's.
const FEW: usize = 6;

/// Records that may be of one family.
#[derive(Clone, Debug)]
pub struct Twins {
    /// The records: two or more.
    pub households: Vec<HouseholdId>,
    /// The name of the first, in Khmer and in Latin letters.
    pub names: [String; 2],
}

/// A household that its reader may know of, and its row.
pub(super) type Seen<'a> = (&'a Entry, &'a Row);

/// Groups of records that are worth judging, each tied to at least one other of its group.
pub(super) fn groups(seen: &[Seen<'_>]) -> Vec<Twins> {
    let mut by_tag: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut by_people: HashMap<&[u32], Vec<usize>> = HashMap::new();
    let mut by_name: HashMap<(String, u16), Vec<(usize, [f64; 2])>> = HashMap::new();
    for (at, (entry, row)) in seen.iter().enumerate() {
        if !is_open(row) {
            continue;
        }
        for tag in &entry.summary.blind {
            by_tag.entry(*tag).or_default().push(at);
        }
        by_people
            .entry(people(row).unwrap_or_default())
            .or_default()
            .push(at);
        if let Some((place, size)) = home(row) {
            for form in name_forms(row) {
                by_name.entry((form, size)).or_default().push((at, place));
            }
        }
    }
    by_people.remove(&[][..]);
    let mut groups = Groups::of(seen.len());
    for records in by_tag.values().filter(|records| records.len() <= FEW) {
        groups.tie_all(records);
    }
    for records in by_people.values() {
        groups.tie_all(records);
    }
    for records in by_name.values_mut() {
        records.sort_by(|a, b| a.1[1].total_cmp(&b.1[1]));
        for (i, (a, from)) in records.iter().enumerate() {
            let north = records[i + 1..]
                .iter()
                .take_while(|(_, to)| metres_north(*from, *to) <= NEAR_M);
            for (b, to) in north {
                if is_near(*from, *to) {
                    groups.tie(*a, *b);
                }
            }
        }
    }
    let told = groups.members().into_iter().map(|members| Twins {
        names: names(seen[members[0]].1),
        households: members.into_iter().map(|at| seen[at].0.id).collect(),
    });
    told.collect()
}

/// The records that are worth judging beside one of them: by the same rule.
pub(super) fn of_one<'a>(seen: &[Seen<'a>], household: HouseholdId) -> Vec<Seen<'a>> {
    let Some(&(own_entry, own)) = seen
        .iter()
        .find(|one| one.0.id == household)
        .filter(|one| is_open(one.1))
    else {
        return Vec::new();
    };
    let mut shared: Vec<u64> = own_entry.summary.blind.clone();
    shared.retain(|tag| {
        let has = |one: &&Seen<'_>| is_open(one.1) && one.0.summary.blind.contains(tag);
        seen.iter().filter(has).count() <= FEW
    });
    let forms = name_forms(own);
    let (own_people, own_home) = (people(own), home(own));
    let is_alike = |entry: &Entry, row: &Row| {
        let same_home = || match (own_home, home(row)) {
            (Some((from, size)), Some((to, other))) => {
                size == other && is_near(from, to) && name_forms(row).iter().any(|form| forms.contains(form))
            }
            _ => false,
        };
        entry.summary.blind.iter().any(|tag| shared.contains(tag))
            || (own_people.is_some() && own_people == people(row))
            || same_home()
    };
    seen.iter()
        .filter(|one| one.0.id != household && is_open(one.1) && is_alike(one.0, one.1))
        .copied()
        .collect()
}

/// All words of the names in a record, where they are so many that chance hardly makes them those of another family.
fn people(row: &Row) -> Option<&[u32]> {
    (row.words.len() >= MANY_WORDS).then_some(&*row.words)
}

/// Where it was surveyed, and how many people were there.
fn home(row: &Row) -> Option<([f64; 2], u16)> {
    Some((row.survey.as_ref()?.at?, row.size?))
}

/// The head's name as it is compared, in each script in which it is known. The family's name may stand first or last.
fn name_forms(row: &Row) -> Vec<String> {
    let form = |name: &str| {
        let mut words: Vec<String> = name.split_whitespace().map(search_form).collect();
        words.sort_unstable();
        words.join(" ")
    };
    let forms = [form(&row.name), form(&row.name_latin)];
    forms.into_iter().filter(|form| !form.is_empty()).collect()
}

fn metres_north(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[1] - b[1]).abs() * METRES_A_DEGREE
}

fn is_near(a: [f64; 2], b: [f64; 2]) -> bool {
    let middle = f64::midpoint(a[1], b[1]).to_radians();
    let east = (a[0] - b[0]) * middle.cos() * METRES_A_DEGREE;
    east.hypot(metres_north(a, b)) <= NEAR_M
}

/// Numbers that are tied together, one way or another.
struct Groups {
    first: Vec<usize>,
}

impl Groups {
    fn of(count: usize) -> Self {
        Self {
            first: (0..count).collect(),
        }
    }

    /// The first of a number's group; what was looked at on the way is brought nearer to it.
    fn first_of(&mut self, mut at: usize) -> usize {
        while self.first[at] != at {
            self.first[at] = self.first[self.first[at]];
            at = self.first[at];
        }
        at
    }

    fn tie(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first_of(a), self.first_of(b));
        self.first[a.max(b)] = a.min(b);
    }

    fn tie_all(&mut self, members: &[usize]) {
        for pair in members.windows(2) {
            self.tie(pair[0], pair[1]);
        }
    }

    /// The groups of two or more.
    fn members(mut self) -> Vec<Vec<usize>> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.first.len() {
            let first = self.first_of(at);
            members.entry(first).or_default().push(at);
        }
        members.into_values().filter(|group| group.len() > 1).collect()
    }
}
