//! The filled form that an event was made of, put together again from the event: what [`crate::submission`] does, backwards.
//!
//! An event keeps what was answered, and no more: the time at which the form was begun, the names that the phone gave to photos and what was
//! left empty are gone. Photos are named by their hashes. What cannot be put back where it stood is counted, never put elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use phteah_registry::event::{Event, Kind, Location, Value};

use crate::library::Version;
use crate::mapping::{Mapping, ValueType};
use crate::xform::Question;
use crate::xml::{Element, Node, escape};

/// A filled form as it was, as far as its event has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Its id: the one that the device gave to it, else one that is made of the event's.
    pub instance: String,
    /// The id of the one that it replaced.
    pub replaces: Option<String>,
    /// Its answers.
    pub root: Element,
    /// Its photos and sounds: the name in the answers, and the SHA-256.
    pub files: BTreeMap<String, String>,
    /// Answers that belong to an entry of a repeat of which nobody can tell any more which it was.
    pub lost: usize,
}

/// What belongs to a filled form beside its main event.
#[derive(Debug, Clone, Default)]
pub struct Beside<'a> {
    /// Whether the family's consent was recorded with it.
    pub consents: bool,
    /// Corrections that brought photos which came late.
    pub late: Vec<&'a Event>,
    /// The endings of files, by their hashes (`jpg`, `m4a`).
    pub endings: BTreeMap<String, &'static str>,
}

/// Puts a filled form together again.
pub fn recover(event: &Event, version: &Version, beside: &Beside<'_>) -> Recovered {
    let mut work = Work {
        version,
        beside,
        texts: BTreeMap::new(),
        ids: BTreeMap::new(),
        files: BTreeMap::new(),
        lost: 0,
    };
    work.raw(event);
    let mut facts: BTreeMap<&str, &Value> = event
        .facts
        .iter()
        .map(|(path, value)| (path.as_str(), value))
        .collect();
    for late in &beside.late {
        facts.extend(late.facts.iter().map(|(path, value)| (path.as_str(), value)));
    }
    work.facts(&facts);
    work.others(event);
    let form_field = |name: &str| {
        event
            .form
            .as_ref()
            .and_then(|form| form.more.get(name)?.as_text())
    };
    let instance = form_field("instance").map_or_else(|| format!("uuid:{}", event.id), str::to_owned);
    let replaces = form_field("replaces").map(str::to_owned);
    let mut root = element(&version.form.root);
    root.attributes = vec![
        ("id".to_owned(), version.id().to_owned()),
        ("version".to_owned(), version.version().to_owned()),
    ];
    for question in &version.form.questions {
        let mut places: Vec<&(Vec<usize>, String)> = work
            .texts
            .keys()
            .filter(|(_, path)| *path == question.path)
            .collect();
        places.sort();
        for place in places {
            put(&mut root, &question.path, &place.0).nodes = vec![Node::Text(work.texts[place].clone())];
        }
    }
    let mut meta = element("meta");
    META.clone_into(&mut meta.namespace);
    if let Some(entity) = entity(event, version) {
        meta.nodes.push(Node::Element(entity));
    }
    let mut add = |name: &str, text: &str| {
        let mut child = element(name);
        META.clone_into(&mut child.namespace);
        child.nodes.push(Node::Text(text.to_owned()));
        meta.nodes.push(Node::Element(child));
    };
    add("instanceID", &instance);
    if let Some(replaces) = &replaces {
        add("deprecatedID", replaces);
    }
    root.nodes.push(Node::Element(meta));
    Recovered {
        instance,
        replaces,
        root,
        files: work.files,
        lost: work.lost,
    }
}

/// The namespace of what a filled form says of itself.
const META: &str = "http://openrosa.org/xforms";
const ENTITIES: &str = "http://www.opendatakit.org/xforms/entities";

impl Recovered {
    /// The filled form as Collect sends it.
    pub fn xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        write(&self.root, "", &mut out);
        out.push('\n');
        out
    }
}

fn write(element: &Element, around: &str, out: &mut String) {
    let is_entity = element.namespace == ENTITIES;
    let name = if is_entity {
        format!("entities:{}", element.name)
    } else {
        element.name.clone()
    };
    out.push('<');
    out.push_str(&name);
    let here = if is_entity {
        around
    } else {
        element.namespace.as_str()
    };
    if is_entity {
        out.push_str(&format!(" xmlns:entities=\"{ENTITIES}\""));
    } else if here != around {
        out.push_str(&format!(" xmlns=\"{here}\""));
    }
    for (name, value) in &element.attributes {
        out.push_str(&format!(" {name}=\"{}\"", escape(value)));
    }
    out.push('>');
    for node in &element.nodes {
        match node {
            Node::Element(child) => write(child, here, out),
            Node::Text(text) => out.push_str(&escape(text)),
        }
    }
    out.push_str(&format!("</{name}>"));
}

