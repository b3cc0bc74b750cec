//! What somebody has answered, as events: from the XML that ODK Collect sends, or from rows of an export.
//!
//! The same answers always give the same events, with the same ids: a form that comes twice, by two ways, is one.
//!
//! * A question that `facts` names becomes a fact. Every other answer is kept in the event's field `answers` and says nothing of its own.
//! * The family's consent is an event of its own, before the other. Without it nothing is kept but that it was refused.
//! * What the author had seen is told by the entity's versions; who makes the events' `after` of them is the server.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use md5::Digest as _;
use phteah_registry::check::MAX_ID_AHEAD;
use phteah_registry::event::{EventId, HouseholdId, Kind, MemberId};
use serde_json::{Map, Value, json};

use crate::error::Problem;
use crate::library::Version;
use crate::mapping::{ANSWERED, ValueType};
use crate::xform::Question;
use crate::xml::{self, Element};

/// Most bytes of the answers of one filled form. Photos and sound are files.
pub const MAX_SUBMISSION_BYTES: usize = 4 << 20;
/// The list of entities that households are.
pub const HOUSEHOLDS: &str = "households";
/// Most characters of an instance's id.
const MAX_ID: usize = 200;

/// A filled form as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its id, made on the device.
    pub instance_id: String,
    /// The id of the filled form that it replaces.
    pub deprecated_id: Option<String>,
    /// The form.
    pub form: String,
    /// Its version; empty where it says none.
    pub version: String,
    /// The entity that it makes or changes.
    pub entity: Option<EntityChange>,
    root: Element,
}

/// What a filled form does to an entity, and what its author had seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntityChange {
    /// The list.
    pub list: String,
    /// The entity's id.
    pub id: String,
    /// It is made.
    pub creates: bool,
    /// It is changed.
    pub updates: bool,
    /// What its author had seen of it.
    pub seen: SeenVersion,
}

/// The version of an entity that the author of a change had seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SeenVersion {
    /// None is told, or one that cannot be: no whole number, a trunk without a branch, a trunk after the base.
    #[default]
    Unknown,
    /// A version that the server gave out.
    Given(u64),
    /// A version of the device's own: on top of the last one that it had from the server come the changes that it made without contact.
    OnBranch {
        /// Names the branch.
        branch: String,
        /// The last version that the device had from the server; none where the device made the entity itself.
        trunk: Option<u64>,
        /// The version that the device showed.
        base: u64,
    },
}

impl SeenVersion {
    /// From the attributes of an entity, each `None` where it is missing or empty.
    fn read(base: Option<&str>, trunk: Option<&str>, branch: Option<&str>) -> Self {
        let number = |text: &str| text.parse().ok().filter(|number: &u64| *number > 0);
        let Some(base) = base.and_then(number) else {
            return Self::Unknown;
        };
        let trunk_number = trunk.and_then(number);
        match (branch, trunk) {
            (None, None) => Self::Given(base),
            // The trunk alone does not say whose changes came after it.
            (None, Some(_)) => Self::Unknown,
            (Some(branch), _) => {
                let is_uuid = HouseholdId::from_str(branch.trim_start_matches("uuid:")).is_ok();
                let is_trunk = trunk.is_none() || trunk_number.is_some_and(|trunk| trunk <= base);
                if is_uuid && is_trunk {
                    Self::OnBranch {
                        branch: branch.to_owned(),
                        trunk: trunk_number,
                        base,
                    }
                } else {
                    Self::Unknown
                }
            }
        }
    }
}

/// A filled form, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// The household that it is about.
    pub household: Option<HouseholdId>,
    /// The kind of event that it is.
    pub kind: String,
    /// Whether the family agrees; none where nothing is answered.
    pub consent: Option<bool>,
    /// Whether the form asks for it.
    pub asks_consent: bool,
    /// When it was finished, or begun, by the device's clock.
    pub recorded_at: Option<Timestamp>,
    /// When it was begun, by the device's clock.
    pub begun_at: Option<Timestamp>,
    /// The day on which it happened.
    pub happened_on: Option<Date>,
    /// Facts by their paths.
    pub facts: Map<String, Value>,
    /// What the kind of event asks for.
    pub fields: Map<String, Value>,
    /// Answers that are no facts, by their questions.
    pub answers: Map<String, Value>,
    /// Where it was recorded.
    pub location: Option<Value>,
    /// Names of the photos and sounds that it answers with.
    pub attachments: Vec<String>,
    /// Those of them that are here, by their hashes.
    pub files: Vec<String>,
}

