//! Who is who, where a survey does not name the members of a household: they are told apart by their place in it. When a changed file leaves one
//! out, every one behind it has another place, and must not become somebody else for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::{Derive, for_id};
use crate::event::{Event, MemberId, Value};

/// Members (or whatever else there may be several of) of one record that only their place tells apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numbered {
    /// The name of the list, such as `members`.
    pub list: String,
    /// Their ids by their place, in order.
    pub ids: Vec<MemberId>,
}

type Answers<'a> = BTreeMap<&'a str, &'a Value>;

impl Numbered {
    /// The id that each member has to have, given what the same record said before: `own` is what it says now.
    ///
    /// Who gives the same answers is the same. Of the others, as many before as now, each is taken for the one at the same place among them if
    /// at least half of their answers are the same: an answer was put right. Who has nobody to be is new.
    ///
    /// # Errors
    /// A sentence, if some members have come or gone and others gave other answers: then nobody can tell who is who.
    pub fn follow(
        &self,
        own: &Event,
        before: &[Event],
        derive: Derive<'_>,
    ) -> Result<BTreeMap<MemberId, MemberId>, String> {
        let now = by_id(&self.list, std::iter::once(own));
        let known = by_id(&self.list, before);
        let nothing = Answers::new();
        let answers = |id: &MemberId| now.get(id).unwrap_or(&nothing);
        let mut left: Vec<(MemberId, &Answers<'_>)> = known.iter().map(|(id, said)| (*id, said)).collect();
        let mut found = BTreeMap::new();
        for id in &self.ids {
            // The one of the same place first, so that twins with the same answers stay in their order.
            left.sort_by_key(|(other, _)| other != id);
            if let Some(at) = left.iter().position(|(_, said)| *said == answers(id)) {
                found.insert(*id, left.remove(at).0);
            }
        }
        let rest: Vec<MemberId> = self
            .ids
            .iter()
            .copied()
            .filter(|id| !found.contains_key(id))
            .collect();
        if rest.is_empty() || left.is_empty() {
            found.extend(rest.into_iter().map(|id| (id, fresh(id, before, derive))));
            return Ok(found);
        }
        // Those before in the order of their places: that of the ids by place, then whoever came later.
        let place = |id: &MemberId| self.ids.iter().position(|other| other == id);
        left.sort_by_key(|(id, _)| (place(id).unwrap_or(usize::MAX), *id));
        let mut pairs = rest.iter().zip(&left);
        if rest.len() != left.len() || !pairs.all(|(id, (_, said))| mostly_same(answers(id), said)) {
            return Err(format!(
                "since this record was taken in, some {} have come or gone and others have other answers, and no column names them: nobody can tell who is who. Name such a column in the mapping, [repeats.{}] id = …, or change the household by hand.",
                self.list, self.list
            ));
        }
        found.extend(rest.into_iter().zip(left.into_iter().map(|(id, _)| id)));
        Ok(found)
    }
}

/// The id of somebody new: it follows from what came before, since somebody who is gone may have had that of the place.
fn fresh(place: MemberId, before: &[Event], derive: Derive<'_>) -> MemberId {
    let after: Vec<String> = before.iter().map(|event| event.id.to_string()).collect();
    let (place, after) = (place.to_string(), after.join(" "));
    let parts: [&[u8]; 3] = [b"new member", place.as_bytes(), after.as_bytes()];
    MemberId::new(for_id(derive, &parts))
}

/// What events say of each of a list.
fn by_id<'a>(list: &str, events: impl IntoIterator<Item = &'a Event>) -> BTreeMap<MemberId, Answers<'a>> {
    let mut found: BTreeMap<MemberId, Answers<'a>> = BTreeMap::new();
    for event in events {
        for (path, value) in &event.facts {
            if let Some((id, question)) = of_list(path.as_str(), list) {
                found.entry(id).or_default().insert(question, value);
            }
        }
    }
    found
}

/// Of whom of a list a fact is, and the question.
fn of_list<'a>(path: &'a str, list: &str) -> Option<(MemberId, &'a str)> {
    let (of, rest) = path.split_once('/')?;
    let (id, question) = rest.split_once('/')?;
    (of == list).then_some((id.parse().ok()?, question))
}

/// Whether at least half of all answers are the same.
fn mostly_same(one: &Answers<'_>, other: &Answers<'_>) -> bool {
    let questions: BTreeSet<&&str> = one.keys().chain(other.keys()).collect();
    let same = questions
        .iter()
        .filter(|question| one.get(**question) == other.get(**question));
    2 * same.count() >= questions.len()
}

/// Facts with these ids in place of those.
pub(super) fn renamed(
    facts: &Map<String, Json>,
    list: &str,
    ids: &BTreeMap<MemberId, MemberId>,
) -> Map<String, Json> {
    let renamed = |path: &str| -> Option<String> {
        let (id, question) = of_list(path, list)?;
        Some(format!("{list}/{}/{question}", ids.get(&id)?))
    };
    let facts = facts.iter();
    facts
        .map(|(path, value)| (renamed(path).unwrap_or_else(|| path.clone()), value.clone()))
        .collect()
}