fn element(name: &str) -> Element {
    Element {
        name: name.to_owned(),
        namespace: String::new(),
        attributes: Vec::new(),
        nodes: Vec::new(),
        line: 0,
    }
}

/// The entity that the form made or changed: the same on whatever server it comes in again.
fn entity(event: &Event, version: &Version) -> Option<Element> {
    let shape = version.form.entity.as_ref()?;
    let mut entity = element("entity");
    ENTITIES.clone_into(&mut entity.namespace);
    entity.attributes = vec![
        ("dataset".to_owned(), shape.list.clone()),
        ("id".to_owned(), event.household.to_string()),
    ];
    let begins = event.kind == Kind::Surveyed && shape.creates;
    let what = if begins || !shape.updates {
        "create"
    } else {
        "update"
    };
    entity.attributes.push((what.to_owned(), "1".to_owned()));
    Some(entity)
}

/// The element of a question, in the entry of each repeat around it that is meant; made where it is not there.
fn put<'a>(root: &'a mut Element, path: &str, entries: &[usize]) -> &'a mut Element {
    let mut entries = entries.iter();
    let mut here = root;
    for part in path.split('/') {
        let (name, entry) = match part.strip_suffix("[]") {
            Some(name) => (name, entries.next().copied().unwrap_or(1)),
            None => (part, 1),
        };
        let is = |node: &Node| matches!(node, Node::Element(child) if child.name == name);
        let missing = entry.saturating_sub(here.nodes.iter().filter(|node| is(node)).count());
        for _ in 0..missing {
            here.nodes.push(Node::Element(element(name)));
        }
        let found = here
            .nodes
            .iter_mut()
            .filter_map(|node| match node {
                Node::Element(child) if child.name == name => Some(child),
                _ => None,
            })
            .nth(entry.max(1) - 1);
        match found {
            Some(child) => here = child,
            None => unreachable!("as many were made as are missing"),
        }
    }
    here
}

struct Work<'a> {
    version: &'a Version,
    beside: &'a Beside<'a>,
    /// What stands where: the numbers of the entries of the repeats around it, and the question's path.
    texts: BTreeMap<(Vec<usize>, String), String>,
    /// In each repeat that knows its entries by ids: the numbers of the entries around, the repeat's path → ids in order.
    ids: BTreeMap<(Vec<usize>, String), Vec<String>>,
    files: BTreeMap<String, String>,
    lost: usize,
}