impl Submission {
    /// What it does to a household. What it does to an entity of another list is told of by its answers alone.
    pub fn of_household(&self) -> Option<&EntityChange> {
        self.entity.as_ref().filter(|entity| entity.list == HOUSEHOLDS)
    }

    /// The same filled form of this version, for one that says none.
    #[must_use]
    pub fn with_version(&self, version: &str) -> Self {
        let mut with = self.clone();
        version.clone_into(&mut with.version);
        with
    }

    /// Its answers in one form of bytes, for one that came as a row of a table: the same row gives the same.
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        write(&self.root, &mut out);
        out
    }

    /// The same as the filled form that it replaces, for where that one never came. None where it replaces none.
    pub fn in_place_of_the_first(&self) -> Option<Self> {
        let mut first = self.clone();
        first.instance_id = first.deprecated_id.take()?;
        for meta in first.root.nodes.iter_mut().filter_map(xml::Node::element_mut) {
            if meta.name == "meta" {
                meta.nodes.retain(
                    |node| !matches!(node, xml::Node::Element(child) if child.name == "deprecatedID"),
                );
                for id in meta.nodes.iter_mut().filter_map(xml::Node::element_mut) {
                    if id.name == "instanceID" {
                        id.nodes = vec![xml::Node::Text(first.instance_id.clone())];
                    }
                }
            }
        }
        Some(first)
    }

    /// Reads a filled form. Its answers are looked at when it is [understood](understand).
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        Self::of(xml::read(bytes, MAX_SUBMISSION_BYTES)?)
    }

    /// The same of a document that has been read.
    pub(crate) fn of(root: Element) -> Result<Self, Problem> {
        let is_encrypted = root
            .attribute("encrypted")
            .is_some_and(|word| word.trim().eq_ignore_ascii_case("yes"));
        if is_encrypted || root.child("encryptedXmlFile").is_some() {
            return Err(Problem::whole(
                "It is encrypted with a key that this server does not have, and cannot be kept here. It stays on the phone. Fill in a form that has no public key.",
            ));
        }
        let of_meta = |name: &str| {
            let meta = root.child("meta")?;
            let text = meta.child(name)?.text().trim().to_owned();
            (!text.is_empty()).then_some(text)
        };
        let instance_id = of_meta("instanceID")
            .or_else(|| root.attribute("instanceID").map(|id| id.trim().to_owned()))
            .filter(|id| !id.is_empty())
            .ok_or_else(|| {
                Problem::whole("The filled form has no id (meta/instanceID): nobody could tell whether it has come before.")
            })?;
        if instance_id.len() > MAX_ID || instance_id.chars().any(char::is_control) {
            return Err(Problem::whole(format!(
                "The id of a filled form has at most {MAX_ID} characters."
            )));
        }
        let form = root.attribute("id").unwrap_or_default().trim().to_owned();
        if form.is_empty() {
            return Err(Problem::whole(
                "The filled form does not say which form it is (attribute id of its root).",
            ));
        }
        let entity = root
            .child("meta")
            .and_then(|meta| meta.child("entity"))
            .map(entity);
        Ok(Self {
            instance_id,
            deprecated_id: of_meta("deprecatedID"),
            form,
            version: root.attribute("version").unwrap_or_default().trim().to_owned(),
            entity,
            root,
        })
    }
}

fn write(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        out.push_str(&format!(" {name}=\"{}\"", xml::escape(value)));
    }
    out.push('>');
    for node in &element.nodes {
        match node {
            xml::Node::Element(child) => write(child, out),
            xml::Node::Text(text) => out.push_str(&xml::escape(text)),
        }
    }
    out.push_str(&format!("</{}>", element.name));
}

