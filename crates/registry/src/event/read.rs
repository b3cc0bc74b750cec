//! Reads events from JSON, and writes their canonical form.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::path::is_name;
use super::value::{self, Fields, NoValue, write_text};
use super::{
    Event, EventId, FactPath, Form, HouseholdId, Kind, Location, MAX_AFTER, MAX_BYTES, MAX_DEPTH, MAX_FACTS,
    MAX_FILES, MAX_PATH, MemberId, Moment, Number, Object, Unreadable, Value,
};
use crate::check::{Code, Fault};

/// Longest name of a kind, a form or a version, in bytes.
const MAX_NAME: usize = 100;

pub(super) fn event(json: &[u8]) -> Result<Event, Unreadable> {
    let unreadable = |fault: Fault| Unreadable {
        id: None,
        household: None,
        faults: vec![fault],
    };
    if json.len() > MAX_BYTES {
        return Err(unreadable(Fault::new(
            Code::EventTooLarge,
            "",
            format!(
                "An event may have at most {MAX_BYTES} bytes; this one has {}. Send photos and sound as files, and shorten long texts.",
                json.len()
            ),
        )));
    }
    let text = std::str::from_utf8(json).map_err(|_| {
        unreadable(Fault::new(
            Code::JsonInvalid,
            "",
            "The event is not written in UTF-8. Send it as it was made on the phone.",
        ))
    })?;
    let fields = match value::read(text) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => {
            return Err(unreadable(Fault::new(
                Code::JsonInvalid,
                "",
                "An event is a JSON object: fields with names, between { and }.",
            )));
        }
        Err(no) => return Err(unreadable(no_json(&no))),
    };
    Reader {
        fields,
        faults: Vec::new(),
    }
    .event()
}

fn no_json(no: &NoValue) -> Fault {
    match no {
        NoValue::Syntax { line, column } => Fault::new(
            Code::JsonInvalid,
            "",
            format!(
                "The event is no valid JSON: it breaks off or goes wrong at line {line}, column {column}."
            ),
        ),
        NoValue::RepeatedName => Fault::new(
            Code::FieldRepeated,
            "",
            "A field, a fact or a member's fact stands twice in the event. Each may stand once.",
        ),
        NoValue::TooDeep => Fault::new(
            Code::JsonTooDeep,
            "",
            format!("Lists and objects stand more than {MAX_DEPTH} deep in one another."),
        ),
    }
}

/// A day, written as `2026-11-20` and in no other way.
pub(crate) fn day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    if bytes.len() != 10
        || bytes[4] != b'-'
        || bytes[7] != b'-'
        || !digits(0..4)
        || !digits(5..7)
        || !digits(8..10)
    {
        return None;
    }
    Date::new(
        text[..4].parse().ok()?,
        text[5..7].parse().ok()?,
        text[8..].parse().ok()?,
    )
    .ok()
}

/// A time of RFC 3339 with its offset.
fn moment(text: &str) -> Option<Moment> {
    let is_plain = text
        .bytes()
        .all(|c| c.is_ascii_digit() || matches!(c, b'-' | b':' | b'.' | b'+' | b'T' | b'Z' | b't' | b'z'));
    if text.len() > 40 || !is_plain || day(text.get(..10)?).is_none() {
        return None;
    }
    let at: Timestamp = text.parse().ok()?;
    Some(Moment {
        text: text.into(),
        at,
    })
}

struct Reader {
    fields: Object,
    faults: Vec<Fault>,
}

