//! Who is who, where a survey does not name the members of a household: they are told apart by their place in it. When a changed file leaves one
//! out, every one behind it has another place, and must not become somebody else for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::Derive;
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
        let answers = |id: &MemberId| now.get(&id.to_string()).unwrap_or(&nothing);
        let mut left: Vec<(&String, &Answers<'_>)> = known.iter().collect();
        let mut found = BTreeMap::new();
        for id in &self.ids {
            // The one of the same place first, so that twins with the same answers stay in their order.
            let own_name = id.to_string();
            left.sort_by_key(|(name, _)| **name != own_name);
            if let Some(at) = left.iter().position(|(_, said)| *said == answers(id)) {
                found.insert(*id, left.remove(at).0.clone());
            }
        }
        let rest: Vec<&MemberId> = self.ids.iter().filter(|id| !found.contains_key(id)).collect();
        if !rest.is_empty() && !left.is_empty() {
            // Those before in the order of their places: that of the ids by place, then whoever came later.
            let place = |name: &String| self.ids.iter().position(|id| id.to_string() == *name);
            left.sort_by_key(|(name, _)| (place(name).unwrap_or(usize::MAX), (*name).clone()));
            let alike =
                |(id, (_, said)): (&&MemberId, &(&String, &Answers<'_>))| mostly_same(answers(id), said);
            if rest.len() != left.len() || !rest.iter().zip(&left).all(alike) {
                return Err(format!(
                    "since this record was taken in, some {} have come or gone and others have other answers, and no column names them: nobody can tell who is who. Name such a column in the mapping, [repeats.{}] id = …, or change the household by hand.",
                    self.list, self.list
                ));
            }
            found.extend(rest.iter().zip(left).map(|(id, (name, _))| (**id, name.clone())));
        }
        let mut taken: BTreeSet<String> = known.into_keys().collect();
        let mut ids = BTreeMap::new();
        for id in &self.ids {
            let name = match found.remove(id) {
                Some(name) => name,
                None => fresh(id, &taken, before, derive),
            };
            taken.insert(name.clone());
            ids.insert(*id, name.parse().map_err(|_| format!("{name} names no one."))?);
        }
        Ok(ids)
    }
}

/// The id of somebody new: it follows from what came before, since somebody who is gone may have had that of the place.
fn fresh(id: &MemberId, taken: &BTreeSet<String>, before: &[Event], derive: Derive<'_>) -> String {
    let after: Vec<String> = before.iter().map(|event| event.id.to_string()).collect();
    let (place, after) = (id.to_string(), after.join(" "));
    let mut again = 0_u32;
    loop {
        let hash = derive(&[
            b"new member",
            place.as_bytes(),
            after.as_bytes(),
            &again.to_be_bytes(),
        ]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        let made = MemberId::new(bytes).to_string();
        if !taken.contains(&made) {
            return made;
        }
        again += 1;
    }
}

/// What events say of each of a list.
fn by_id<'a>(list: &str, events: impl IntoIterator<Item = &'a Event>) -> BTreeMap<String, Answers<'a>> {
    let mut found: BTreeMap<String, Answers<'a>> = BTreeMap::new();
    for event in events {
        for (path, value) in &event.facts {
            let mut parts = path.as_str().splitn(3, '/');
            if parts.next() != Some(list) {
                continue;
            }
            if let (Some(id), Some(question)) = (parts.next(), parts.next()) {
                found.entry(id.to_owned()).or_default().insert(question, value);
            }
        }
    }
    found
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
        let (of, rest) = path.split_once('/')?;
        let (id, question) = rest.split_once('/')?;
        let id = ids.get(&id.parse().ok()?)?;
        (of == list).then(|| format!("{list}/{id}/{question}"))
    };
    let facts = facts.iter();
    facts
        .map(|(path, value)| (renamed(path).unwrap_or_else(|| path.clone()), value.clone()))
        .collect()
}