fn entity(element: &Element) -> EntityChange {
    let of = |name: &str| {
        element
            .attribute(name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let is = |name: &str| of(name).is_some_and(|word| word == "1" || word == "true");
    EntityChange {
        list: of("dataset").unwrap_or_default().to_owned(),
        id: of("id").unwrap_or_default().to_owned(),
        creates: is("create"),
        updates: is("update"),
        seen: SeenVersion::read(of("baseVersion"), of("trunkVersion"), of("branchId")),
    }
}

/// Understands a filled form by the version of the form that it belongs to. `files` are the hashes of photos and sounds that are here.
pub fn understand(submission: &Submission, version: &Version, files: &BTreeMap<String, String>) -> Filled {
    let mut answers = Vec::new();
    collect(
        &submission.root,
        version,
        "",
        "",
        &mut Ids::new(),
        &mut answers,
        &submission.instance_id,
    );
    let mapping = &version.mapping;
    let first = |path: &str| {
        answers
            .iter()
            .find(|answer| answer.question.path == path)
            .map(|answer| answer.text.as_str())
    };
    let preloaded = |name: &str| {
        answers
            .iter()
            .find(|answer| answer.question.preload.as_deref() == Some(name))
            .map(|answer| answer.text.as_str())
    };
    let kind = mapping
        .event_by
        .as_ref()
        .and_then(|by| by.kinds.get(first(&by.question)?))
        .unwrap_or(&mapping.event)
        .clone();
    let field_questions = mapping.fields_of(&kind);
    let mut filled = Filled {
        household: None,
        consent: mapping.consent.as_deref().and_then(|path| {
            let text = first(path)?;
            let words = mapping.values.get(path);
            Some(is_yes(
                words
                    .and_then(|words| words.get(text))
                    .map_or(text, String::as_str),
            ))
        }),
        asks_consent: mapping.consent.is_some(),
        recorded_at: preloaded("end")
            .and_then(time)
            .or_else(|| preloaded("start").and_then(time)),
        begun_at: preloaded("start").and_then(time),
        happened_on: mapping
            .happened_on
            .as_deref()
            .and_then(first)
            .and_then(day)
            .or_else(|| preloaded("today").and_then(day))
            .or_else(|| preloaded("start").and_then(day))
            .or_else(|| preloaded("end").and_then(day)),
        location: mapping.location.as_deref().and_then(first).and_then(location),
        facts: Map::new(),
        fields: Map::new(),
        answers: Map::new(),
        attachments: Vec::new(),
        files: Vec::new(),
        kind,
    };
    filled.household = household(
        submission,
        &filled.kind,
        mapping.household.as_deref().and_then(first),
    );
    for answer in &answers {
        take(answer, version, files, &field_questions, &mut filled);
    }
    filled
}

/// Puts an answer where it belongs: a fact, a field of the event, or what is only kept.
fn take(
    answer: &Answer<'_>,
    version: &Version,
    files: &BTreeMap<String, String>,
    fields: &[(&str, &str)],
    filled: &mut Filled,
) {
    let mapping = &version.mapping;
    let question = answer.question;
    let how = mapping.value_type(question);
    let mut is_used = question.preload.is_some()
        || [
            &mapping.household,
            &mapping.preset,
            &mapping.consent,
            &mapping.happened_on,
        ]
        .into_iter()
        .flatten()
        .any(|path| *path == question.path)
        // A position that cannot be read is kept as it was written.
        || (filled.location.is_some() && mapping.location.as_ref() == Some(&question.path));
    let is_file = how == ValueType::File;
    if is_file {
        filled.attachments.push(answer.text.clone());
        if let Some(hash) = files.get(&answer.text)
            && !filled.files.contains(hash)
        {
            filled.files.push(hash.clone());
        }
    }
    let words = mapping.values.get(&question.path);
    let value = if is_file {
        files.get(&answer.text).map(|hash| json!(hash))
    } else {
        Some(value(how, &answer.text, words))
    };
    for (field, _) in fields.iter().filter(|(_, path)| *path == question.path) {
        if let Some(value) = &value {
            filled.fields.insert((*field).to_owned(), value.clone());
            is_used = true;
        }
    }
    if let Some(template) = mapping.facts.get(&question.path)
        && let Some(value) = value
    {
        let path = answer.ids.iter().fold(template.clone(), |path, (name, id)| {
            path.replace(&format!("{{{name}}}"), id)
        });
        filled.facts.insert(path, value);
        is_used = true;
    }
    if !is_used {
        filled.answers.insert(answer.place.clone(), json!(answer.text));
    }
}

/// One answer, with the ids of the repeats around it.
struct Answer<'a> {
    question: &'a Question,
    /// Where it stands, with the number of each repeat: `members[2]/name`.
    place: String,
    text: String,
    ids: Vec<(String, String)>,
}

type Ids = Vec<(String, String)>;

fn collect<'a>(
    element: &Element,
    version: &'a Version,
    path: &str,
    place: &str,
    ids: &mut Ids,
    answers: &mut Vec<Answer<'a>>,
    instance: &str,
) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut given: BTreeSet<String> = BTreeSet::new();
    for child in element.elements() {
        if path.is_empty() && child.name == "meta" {
            continue;
        }
        let joined = |around: &str, name: &str| {
            if around.is_empty() {
                name.to_owned()
            } else {
                format!("{around}/{name}")
            }
        };
        let plain = joined(path, &child.name);
        let as_repeat = format!("{plain}[]");
        if version.form.repeats.contains(&as_repeat) {
            let count = counts.entry(&child.name).or_default();
            *count += 1;
            let here = joined(place, &format!("{}[{count}]", child.name));
            let named = as_repeat.replace("[]", "");
            if let Some(name) = version.mapping.repeat_ids.get(&named) {
                let said = child.child(name).map(|id| id.text().trim().to_lowercase());
                // Two people with one id must not become one.
                let said = said.filter(|id| given.insert(format!("{plain}/{id}")));
                // A repeat without an id of its own gets one that is the same whenever this filled form is read.
                let id = said
                    .filter(|id| !id.is_empty())
                    .unwrap_or_else(|| MemberId::new(part(&hash(&[instance, &here]), 0)).to_string());
                // Kept with the answers: it says in what order the entries stood.
                if let Some(question) = version.form.question(&format!("{as_repeat}/{name}")) {
                    answers.push(Answer {
                        question,
                        place: format!("{here}/{name}"),
                        text: id.clone(),
                        ids: ids.clone(),
                    });
                }
                ids.push((child.name.clone(), id));
                collect(child, version, &as_repeat, &here, ids, answers, instance);
                ids.pop();
            } else {
                collect(child, version, &as_repeat, &here, ids, answers, instance);
            }
            continue;
        }
        let here = joined(place, &child.name);
        match version.form.question(&plain) {
            Some(question) => {
                let text = child.text();
                let text = text.trim();
                let is_id = version
                    .mapping
                    .repeat_ids
                    .iter()
                    .any(|(repeat, id)| path.replace("[]", "") == *repeat && *id == child.name);
                if !text.is_empty() && !is_id {
                    answers.push(Answer {
                        question,
                        place: here,
                        text: text.to_owned(),
                        ids: ids.clone(),
                    });
                }
            }
            None => collect(child, version, &plain, &here, ids, answers, instance),
        }
    }
}

