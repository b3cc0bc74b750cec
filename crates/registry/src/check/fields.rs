//! What each kind of event asks for, and what facts can be meant.

use jiff::civil::Date;

use super::{Code, FIRST_YEAR, Fault, too_long};
use crate::event::{Event, EventId, FactPath, HouseholdId, Kind, MAX_TEXT, MemberId, Value, is_name};
use crate::status::Status;

/// Most characters of a short text: the name of a site, a plot, a service.
const MAX_SHORT: usize = 200;
/// Most members that a split gives away, most purposes of a consent, and most facts that a referral tells.
const MAX_LISTED: usize = 100;

/// What a field holds.
#[derive(Clone, Copy)]
enum Shape {
    /// A text of at most [`MAX_SHORT`] characters.
    Short,
    /// A text of at most [`MAX_TEXT`] characters.
    Long,
    /// One of a set of choices, which a later version may have more of.
    Choice,
    /// A list of choices.
    Choices,
    /// A day.
    Day,
    /// A household's id.
    Household,
    /// An event's id.
    Event,
    /// A list of members' ids, each once.
    Members,
    /// A list of paths of facts.
    Paths,
}

use Shape::{Choice, Choices, Day, Household, Long, Members, Paths, Short};

/// The fields of each kind: name, shape, and whether it must be there.
fn fields_of(kind: &Kind) -> &'static [(&'static str, Shape, bool)] {
    match kind {
        Kind::Surveyed | Kind::Verified | Kind::Other(_) => &[],
        Kind::Corrected => &[("reason", Long, false)],
        Kind::ConsentGiven | Kind::ConsentWithdrawn => {
            &[("purposes", Choices, false), ("reason", Long, false)]
        }
        Kind::Offered => &[
            ("site", Short, true),
            ("decision", Short, false),
            ("reason", Long, false),
        ],
        Kind::Accepted => &[("site", Short, true)],
        Kind::Declined => &[("reason", Long, true), ("site", Short, false)],
        Kind::Moved => &[("site", Short, true), ("plot", Short, false)],
        Kind::Visited => &[("site", Short, false)],
        Kind::NotFound => &[("reason", Choice, true), ("site", Short, false)],
        Kind::Referred => &[
            ("service", Short, true),
            ("to", Short, false),
            ("reason", Long, false),
            ("told", Paths, false),
        ],
        Kind::ReferralAnswered => &[
            ("referral", Shape::Event, true),
            ("answer", Choice, true),
            ("reason", Long, false),
        ],
        Kind::Left => &[
            ("last_there", Day, false),
            ("first_gone", Day, false),
            ("to", Short, false),
            ("reason", Long, false),
        ],
        Kind::Merged => &[("to", Household, true), ("reason", Long, false)],
        Kind::Split => &[
            ("to", Household, true),
            ("members", Members, true),
            ("reason", Long, false),
        ],
        Kind::Noted => &[("note", Long, true)],
        Kind::TaskAnswered => &[("task", Short, true)],
    }
}