impl Reader {
    fn event(mut self) -> Result<Event, Unreadable> {
        let seen_id = self
            .fields
            .get("id")
            .and_then(Value::as_text)
            .filter(|id| id.len() <= MAX_PATH)
            .map(String::from);
        let id = self.id();
        let household = self.household();
        let kind = self.kind();
        let after = self.after();
        let happened_on = self.required("happened_on", Code::DateInvalid, "a day such as 2026-11-20", day);
        let recorded_at = self.required(
            "recorded_at",
            Code::DateInvalid,
            "a time with its offset such as 2026-11-20T03:10:00Z",
            moment,
        );
        let form = self.form();
        let facts = self.facts();
        let location = self.location();
        let files = self.files();
        self.long_texts();
        match (id, household, kind, happened_on, recorded_at) {
            (Some(id), Some(household), Some(kind), Some(happened_on), Some(recorded_at))
                if self.faults.is_empty() =>
            {
                Ok(Event {
                    id,
                    household,
                    kind,
                    after,
                    happened_on,
                    recorded_at,
                    form,
                    facts,
                    location,
                    files,
                    more: self.fields,
                })
            }
            (_, household, ..) => Err(Unreadable {
                id: seen_id,
                household,
                faults: self.faults,
            }),
        }
    }

    fn fault(&mut self, code: Code, field: &str, message: impl Into<String>) {
        self.faults.push(Fault::new(code, field, message));
    }