fn household(submission: &Submission, kind: &str, said: Option<&str>) -> Option<HouseholdId> {
    let entity = submission
        .of_household()
        .filter(|entity| entity.creates || entity.updates || submission.deprecated_id.is_some());
    if let Some(entity) = entity {
        return entity.id.trim_start_matches("uuid:").parse().ok();
    }
    if let Some(said) = said {
        return said.trim().trim_start_matches("uuid:").parse().ok();
    }
    // A form that knows of no households begins one: the filled form's own id is it.
    (kind == "surveyed")
        .then(|| submission.instance_id.trim_start_matches("uuid:").parse().ok())
        .flatten()
}

fn is_yes(text: &str) -> bool {
    matches!(
        text.to_lowercase().as_str(),
        "yes" | "true" | "1" | "ok" | "agree"
    )
}

fn value(how: ValueType, text: &str, words: Option<&BTreeMap<String, String>>) -> Value {
    let word = |one: &str| {
        words
            .and_then(|words| words.get(one))
            .map_or(one, String::as_str)
            .to_owned()
    };
    match how {
        ValueType::Text | ValueType::File => json!(word(text)),
        ValueType::Integer => latin(text)
            .parse::<i64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
        ValueType::Decimal => serde_json::from_str::<serde_json::Number>(&latin(text))
            .map_or_else(|_| json!(text), Value::Number),
        ValueType::Boolean => match word(text).as_str() {
            "yes" | "true" | "1" | "OK" => json!(true),
            "no" | "false" | "0" => json!(false),
            other => json!(other),
        },
        ValueType::Date => json!(text.get(..10).unwrap_or(text)),
        ValueType::List => json!(text.split_whitespace().map(word).collect::<Vec<_>>()),
        ValueType::Point => location(text).unwrap_or_else(|| json!(text)),
    }
}