/// Checks the fields that the event's kind asks for.
pub(super) fn check(event: &Event, faults: &mut Vec<Fault>) {
    if !event.kind.is_known() {
        return;
    }
    let fields = fields_of(&event.kind);
    for &(name, shape, is_required) in fields {
        match event.more.get(name).filter(|value| **value != Value::Null) {
            None if is_required => faults.push(Fault::new(
                Code::FieldMissing,
                name,
                format!(
                    "An event of the kind {} must have the field {name}: {}.",
                    event.kind,
                    words(shape)
                ),
            )),
            None => {}
            Some(value) => faults.extend(misfit(shape, name, value)),
        }
    }
    for (name, value) in &event.more {
        let is_own = fields.iter().any(|(own, ..)| own == name);
        if !is_own && *value != Value::Null && belongs_to_a_kind(name) {
            faults.push(Fault::new(
                Code::FieldForeign,
                name,
                format!(
                    "The field {name} does not belong to events of the kind {}.",
                    event.kind
                ),
            ));
        }
    }
    if event.kind == Kind::Corrected && event.facts.is_empty() {
        faults.push(Fault::new(
            Code::FieldMissing,
            "facts",
            "A correction must say in facts what is right.",
        ));
    }
    if event.kind == Kind::Noted && !event.facts.is_empty() {
        faults.push(Fault::new(
            Code::FieldForeign,
            "facts",
            "A note is protected and tells no facts. Write them in an event of another kind.",
        ));
    }
    if event.to_household() == Some(event.household) {
        faults.push(Fault::new(
            Code::HouseholdItself,
            "to",
            "The field to must name another household than the event's own.",
        ));
    }
    let days = (event.day("last_there"), event.day("first_gone"));
    if let (Some(last), Some(first)) = days
        && last > first
    {
        faults.push(Fault::new(
            Code::DateOrder,
            "first_gone",
            "The family was last there after it was first known to be gone. Set both days right.",
        ));
    }
}

/// Whether some kind asks for a field of this name.
fn belongs_to_a_kind(name: &str) -> bool {
    Kind::KNOWN
        .iter()
        .any(|kind| fields_of(kind).iter().any(|(own, ..)| *own == name))
}

fn words(shape: Shape) -> String {
    match shape {
        Short => format!("a text of 1 to {MAX_SHORT} characters"),
        Long => format!("a text of 1 to {MAX_TEXT} characters"),
        Choice => "the name of a choice in small Latin letters".into(),
        Choices => format!("a list of at most {MAX_LISTED} names in small Latin letters"),
        Day => format!("a day such as 2026-11-20, not before {FIRST_YEAR}"),
        Household => "a household's id, a UUID of version 4".into(),
        Shape::Event => "an event's id, a UUID of version 7".into(),
        Members => format!("a list of 1 to {MAX_LISTED} members' ids"),
        Paths => format!("a list of at most {MAX_LISTED} names of facts, such as work.minutes"),
    }
}

fn misfit(shape: Shape, name: &str, value: &Value) -> Option<Fault> {
    let text = value.as_text();
    let up_to =
        |most: usize| text.is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= most);
    let all = |is: fn(&str) -> bool| {
        value.as_list().is_some_and(|list| {
            list.len() <= MAX_LISTED && list.iter().all(|one| one.as_text().is_some_and(is))
        })
    };
    let fits = match shape {
        Short => up_to(MAX_SHORT),
        // Texts that are too long have a fault of their own already.
        Long => text.is_some_and(|text| !text.trim().is_empty()),
        Choice => text.is_some_and(is_choice),
        Choices => all(is_choice),
        Paths => all(|path| path.parse::<FactPath>().is_ok()),
        Day => text
            .and_then(crate::event::read_day)
            .is_some_and(|day| day.year() >= FIRST_YEAR),
        Household => text.is_some_and(|text| text.parse::<HouseholdId>().is_ok()),
        Shape::Event => text.is_some_and(|text| text.parse::<EventId>().is_ok()),
        Members => return members_misfit(name, value),
    };
    let long = matches!(shape, Long).then(|| too_long(value, name)).flatten();
    if long.is_some() {
        return long;
    }
    (!fits).then(|| {
        Fault::new(
            Code::FieldInvalid,
            name,
            format!("The field {name} must be {}.", words(shape)),
        )
    })
}

fn is_choice(text: &str) -> bool {
    text.len() <= MAX_SHORT && is_name(text)
}