    /// Takes a field out; null is the same as none.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| *value != Value::Null)
    }

    /// A text that must be there and mean something.
    fn required<T>(
        &mut self,
        name: &'static str,
        code: Code,
        shape: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let Some(value) = self.take(name) else {
            self.fault(
                Code::FieldMissing,
                name,
                format!("The field {name} is missing. It must be {shape}."),
            );
            return None;
        };
        let read = value.as_text().and_then(read);
        if read.is_none() {
            self.fault(code, name, format!("The field {name} must be {shape}."));
        }
        read
    }

    fn id(&mut self) -> Option<EventId> {
        self.required(
            "id",
            Code::IdInvalid,
            "a UUID of version 7, made on the device",
            |text| text.parse().ok(),
        )
    }

    fn household(&mut self) -> Option<HouseholdId> {
        self.required(
            "household",
            Code::HouseholdInvalid,
            "a UUID of version 4",
            |text| text.parse().ok(),
        )
    }

    fn kind(&mut self) -> Option<Kind> {
        let shape = "the name of a kind in small Latin letters, such as surveyed";
        self.required("kind", Code::KindInvalid, shape, |text| {
            (text.len() <= MAX_NAME && is_name(text)).then(|| Kind::named(text))
        })
    }

    /// A list, empty where the field is missing.
    fn list(&mut self, name: &'static str, code: Code, most: usize) -> Vec<Value> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::List(list)) if list.len() <= most => list,
            Some(Value::List(list)) => {
                self.fault(
                    Code::TooMany,
                    name,
                    format!(
                        "The field {name} may list at most {most}; it lists {}.",
                        list.len()
                    ),
                );
                Vec::new()
            }
            Some(_) => {
                self.fault(code, name, format!("The field {name} must be a list."));
                Vec::new()
            }
        }
    }

    fn after(&mut self) -> Vec<EventId> {
        let list = self.list("after", Code::AfterInvalid, MAX_AFTER);
        let ids: Option<Vec<EventId>> = list.iter().map(|id| id.as_text()?.parse().ok()).collect();
        let Some(mut ids) = ids else {
            self.fault(
                Code::AfterInvalid,
                "after",
                "The field after must list ids of events: UUIDs of version 7.",
            );
            return Vec::new();
        };
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn object(&mut self, name: &'static str, code: Code) -> Option<Object> {
        let value = self.take(name)?;
        let Value::Object(object) = value else {
            self.fault(
                code,
                name,
                format!("The field {name} must be an object: fields with names, between {{ and }}."),
            );
            return None;
        };
        Some(object)
    }

    fn form(&mut self) -> Option<Form> {
        let mut more = self.object("form", Code::FormInvalid)?;
        let mut name = |field| match more.remove(field) {
            Some(Value::Text(text)) if !text.is_empty() && text.len() <= MAX_NAME => Some(text),
            _ => None,
        };
        let (id, version) = (name("id"), name("version"));
        let (Some(id), Some(version)) = (id, version) else {
            self.fault(
                Code::FormInvalid,
                "form",
                format!("The field form must name the form's id and its version, each a text of at most {MAX_NAME} bytes."),
            );
            return None;
        };
        Some(Form { id, version, more })
    }

    fn facts(&mut self) -> BTreeMap<FactPath, Value> {
        let Some(object) = self.object("facts", Code::FactsInvalid) else {
            return BTreeMap::new();
        };
        if object.len() > MAX_FACTS {
            self.fault(
                Code::TooMany,
                "facts",
                format!(
                    "An event may hold at most {MAX_FACTS} facts; this one holds {}.",
                    object.len()
                ),
            );
            return BTreeMap::new();
        }
        self.repeated_members(&object);
        let mut facts = BTreeMap::new();
        for (i, (path, value)) in object.into_iter().enumerate() {
            match path.parse::<FactPath>() {
                Ok(path) => {
                    facts.insert(path, value);
                }
                Err(no_path) => self.fault(
                    Code::FactPathInvalid,
                    "facts",
                    format!(
                        "Fact {} by name has a path that cannot be read: {no_path}.",
                        i + 1
                    ),
                ),
            }
        }
        facts
    }

    /// One member's id in two spellings is that id used twice.
    fn repeated_members(&mut self, facts: &Object) {
        let mut spellings: BTreeMap<MemberId, &str> = BTreeMap::new();
        let mut repeated = Vec::new();
        for path in facts.keys() {
            let Some((spelling, _)) = path
                .strip_prefix("members/")
                .and_then(|rest| rest.split_once('/'))
            else {
                continue;
            };
            let Ok(id) = spelling.parse::<MemberId>() else {
                continue;
            };
            if *spellings.entry(id).or_insert(spelling) != spelling && !repeated.contains(&id) {
                repeated.push(id);
            }
        }
        for id in repeated {
            self.fault(
                Code::MemberRepeated,
                &format!("members/{id}"),
                format!("The member's id {id} is used twice. Each member has an id of their own."),
            );
        }
    }

    fn location(&mut self) -> Option<Location> {
        let mut more = self.object("location", Code::LocationInvalid)?;
        let mut number = |name: &str, least: f64, most: f64| match more.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => match number.as_f64() {
                Some(size) if (least..=most).contains(&size) => Ok(Some(number)),
                _ => Err(()),
            },
            Some(_) => Err(()),
        };
        let lon = number("lon", -180.0, 180.0);
        let lat = number("lat", -90.0, 90.0);
        let accuracy = number("accuracy_m", 0.0, 1e8);
        let method: Result<Option<Box<str>>, ()> = match more.remove("method") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Text(text)) if text.len() <= MAX_NAME => Ok(Some(text)),
            Some(_) => Err(()),
        };
        let (Ok(Some(lon)), Ok(Some(lat)), Ok(accuracy_m), Ok(method)) = (lon, lat, accuracy, method) else {
            self.fault(
                Code::LocationInvalid,
                "location",
                "The field location must hold lon from -180 to 180 and lat from -90 to 90 in degrees; accuracy_m, if it is known, in metres from 0; method, if it is known, a short text.",
            );
            return None;
        };
        Some(Location {
            lon,
            lat,
            accuracy_m,
            method,
            more,
        })
    }

    fn files(&mut self) -> Vec<Box<str>> {
        let list = self.list("files", Code::FileHashInvalid, MAX_FILES);
        let hash = |value: Value| match value {
            Value::Text(text) if text.len() == 64 && text.bytes().all(|c| c.is_ascii_hexdigit()) => {
                Some(text.to_ascii_lowercase().into_boxed_str())
            }
            _ => None,
        };
        let files: Option<Vec<Box<str>>> = list.into_iter().map(hash).collect();
        files.unwrap_or_else(|| {
            self.fault(
                Code::FileHashInvalid,
                "files",
                "The field files must list SHA-256 hashes: 64 hexadecimal digits each.",
            );
            Vec::new()
        })
    }

    /// Fields of kinds and of later versions; facts are measured in [`check`](crate::check), with what they mean.
    fn long_texts(&mut self) {
        let fields = std::mem::take(&mut self.fields);
        for (name, value) in &fields {
            let place = if is_name(name) { name.as_str() } else { "" };
            self.faults.extend(crate::check::too_long(value, place));
            if name.len() > MAX_PATH {
                self.faults.push(Fault::new(
                    Code::TextTooLong,
                    "",
                    format!("A field's name may have at most {MAX_PATH} bytes."),
                ));
            }
        }
        self.fields = fields;
    }
}