/// Khmer digits as Latin ones.
fn latin(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{17e0}'..='\u{17e9}' => char::from(b'0' + (u32::from(c) - 0x17e0) as u8),
            other => other,
        })
        .collect()
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// `lat lon altitude accuracy`, as ODK writes a point.
fn location(text: &str) -> Option<Value> {
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let (lat, lon) = (*numbers.first()?, *numbers.get(1)?);
    if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
        return None;
    }
    let mut point = json!({"lon": lon, "lat": lat, "method": "gps"});
    match numbers.get(3) {
        // Collect writes 0 where somebody has put the point on a map.
        Some(accuracy) if *accuracy > 0.0 => point["accuracy_m"] = json!(accuracy),
        _ => point["method"] = json!("map"),
    }
    Some(point)
}

fn hash(parts: &[&str]) -> [u8; 32] {
    let mut digest = sha2::Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().into()
}

fn part<const N: usize>(bytes: &[u8; 32], from: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[from..from + N]);
    out
}

/// The id of the event that a change of an entity becomes, where the device has made it without contact. It follows from the branch and the
/// version alone, so that the next change can name it before it has come.
pub fn branch_event(household: HouseholdId, branch: &str, base_version: u64) -> EventId {
    let hash = hash(&[
        "branch",
        &household.to_string(),
        branch,
        &base_version.to_string(),
    ]);
    EventId::new(Timestamp::UNIX_EPOCH, part(&hash, 0))
}

/// The id of the event that makes a household with a form of entities. It follows from the household alone, so that what comes after it on the
/// same phone can name it before it has come.
pub fn creating_event(household: HouseholdId) -> EventId {
    let hash = hash(&["create", &household.to_string()]);
    EventId::new(Timestamp::UNIX_EPOCH, part(&hash, 0))
}

/// The id of the first event of a filled form that is on no branch.
fn own_event(submission: &Submission, at: Option<Timestamp>, what: &str) -> EventId {
    let hash = hash(&["instance", what, &submission.form, &submission.instance_id]);
    EventId::new(at.unwrap_or(Timestamp::UNIX_EPOCH), part(&hash, 0))
}

/// What an event needs beside the answers.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// What its author had seen.
    pub after: Vec<EventId>,
    /// The time to write down where the form says none.
    pub otherwise_at: Option<Timestamp>,
    /// It replaces a filled form of which something was kept.
    pub replaces: bool,
    /// Another filled form has made the household already.
    pub is_made: bool,
}

/// Whether nothing of a filled form is kept: it begins a household and asks whether the family agrees, and yes is not the answer.
pub fn keeps_nothing(submission: &Submission, filled: &Filled, around: &Around) -> bool {
    let is_known = around.replaces || submission.of_household().is_some_and(|entity| entity.updates);
    filled.asks_consent && filled.consent != Some(true) && !is_known
}

/// Whether a clock is so wrong that an event with its time in its id is not accepted. An id without a time would hide that.
fn is_ahead(at: Option<Timestamp>, now: Option<Timestamp>) -> bool {
    at.zip(now)
        .is_some_and(|(at, now)| at.duration_since(now) > MAX_ID_AHEAD)
}

/// Whether a filled form makes an entity, and does not edit the form that made it.
fn makes(submission: &Submission, entity: &EntityChange) -> bool {
    entity.creates && !entity.updates && submission.deprecated_id.is_none()
}