fn members_misfit(name: &str, value: &Value) -> Option<Fault> {
    let ids: Option<Vec<MemberId>> = value
        .as_list()
        .filter(|list| (1..=MAX_LISTED).contains(&list.len()))
        .and_then(|list| list.iter().map(|id| id.as_text()?.parse().ok()).collect());
    let Some(mut ids) = ids else {
        return Some(Fault::new(
            Code::FieldInvalid,
            name,
            format!("The field {name} must be {}.", words(Members)),
        ));
    };
    ids.sort_unstable();
    let repeated = ids.windows(2).find(|pair| pair[0] == pair[1])?[0];
    Some(Fault::new(
        Code::MemberRepeated,
        name,
        format!("The member's id {repeated} is listed twice. Each member has an id of their own."),
    ))
}

/// Paths that the fold sets from kinds of events; by hand only a correction may set them.
pub(crate) fn is_reserved(path: &FactPath) -> bool {
    path.as_str() == "status" || path.as_str().starts_with("placement.")
}

/// Checks facts whose meaning is known here.
pub(super) fn check_facts(event: &Event, today: Date, faults: &mut Vec<Fault>) {
    for (path, value) in &event.facts {
        let place = path.as_str();
        faults.extend(too_long(value, place));
        if is_reserved(path) && event.kind.is_known() && event.kind != Kind::Corrected {
            faults.push(Fault::new(
                Code::FactReserved,
                place,
                format!("{place} follows from what happened. Only a correction may set it."),
            ));
        }
        if is_reserved(path) && event.kind == Kind::Corrected {
            faults.extend(reserved_misfit(place, value));
        }
        let last = path.field().rsplit('.').next().unwrap_or_default();
        match last {
            "birth_year" => faults.extend(birth_year(place, value, today)),
            "birth_date" => faults.extend(birth_date(place, value, today)),
            "age" => faults.extend(age(place, value)),
            _ => {}
        }
    }
}

fn reserved_misfit(place: &str, value: &Value) -> Option<Fault> {
    let (fits, shape) = match place {
        "status" => (
            value
                .as_text()
                .and_then(|text| text.parse().ok())
                .is_some_and(|status: Status| status != Status::Merged),
            "the name of a status, such as moved; a record is merged by an event of the kind merged",
        ),
        _ => (
            *value == Value::Null
                || value
                    .as_text()
                    .is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= MAX_SHORT),
            "a text of 1 to 200 characters, or null for none",
        ),
    };
    (!fits).then(|| Fault::new(Code::FactInvalid, place, format!("{place} must be {shape}.")))
}

fn birth_year(place: &str, value: &Value, today: Date) -> Option<Fault> {
    let year = match value {
        Value::Null => return None,
        value => value.as_i64(),
    };
    match year {
        Some(year) if year > i64::from(today.year()) => Some(in_future(place)),
        Some(year) if year >= i64::from(FIRST_YEAR) => None,
        _ => Some(Fault::new(
            Code::FactInvalid,
            place,
            format!("{place} must be a whole number, not before {FIRST_YEAR}; null if it is not known."),
        )),
    }
}

fn birth_date(place: &str, value: &Value, today: Date) -> Option<Fault> {
    if *value == Value::Null {
        return None;
    }
    match value.as_text().and_then(crate::event::read_day) {
        Some(day) if day > today => Some(in_future(place)),
        Some(day) if day.year() >= FIRST_YEAR => None,
        _ => Some(Fault::new(
            Code::FactInvalid,
            place,
            format!(
                "{place} must be a day such as 1990-04-13, not before {FIRST_YEAR}; null if it is not known."
            ),
        )),
    }
}

fn in_future(place: &str) -> Fault {
    Fault::new(
        Code::BirthInFuture,
        place,
        format!("{place} lies in the future. Ask again when this person was born."),
    )
}

fn age(place: &str, value: &Value) -> Option<Fault> {
    let fits = *value == Value::Null || value.as_f64().is_some_and(|years| (0.0..=130.0).contains(&years));
    (!fits).then(|| {
        Fault::new(
            Code::FactInvalid,
            place,
            format!("{place} must be a number of years from 0 to 130; null if it is not known."),
        )
    })
}