impl Event {
    pub(super) fn write(&self, out: &mut String) {
        // The event's own names and those in `more`, in one order.
        let own: [(&str, Option<Write<'_>>); 10] = [
            ("after", Some(Write::Ids(&self.after))),
            (
                "facts",
                (!self.facts.is_empty()).then_some(Write::Facts(&self.facts)),
            ),
            (
                "files",
                (!self.files.is_empty()).then_some(Write::Texts(&self.files)),
            ),
            ("form", self.form.as_ref().map(Write::Form)),
            ("happened_on", Some(Write::Owned(self.happened_on.to_string()))),
            ("household", Some(Write::Owned(self.household.to_string()))),
            ("id", Some(Write::Owned(self.id.to_string()))),
            ("kind", Some(Write::Text(self.kind.as_str()))),
            ("location", self.location.as_ref().map(Write::Location)),
            ("recorded_at", Some(Write::Text(&self.recorded_at.text))),
        ];
        let mut more = self.more.iter().peekable();
        let mut fields = Fields::begin(out);
        for (name, write) in own {
            while let Some((other, value)) = more.next_if(|(other, _)| other.as_str() < name) {
                value.write(fields.name(other));
            }
            if let Some(write) = write {
                write.write(fields.name(name));
            }
        }
        for (name, value) in more {
            value.write(fields.name(name));
        }
        fields.end();
    }
}

enum Write<'a> {
    Ids(&'a [EventId]),
    Facts(&'a BTreeMap<FactPath, Value>),
    Texts(&'a [Box<str>]),
    Text(&'a str),
    Owned(String),
    Form(&'a Form),
    Location(&'a Location),
}

impl Write<'_> {
    fn write(self, out: &mut String) {
        match self {
            Self::Text(text) => write_text(text, out),
            Self::Owned(text) => write_text(&text, out),
            Self::Ids(ids) => {
                texts(ids.iter().map(ToString::to_string), out);
            }
            Self::Texts(list) => texts(list.iter(), out),
            Self::Facts(facts) => {
                let mut fields = Fields::begin(out);
                for (path, value) in facts {
                    value.write(fields.name(path.as_str()));
                }
                fields.end();
            }
            Self::Form(form) => merged(
                &form.more,
                [
                    ("id", Value::Text(form.id.clone())),
                    ("version", Value::Text(form.version.clone())),
                ],
                out,
            ),
            Self::Location(location) => {
                let number = |number: &Number| Value::Number(number.clone());
                let mut own = vec![("lat", number(&location.lat)), ("lon", number(&location.lon))];
                own.extend(
                    location
                        .accuracy_m
                        .as_ref()
                        .map(|metres| ("accuracy_m", number(metres))),
                );
                own.extend(
                    location
                        .method
                        .clone()
                        .map(|method| ("method", Value::Text(method))),
                );
                merged(&location.more, own, out);
            }
        }
    }
}

/// Writes a list of texts.
fn texts(list: impl Iterator<Item = impl AsRef<str>>, out: &mut String) {
    out.push('[');
    for (i, text) in list.enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_text(text.as_ref(), out);
    }
    out.push(']');
}

/// Writes an object's known fields and the others in one order.
fn merged<'a>(more: &Object, own: impl IntoIterator<Item = (&'a str, Value)>, out: &mut String) {
    let own: Vec<(&str, Value)> = own.into_iter().collect();
    let mut all: Vec<(&str, &Value)> = more.iter().map(|(name, value)| (name.as_str(), value)).collect();
    all.extend(own.iter().map(|(name, value)| (*name, value)));
    all.sort_unstable_by_key(|(name, _)| *name);
    let mut fields = Fields::begin(out);
    for (name, value) in all {
        value.write(fields.name(name));
    }
    fields.end();
}