/// The events that a filled form is, each as JSON, in the order in which they come after one another. None where
/// [nothing is kept](keeps_nothing).
pub fn events(submission: &Submission, filled: &Filled, around: &Around) -> Vec<Value> {
    let at = filled.recorded_at;
    let recorded = at.or(around.otherwise_at).unwrap_or(Timestamp::UNIX_EPOCH);
    let main_id = match (submission.of_household(), filled.household) {
        (
            Some(EntityChange {
                updates: true,
                seen: SeenVersion::OnBranch { branch, base, .. },
                ..
            }),
            Some(household),
        ) => branch_event(household, branch, *base),
        (Some(entity), Some(household))
            if makes(submission, entity) && !around.is_made && !is_ahead(at, around.otherwise_at) =>
        {
            creating_event(household)
        }
        _ => own_event(submission, at, "answers"),
    };
    let common = |id: EventId, kind: &str, after: &[EventId]| {
        let mut event = json!({
            "id": id.to_string(), "kind": kind, "after": after.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "happened_on": filled.happened_on.map_or_else(|| recorded.to_string()[..10].to_owned(), |day| day.to_string()),
            "recorded_at": recorded.to_string(),
            "form": {"id": submission.form, "version": submission.version, "instance": submission.instance_id},
        });
        if let Some(replaced) = &submission.deprecated_id {
            event["form"]["replaces"] = json!(replaced);
        }
        if let Some(household) = filled.household {
            event["household"] = json!(household.to_string());
        }
        event
    };
    let consents = json!(["registration"]);
    if keeps_nothing(submission, filled, around) {
        return Vec::new();
    }
    if filled.consent == Some(false) {
        let mut event = common(main_id, "consent_withdrawn", &around.after);
        event["purposes"] = consents;
        return vec![event];
    }
    let mut events = Vec::new();
    let mut after = around.after.clone();
    if filled.consent == Some(true) {
        let mut event = common(own_event(submission, at, "consent"), "consent_given", &after);
        event["purposes"] = consents;
        after = vec![own_event(submission, at, "consent")];
        events.push(event);
    }
    let mut event = common(main_id, &filled.kind, &after);
    for (name, value) in &filled.fields {
        event[name] = value.clone();
    }
    if !filled.facts.is_empty() {
        event["facts"] = Value::Object(filled.facts.clone());
    }
    if !filled.answers.is_empty() {
        event["answers"] = Value::Object(filled.answers.clone());
    }
    if let Some(location) = &filled.location {
        event["location"] = location.clone();
    }
    if !filled.files.is_empty() {
        event["files"] = json!(filled.files);
    }
    events.push(event);
    events
}

/// Photos and sounds that came after the event was made: a correction that comes after it and names them. The answer of a task is given once
/// more, with them: the newest counts.
pub fn late_files(
    submission: &Submission,
    filled: &Filled,
    main: EventId,
    late: &BTreeMap<String, String>,
    version: &Version,
    at: Timestamp,
) -> Option<Value> {
    let names: Vec<&str> = late.keys().map(String::as_str).collect();
    let id = own_event(
        submission,
        filled.recorded_at,
        &format!("late {}", names.join("\n")),
    );
    let mut facts = Map::new();
    let with = understand(submission, version, late);
    if filled.kind == Kind::TaskAnswered.as_str() {
        let mut whole = filled.clone();
        whole.facts.extend(with.facts);
        whole.files.extend(late.values().cloned());
        let around = Around {
            after: vec![main],
            otherwise_at: Some(at),
            replaces: submission.deprecated_id.is_some(),
            is_made: false,
        };
        let mut event = events(submission, &whole, &around).pop()?;
        event["id"] = json!(id.to_string());
        return Some(event);
    }
    for (path, value) in with.facts {
        if filled.facts.get(&path) != Some(&value) && late.values().any(|hash| value == json!(hash)) {
            facts.insert(path, value);
        }
    }
    for (name, hash) in late {
        if !facts.values().any(|value| value == &json!(hash)) {
            let key: String = name
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                .take(80)
                .collect();
            facts.insert(format!("attachments/{key}/file"), json!(hash));
        }
    }
    if facts.is_empty() {
        return None;
    }
    Some(json!({
        "id": id.to_string(),
        "household": filled.household?.to_string(), "kind": "corrected", "after": [main.to_string()],
        "happened_on": at.to_string()[..10], "recorded_at": at.to_string(), "facts": facts,
        "files": late.values().collect::<Vec<_>>(), "form": {"id": submission.form, "version": submission.version, "instance": submission.instance_id},
    }))
}

/// Whether a kind is one that keeps answers and nothing more.
pub fn only_keeps(kind: &str) -> bool {
    kind == ANSWERED
}

/// The household of a text, as people and exports write it.
pub fn household_of(text: &str) -> Option<HouseholdId> {
    HouseholdId::from_str(text.trim().trim_start_matches("uuid:")).ok()
}
