//! Who lives in a household, as far as anybody has told: its head (facts `head.…`) and its members (`members/<id>/…`).

use jiff::civil::Date;

use crate::event::{MemberId, Value};
use crate::state::State;
use crate::vocabulary::path;

/// Years of age at which children go to primary and lower secondary school.
pub const SCHOOL_AGE: std::ops::RangeInclusive<i16> = 6..=14;
/// Years of age at which a visit asks whether a child goes to school: upper secondary school as well.
pub const ASKED_AGE: std::ops::RangeInclusive<i16> = 6..=17;

/// Somebody who lives in a household.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    state: &'a State,
    is_head: bool,
    member: Option<MemberId>,
}

/// The people of a household, the head first. A head who is told of as a member as well (by an import, or as somebody who moved out of another
/// household) is one person. Members who went to another household are left out.
pub fn people(state: &State) -> Vec<Person<'_>> {
    let has_head = state.facts.keys().any(|path| path.as_str().starts_with("head."));
    let mut members: Vec<MemberId> = state
        .members()
        .into_iter()
        .filter(|member| !state.given_away.contains_key(member))
        .collect();
    let says = |path: &str, other: &Value| {
        let fact = state.facts.get(path);
        fact.is_some_and(|fact| fact.values.iter().any(|held| held.value == *other))
    };
    let names = state.facts.get(path::HEAD_NAME);
    let names = || names.iter().flat_map(|fact| &fact.values).map(|held| &held.value);
    let is_head = |member: &MemberId| {
        let head = Value::Text("head".into());
        says(&format!("members/{member}/{}", path::RELATION), &head)
            || names().any(|name| says(&format!("members/{member}/{}", path::NAME), name))
    };
    let at = members.iter().position(is_head);
    let head = at.map(|at| members.remove(at));
    let person = |is_head, member| Person {
        state,
        is_head,
        member,
    };
    (has_head || head.is_some())
        .then(|| person(true, head))
        .into_iter()
        .chain(members.iter().map(|member| person(false, Some(*member))))
        .collect()
}

/// How many people, as far as anybody said; else as many as are told of.
pub fn size(state: &State) -> Option<i64> {
    let said = state.value(path::SIZE).and_then(Value::as_i64);
    said.or_else(|| i64::try_from(people(state).len()).ok().filter(|count| *count > 0))
}

/// Whether everybody is told of: as many people as the family says that it has.
pub fn is_everybody_known(state: &State, people: &[Person<'_>]) -> bool {
    let said = state.value(path::SIZE).and_then(Value::as_i64);
    !people.is_empty() && said.is_none_or(|size| i64::try_from(people.len()).is_ok_and(|known| known >= size))
}

impl<'a> Person<'a> {
    /// Whether this is the head.
    pub fn is_head(&self) -> bool {
        self.is_head
    }

    /// The member that this is; a head who is told of as head alone is none.
    pub fn member(&self) -> Option<MemberId> {
        self.member
    }

    /// All values of something told of this person; several are in conflict.
    pub fn values(&self, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        let of_head = self.is_head.then(|| format!("head.{field}"));
        let of_member = self.member.map(|member| format!("members/{member}/{field}"));
        let state = self.state;
        let fact = [of_head, of_member]
            .into_iter()
            .flatten()
            .find_map(|path| state.facts.get(path.as_str()));
        fact.into_iter()
            .flat_map(|fact| &fact.values)
            .map(|held| &held.value)
    }

    /// The value of something told of this person; `None` where nobody said or it is in conflict.
    pub fn value(&self, field: &str) -> Option<&'a Value> {
        let mut values = self.values(field);
        values.next().filter(|_| values.next().is_none())
    }

    /// The age in the year of a day, by the year of birth.
    pub fn age(&self, day: Date) -> Option<i16> {
        age(self.value(path::BIRTH_YEAR)?, day)
    }

    /// All ages that somebody has told.
    pub fn ages(&self, day: Date) -> impl Iterator<Item = i16> + use<'a> {
        self.values(path::BIRTH_YEAR)
            .filter_map(move |born| age(born, day))
    }

    /// Whether this person has a lot of difficulty in seeing, hearing, walking, remembering, caring for themselves or being understood, or cannot
    /// do one of these at all (the Washington Group's limit for disability). `None` where nobody asked. Of answers in conflict one is enough.
    pub fn has_great_difficulty(&self) -> Option<bool> {
        let words = path::DIFFICULTIES
            .into_iter()
            .flat_map(|field| self.values(field))
            .filter_map(Value::as_text);
        words
            .filter(|word| ["none", "some", "a_lot", "cannot"].contains(word))
            .map(|word| matches!(word, "a_lot" | "cannot"))
            .reduce(|one, other| one || other)
    }

    /// Whether this person goes to school; `None` where nobody knows.
    pub fn attends_school(&self) -> Option<bool> {
        self.value(path::SCHOOL_ATTENDS)?.as_bool()
    }
}