impl<'a> Work<'a> {
    fn mapping(&self) -> &'a Mapping {
        &self.version.mapping
    }

    /// Answers that are no facts stand in the event as they were given, with the number of each repeat's entry. Those that hold the ids of
    /// entries say in what order they stood.
    fn raw(&mut self, event: &Event) {
        let Some(Value::Object(answers)) = event.more.get("answers") else {
            return;
        };
        let mut raw = Vec::new();
        for (place, value) in answers {
            let Some((path, entries)) = numbered(place) else {
                continue;
            };
            if self.version.form.question(&path).is_some()
                && let Some(text) = value.as_text()
            {
                raw.push((entries, path, text.to_owned()));
            }
        }
        for (entries, path, text) in &raw {
            if let Some(repeat) = self.holds_id(path)
                && let Some((last, around)) = entries.split_last()
            {
                let known = self.ids.entry((around.to_vec(), repeat)).or_default();
                if known.len() < *last {
                    known.resize(*last, String::new());
                }
                known[*last - 1] = text.trim().to_lowercase();
            }
        }
        for (entries, path, text) in raw {
            self.texts.insert((entries, path), text);
        }
    }

    /// The repeat whose entries a question holds the ids of.
    fn holds_id(&self, path: &str) -> Option<String> {
        let (repeat, name) = path.rsplit_once('/')?;
        let plain = repeat.replace("[]", "");
        (self.mapping().repeat_ids.get(&plain)? == name).then(|| repeat.to_owned())
    }

    fn facts(&mut self, facts: &BTreeMap<&str, &Value>) {
        let version = self.version;
        let mut templates: Vec<(&Question, &String)> = Vec::new();
        for question in &version.form.questions {
            templates.extend(
                self.mapping()
                    .facts
                    .get(&question.path)
                    .map(|template| (question, template)),
            );
        }
        // Entries without a known place come behind those that have one; where others were given without an id, nobody knows which is which.
        let mut unplaced: BTreeSet<String> = BTreeSet::new();
        for (question, template) in templates {
            if question.repeats().next().is_none() {
                if let Some(value) = facts.get(template.as_str()) {
                    self.write(question, Vec::new(), value);
                }
                continue;
            }
            for (path, value) in facts {
                let Some(slots) = slots(template, path) else {
                    continue;
                };
                match self.entries(question, &slots) {
                    Some(entries) => self.write(question, entries, value),
                    None => {
                        unplaced.insert((*path).to_owned());
                    }
                }
            }
        }
        self.lost += unplaced.len();
    }

    /// The numbers of the entries that a question in repeats is meant in.
    fn entries(&mut self, question: &Question, slots: &BTreeMap<&str, &str>) -> Option<Vec<usize>> {
        let repeats: Vec<String> = question.repeats().map(str::to_owned).collect();
        let mut entries = Vec::new();
        for repeat in repeats {
            let plain = repeat.replace("[]", "");
            let name = plain.rsplit('/').next().unwrap_or_default();
            let Some(id) = slots.get(name) else {
                entries.push(1);
                continue;
            };
            let key = (entries.clone(), repeat.clone());
            let has_raw = self.texts.keys().any(|(at, path)| {
                at.len() > entries.len()
                    && at.starts_with(&entries)
                    && path.starts_with(&format!("{repeat}/"))
            });
            let known = self.ids.entry(key).or_default();
            let id = id.to_lowercase();
            let at = if let Some(at) = known.iter().position(|one| *one == id) {
                at
            } else if has_raw && known.is_empty() {
                // Answers of numbered entries, and facts of entries by ids that say no number.
                return None;
            } else {
                known.push(id);
                known.len() - 1
            };
            entries.push(at + 1);
        }
        // The question that holds the id gets it.
        for (depth, repeat) in question.repeats().enumerate() {
            let plain = repeat.replace("[]", "");
            if let Some(holder) = self.version.mapping.repeat_ids.get(&plain)
                && let Some(id) = slots.get(plain.rsplit('/').next().unwrap_or_default())
            {
                let place = (entries[..=depth].to_vec(), format!("{repeat}/{holder}"));
                self.texts.entry(place).or_insert_with(|| (*id).to_owned());
            }
        }
        Some(entries)
    }

    fn write(&mut self, question: &Question, entries: Vec<usize>, value: &Value) {
        if let Some(text) = self.text(question, value) {
            self.texts.entry((entries, question.path.clone())).or_insert(text);
        }
    }

    /// What the event says in fields of its own.
    fn others(&mut self, event: &Event) {
        let version = self.version;
        let mapping = &version.mapping;
        let question = |path: &Option<String>| {
            let path = path.as_deref()?;
            version
                .form
                .question(path)
                .filter(|question| question.repeats().next().is_none())
        };
        let mut found: Vec<(&Question, String)> = Vec::new();
        found.extend(question(&mapping.household).map(|asked| (asked, event.household.to_string())));
        found.extend(question(&mapping.happened_on).map(|asked| (asked, event.happened_on.to_string())));
        if let Some(asked) = question(&mapping.location)
            && let Some(location) = &event.location
        {
            found.push((asked, geopoint(location)));
        }
        if let Some(asked) = question(&mapping.consent) {
            if event.kind == Kind::ConsentWithdrawn {
                found.push((asked, choice_of_truth(asked, None, false)));
            } else if self.beside.consents {
                found.push((asked, yes(asked)));
            }
        }
        if let Some(by) = &mapping.event_by
            && let Some(asked) = question(&Some(by.question.clone()))
            && let Some((choice, _)) = by.kinds.iter().find(|(_, kind)| **kind == *event.kind.as_str())
        {
            found.push((asked, choice.clone()));
        }
        for asked in &version.form.questions {
            match asked.preload.as_deref() {
                Some("end") => found.push((asked, event.recorded_at.text.to_string())),
                Some("today") => found.push((asked, event.happened_on.to_string())),
                _ => {}
            }
        }
        for (name, path) in mapping.fields_of(event.kind.as_str()) {
            if let Some(asked) = version.form.question(path)
                && let Some(value) = event.more.get(name)
                && let Some(text) = self.text(asked, value)
            {
                found.push((asked, text));
            }
        }
        for (asked, text) in found {
            self.texts.entry((Vec::new(), asked.path.clone())).or_insert(text);
        }
    }

    /// A value as the form writes it.
    fn text(&mut self, question: &Question, value: &Value) -> Option<String> {
        let how = self.version.mapping.value_type(question);
        if how == ValueType::File
            && let Some(hash) = value.as_text()
        {
            let ending = self.beside.endings.get(hash).copied().unwrap_or("bin");
            let name = format!("{hash}.{ending}");
            self.files.insert(name.clone(), hash.to_owned());
            return Some(name);
        }
        let words = self.version.mapping.values.get(&question.path);
        Some(match value {
            Value::Null => return None,
            Value::Bool(said) => choice_of_truth(question, words, *said),
            Value::Number(number) => number.as_str().to_owned(),
            Value::Text(text) => choice_of(words, text),
            Value::List(list) => {
                let texts = list
                    .iter()
                    .filter_map(Value::as_text)
                    .map(|text| choice_of(words, text));
                texts.collect::<Vec<_>>().join(" ")
            }
            Value::Object(object) => {
                let number = |name: &str| object.get(name).and_then(Value::as_f64);
                let (lat, lon) = (number("lat")?, number("lon")?);
                format!("{lat} {lon} 0 {}", number("accuracy_m").unwrap_or(0.0))
            }
        })
    }
}