fn age(born: &Value, day: Date) -> Option<i16> {
    let age = i64::from(day.year()) - born.as_i64()?;
    i16::try_from(age).ok().filter(|age| (0..130).contains(age))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::event::Event;
    use crate::fold::fold;

    const A: &str = "00000000-0000-4000-8000-0000000000aa";
    const B: &str = "00000000-0000-4000-8000-0000000000bb";

    fn state(facts: &serde_json::Value) -> State {
        let event = json!({
            "id": "01900000-0000-7000-8000-000000000001", "household": "00000000-0000-4000-8000-000000000001", "kind": "surveyed",
            "after": [], "happened_on": "2026-01-01", "recorded_at": "2026-01-01T00:00:00Z", "facts": facts,
        });
        let event = Event::read(event.to_string().as_bytes()).unwrap();
        fold(event.household, [&event]).unwrap()
    }

    #[test]
    fn the_head_and_the_members_are_the_people() {
        let state = state(&json!({
            "head.name": "សុខ ដារា", "head.birth_year": 1980, "size": 3,
            format!("members/{A}/name"): "សុខ លីដា", format!("members/{A}/birth_year"): 2018,
        }));
        let people = people(&state);
        let ages: Vec<Option<i16>> = people.iter().map(|one| one.age(date(2026, 5, 1))).collect();
        assert_eq!(ages, [Some(46), Some(8)]);
        assert!(people[0].is_head() && people[0].member().is_none() && !people[1].is_head());
        assert_eq!(size(&state), Some(3));
        assert!(
            !is_everybody_known(&state, &people),
            "one of three is not told of"
        );
    }

    #[test]
    fn a_head_who_is_a_member_as_well_is_one_person() {
        for field in [
            json!({format!("members/{A}/relation"): "head"}),
            json!({format!("members/{A}/name"): "សុខ"}),
        ] {
            let mut facts = json!({"head.name": "សុខ", format!("members/{A}/birth_year"): 1990, format!("members/{B}/birth_year"): 2020});
            facts
                .as_object_mut()
                .unwrap()
                .extend(field.as_object().unwrap().clone());
            let state = state(&facts);
            let people = people(&state);
            assert_eq!(people.len(), 2);
            assert!(people[0].is_head() && people[0].age(date(2026, 1, 1)) == Some(36));
            assert_eq!(size(&state), Some(2));
        }
        let nobody = state(&json!({"dwelling.tenure": "rented"}));
        assert!(people(&nobody).is_empty() && size(&nobody).is_none());
        assert!(!is_everybody_known(&nobody, &[]));
    }

    #[test]
    fn great_difficulty_is_known_where_somebody_asked() {
        let of = |head: serde_json::Value| {
            let state = state(&head);
            people(&state)[0].has_great_difficulty()
        };
        assert_eq!(of(json!({"head.name": "a"})), None);
        assert_eq!(of(json!({"head.wg_seeing": "unknown"})), None);
        assert_eq!(
            of(json!({"head.wg_seeing": "some", "head.wg_walking": "none"})),
            Some(false)
        );
        assert_eq!(
            of(json!({"head.wg_seeing": "some", "head.wg_walking": "cannot"})),
            Some(true)
        );
    }
}