/// `members[2]/name` as its question `members[]/name` and the numbers of the entries; `None` where it is no such place.
fn numbered(place: &str) -> Option<(String, Vec<usize>)> {
    let mut entries = Vec::new();
    let mut parts = Vec::new();
    for part in place.split('/') {
        match part.split_once('[') {
            None => parts.push(part.to_owned()),
            Some((name, number)) => {
                let number: usize = number.strip_suffix(']')?.parse().ok()?;
                // As many as a form can have been filled with.
                entries.push((1..=100_000).contains(&number).then_some(number)?);
                parts.push(format!("{name}[]"));
            }
        }
    }
    Some((parts.join("/"), entries))
}

/// What stands for the slots of a template (`members/{members}/age`) in a path; `None` where the path is none of it.
fn slots<'t, 'p>(template: &'t str, path: &'p str) -> Option<BTreeMap<&'t str, &'p str>> {
    let (mut template, mut path) = (template, path);
    let mut slots = BTreeMap::new();
    while let Some((before, rest)) = template.split_once('{') {
        path = path.strip_prefix(before)?;
        let (name, after) = rest.split_once('}')?;
        let end = path.find('/').unwrap_or(path.len());
        let (id, left) = path.split_at(end);
        (!id.is_empty()).then_some(())?;
        slots.insert(name, id);
        (template, path) = (after, left);
    }
    (template == path).then_some(slots)
}

fn choice_of(words: Option<&BTreeMap<String, String>>, word: &str) -> String {
    words
        .and_then(|words| words.iter().find(|(_, other)| *other == word))
        .map_or(word, |(choice, _)| choice)
        .to_owned()
}

/// The choice that stands for true or false.
fn choice_of_truth(question: &Question, words: Option<&BTreeMap<String, String>>, said: bool) -> String {
    let meant: &[&str] = if said {
        &["yes", "true", "1", "OK"]
    } else {
        &["no", "false", "0"]
    };
    let by_word = words.and_then(|words| words.iter().find(|(_, word)| meant.contains(&word.as_str())));
    if let Some((choice, _)) = by_word {
        return choice.clone();
    }
    let known = meant
        .iter()
        .find(|word| question.choices.iter().any(|choice| choice == *word));
    let usual = meant[usize::from(question.kind == "boolean")];
    (*known.unwrap_or(&usual)).to_owned()
}

fn yes(question: &Question) -> String {
    let known = ["yes", "true", "1", "OK", "agree"]
        .into_iter()
        .find(|word| question.choices.iter().any(|choice| choice == word));
    known.unwrap_or("yes").to_owned()
}

fn geopoint(location: &Location) -> String {
    let accuracy = location.accuracy_m.as_ref().map_or("0", |number| number.as_str());
    format!("{} {} 0 {accuracy}", location.lat.as_str(), location.lon.as_str())
}
