//! What an XForm asks: its questions with their paths, its languages, the files it needs.
//!
//! A form that this module takes can be handed to ODK Collect and to our own app. Whether its expressions can be worked out is for a forms
//! engine to say; here it is made sure that everything which names something names something that is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Problem;
use crate::xml::{self, Element};

/// Most bytes of a form.
pub const MAX_FORM_BYTES: usize = 10 << 20;
/// Most characters of a form's id and of its version.
const MAX_NAME: usize = 100;

/// Lists that the server itself gives to the forms that ask for them, limited to what the worker may see.
pub const LISTS: [&str; 4] = ["households", "sites", "services", "tasks"];

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XForm {
    /// Its id.
    pub id: String,
    /// Its version; empty where it has none.
    pub version: String,
    /// Its title.
    pub title: String,
    /// The name of the root of what is answered.
    pub root: String,
    /// Languages, the default one first; none where the form has texts in one language only.
    pub languages: Vec<String>,
    /// What is asked, worked out or filled in by the device, in order.
    pub questions: Vec<Question>,
    /// Paths of what is asked again and again, such as `members[]`.
    pub repeats: Vec<String>,
    /// Names of files that come with the form, such as `consent_km.mp3` and `households.csv`.
    pub files: BTreeSet<String>,
    /// The list that the form writes to, where it does.
    pub entity: Option<EntityShape>,
}

/// One question, or something that the form works out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its path below the root, with `[]` behind the name of each repeat: `members[]/birth_year`.
    pub path: String,
    /// The type of its answer: `string`, `int`, `decimal`, `date`, `geopoint`, `binary`, …
    pub kind: String,
    /// How it is asked: `input`, `select1`, `select`, `upload`, …; `None` where nobody is asked.
    pub control: Option<String>,
    /// Whether the form goes on only with an answer.
    pub required: bool,
    /// What the device fills in: `start`, `end`, `today`, …
    pub preload: Option<String>,
    /// The field of the entity that its answer is saved to.
    pub save_to: Option<String>,
    /// The names of its choices, where they are fixed.
    pub choices: Vec<String>,
}

impl Question {
    /// The repeats that it stands in, from the outside in.
    pub fn repeats(&self) -> impl Iterator<Item = &str> {
        self.path
            .match_indices("[]/")
            .map(|(at, _)| &self.path[..at + "[]".len()])
    }
}

/// The list that a form writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityShape {
    /// Its name.
    pub list: String,
    /// Whether it may make an entry.
    pub creates: bool,
    /// Whether it may change one.
    pub updates: bool,
}

impl XForm {
    /// A question by its path.
    pub fn question(&self, path: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.path == path)
    }

    /// Files that must come with the form: those that the server does not make itself.
    pub fn media(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .map(String::as_str)
            .filter(|name| served_list(name).is_none())
    }
}

/// The list of [`LISTS`] that a file of this name is.
pub fn served_list(file: &str) -> Option<&'static str> {
    let name = file.strip_suffix(".csv")?;
    LISTS.into_iter().find(|list| *list == name)
}

/// Whether a text can be the id or the version of a form: it stands in addresses and is the name of a folder.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_NAME
        && !text.starts_with('.')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// Whether a text can be the name of a file that comes with a form.
pub fn is_file_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && !text.starts_with('.')
        && !text
            .chars()
            .any(|c| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
}

/// Reads a form, or says all that is wrong with it.
pub fn read(bytes: &[u8]) -> Result<XForm, Vec<Problem>> {
    let document = xml::read(bytes, MAX_FORM_BYTES).map_err(|e| vec![e.into()])?;
    let mut reader = Reader::default();
    let form = reader.form(&document);
    match form {
        Some(form) if reader.problems.is_empty() => Ok(form),
        _ => Err(reader.problems),
    }
}

#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    /// Nodes of what is answered by their whole paths (`/data/members/name`), in order.
    nodes: Vec<(String, bool)>,
    repeats: BTreeSet<String>,
    /// How a node is asked, and its fixed choices.
    controls: BTreeMap<String, (String, Vec<String>)>,
}

impl Reader {
    fn wrong(&mut self, element: &Element, message: impl Into<String>) {
        self.problems
            .push(Problem::at(format!("line {}", element.line), message));
    }

    fn form(&mut self, document: &Element) -> Option<XForm> {
        let head = document.child("head").filter(|_| document.name == "html");
        let (Some(head), Some(body)) = (head, document.child("body")) else {
            self.wrong(
                document,
                "This is no XForm: one has the element h:html with h:head and h:body in it.",
            );
            return None;
        };
        let Some(model) = head.child("model") else {
            self.wrong(head, "The form has no model.");
            return None;
        };
        let title = head.child("title").map(Element::text).unwrap_or_default();
        let instances: Vec<&Element> = model.elements().filter(|e| e.name == "instance").collect();
        let Some(root) = instances.first().and_then(|first| first.elements().next()) else {
            self.wrong(model, "The form has no instance that would hold the answers.");
            return None;
        };
        let id = root.attribute("id").unwrap_or_default().to_owned();
        let version = root.attribute("version").unwrap_or_default().to_owned();
        if !is_name(&id) {
            self.wrong(
                root,
                "The form has no id that can be used: letters from a to z, digits, \"_\", \"-\" and \".\", at most 100 of them. An XLSForm has it in the sheet settings, column form_id.",
            );
        }
        if !version.is_empty() && !is_name(&version) {
            self.wrong(
                root,
                "The form's version has letters from a to z, digits, \"_\", \"-\" and \".\", at most 100 of them.",
            );
        }
        if let Some(submission) = model.child("submission")
            && submission.attribute("base64RsaPublicKey").is_some()
        {
            self.wrong(
                submission,
                "The form encrypts its answers for somebody else: nobody could read them here. Take the public key out; records are sealed by this program itself.",
            );
        }
        let base = format!("/{}", root.name);
        self.collect_nodes(root, &base);
        self.body(body, &base, &lists(&instances[1..]));
        let languages = self.texts(model, document);
        let questions = self.questions(model, &base);
        let entity = entity(root);
        let form = XForm {
            id,
            version,
            title: title.trim().to_owned(),
            root: root.name.clone(),
            languages,
            questions,
            repeats: self.repeats.iter().map(|path| self.below(&base, path)).collect(),
            files: self.files(document),
            entity,
        };
        Some(form)
    }

    /// All nodes below the root, each once: a repeat's template and its first instance are the same.
    fn collect_nodes(&mut self, element: &Element, path: &str) {
        for child in element.elements() {
            let path = format!("{path}/{}", child.name);
            let is_leaf = child.elements().next().is_none();
            match self.nodes.iter_mut().find(|(known, _)| *known == path) {
                Some((_, leaf)) => *leaf &= is_leaf,
                None => self.nodes.push((path.clone(), is_leaf)),
            }
            self.collect_nodes(child, &path);
        }
    }

    fn knows(&self, path: &str) -> bool {
        self.nodes.iter().any(|(known, _)| known == path)
    }

    fn body(&mut self, element: &Element, around: &str, lists: &BTreeMap<&str, Vec<String>>) {
        for child in element.elements() {
            let named = child.attribute("nodeset").or_else(|| child.attribute("ref"));
            let path = named.map(|named| absolute(named, around));
            match child.name.as_str() {
                "group" | "repeat" => {
                    let here = match path {
                        Some(path) if self.knows(&path) => path,
                        // A group that only bundles on the screen has no node of its own.
                        None => around.to_owned(),
                        Some(_) => {
                            self.wrong(child, "This group of the form has no place in its instance.");
                            around.to_owned()
                        }
                    };
                    if child.name == "repeat" {
                        self.repeats.insert(here.clone());
                    }
                    self.body(child, &here, lists);
                }
                "input" | "select1" | "select" | "upload" | "range" | "trigger" | "rank" | "secret" => {
                    let Some(path) = path else {
                        self.wrong(child, "This question does not say where its answer goes.");
                        continue;
                    };
                    if !self.knows(&path) {
                        self.wrong(
                            child,
                            "The answer of this question has no place in the form's instance.",
                        );
                    }
                    let mut choices: Vec<String> = child
                        .elements()
                        .filter(|item| item.name == "item")
                        .filter_map(|item| Some(item.child("value")?.text().trim().to_owned()))
                        .collect();
                    if let Some(itemset) = child.child("itemset")
                        && let Some(list) = list_of(itemset)
                    {
                        match lists.get(list) {
                            Some(names) => choices.extend_from_slice(names),
                            None => self.wrong(
                                itemset,
                                "The choices are taken from a list that the form does not have.",
                            ),
                        }
                    }
                    self.controls.insert(path, (child.name.clone(), choices));
                }
                _ => {}
            }
        }
    }

    /// The languages, and whether every text that is named is there.
    fn texts(&mut self, model: &Element, document: &Element) -> Vec<String> {
        let mut languages: Vec<(bool, String)> = Vec::new();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        if let Some(itext) = model.child("itext") {
            for translation in itext.elements().filter(|e| e.name == "translation") {
                let name = translation.attribute("lang").unwrap_or_default().to_owned();
                languages.push((translation.attribute("default").is_none(), name));
                known.extend(translation.elements().filter_map(|text| text.attribute("id")));
            }
        }
        languages.sort_by_key(|(other, _)| *other);
        let mut missing = Vec::new();
        document.each(&mut |element| {
            let named = element.attribute("ref").and_then(|named| {
                let id = named.trim().strip_prefix("jr:itext(")?.strip_suffix(')')?.trim();
                id.strip_prefix('\'')?.strip_suffix('\'')
            });
            if let Some(id) = named
                && !known.contains(id)
            {
                missing.push(element);
            }
        });
        for element in missing {
            self.wrong(element, "This names a text that no language of the form has.");
        }
        languages.into_iter().map(|(_, name)| name).collect()
    }

    fn questions(&mut self, model: &Element, base: &str) -> Vec<Question> {
        let mut binds: BTreeMap<String, &Element> = BTreeMap::new();
        for bind in model.elements().filter(|e| e.name == "bind") {
            let Some(path) = bind.attribute("nodeset").map(|named| absolute(named, base)) else {
                self.wrong(bind, "This bind does not say which node it is about.");
                continue;
            };
            let node = path.split_once("/@").map_or(path.as_str(), |(node, _)| node);
            if !self.knows(node) && node != base {
                self.wrong(
                    bind,
                    "This bind is about a node that the form's instance does not have.",
                );
            }
            binds.insert(path, bind);
        }
        let leaves = self.nodes.iter().filter(|(path, is_leaf)| {
            // The entity and what belongs to the record itself are no questions.
            *is_leaf && !path.starts_with(&format!("{base}/meta/entity")) && !self.repeats.contains(path)
        });
        let leaves: Vec<String> = leaves.map(|(path, _)| path.clone()).collect();
        leaves
            .into_iter()
            .map(|path| {
                let bind = binds.get(&path);
                let of = |name: &str| bind.and_then(|bind| bind.attribute(name));
                let (control, choices) = self.controls.get(&path).cloned().unzip();
                Question {
                    kind: of("type")
                        .unwrap_or("string")
                        .trim_start_matches("xsd:")
                        .to_owned(),
                    required: of("required").is_some_and(|required| required.trim() == "true()"),
                    preload: of("preload").and_then(|preload| preload_name(preload, of("preloadParams"))),
                    save_to: of("saveto").map(str::to_owned),
                    path: self.below(base, &path),
                    control,
                    choices: choices.unwrap_or_default(),
                }
            })
            .collect()
    }

    /// `/data/members/name` as `members[]/name`.
    fn below(&self, base: &str, path: &str) -> String {
        let mut here = base.to_owned();
        let mut parts = Vec::new();
        for name in path
            .strip_prefix(base)
            .unwrap_or(path)
            .split('/')
            .filter(|name| !name.is_empty())
        {
            here = format!("{here}/{name}");
            parts.push(if self.repeats.contains(&here) {
                format!("{name}[]")
            } else {
                name.to_owned()
            });
        }
        parts.join("/")
    }

    fn files(&mut self, document: &Element) -> BTreeSet<String> {
        let mut named: Vec<(&Element, String)> = Vec::new();
        document.each(&mut |element| {
            if element.name == "instance"
                && let Some(source) = element.attribute("src")
            {
                named.push((element, source.to_owned()));
            }
            if element.name == "value" && element.attribute("form").is_some() {
                named.push((element, element.text()));
            }
        });
        let mut files = BTreeSet::new();
        for (element, source) in named {
            let Some(rest) = source.trim().strip_prefix("jr://") else {
                continue;
            };
            if rest.starts_with("instance/") {
                continue;
            }
            match rest.split_once('/') {
                Some((_, name)) if is_file_name(name) => {
                    files.insert(name.to_owned());
                }
                _ => self.wrong(
                    element,
                    "The name of this file cannot be used: no folders, and no sign that a phone's storage refuses.",
                ),
            }
        }
        files
    }
}

/// A path as it is written, from the root on.
fn absolute(named: &str, around: &str) -> String {
    let named = named.trim();
    if named.starts_with('/') {
        named.to_owned()
    } else {
        format!("{around}/{}", named.trim_start_matches("./"))
    }
}

fn preload_name(preload: &str, parameters: Option<&str>) -> Option<String> {
    match (preload, parameters) {
        ("timestamp" | "property", Some(what)) => Some(what.to_owned()),
        ("date", _) => Some("today".to_owned()),
        ("uid", _) => Some("instanceID".to_owned()),
        _ => None,
    }
}

/// Entities that a form would make or change and that would be lost: more than one, or in a repeat. One filled form is about one entry.
pub(crate) fn entities_left_out(xml: &str) -> Vec<Problem> {
    let Ok(document) = xml::read(xml.as_bytes(), MAX_FORM_BYTES) else {
        return Vec::new();
    };
    let root = document
        .child("head")
        .and_then(|head| head.child("model"))
        .and_then(|model| model.child("instance"))
        .and_then(|instance| instance.elements().next());
    let Some(root) = root else { return Vec::new() };
    let read = root.child("meta").and_then(|meta| meta.child("entity"));
    let mut problems = Vec::new();
    root.each(&mut |element| {
        let is_entity = element.name == "entity" && element.attribute("dataset").is_some();
        if is_entity && read.is_none_or(|read| !std::ptr::eq(read, element)) {
            problems.push(Problem::at(
                format!("line {}", element.line),
                "This entry of a list would be lost: one filled form makes or changes one entry here, and it stands in no repeat. Take this entity out of the form.",
            ));
        }
    });
    problems
}

fn entity(root: &Element) -> Option<EntityShape> {
    let entity = root.child("meta")?.child("entity")?;
    Some(EntityShape {
        list: entity.attribute("dataset")?.to_owned(),
        creates: entity.attribute("create").is_some(),
        updates: entity.attribute("update").is_some(),
    })
}

/// The lists that stand in the form itself: the names of their choices.
fn lists<'a>(instances: &[&'a Element]) -> BTreeMap<&'a str, Vec<String>> {
    let mut lists = BTreeMap::new();
    for instance in instances {
        let Some(id) = instance.attribute("id") else {
            continue;
        };
        let names = instance.child("root").map(|root| {
            root.elements()
                .filter_map(|item| Some(item.child("name")?.text().trim().to_owned()))
                .collect()
        });
        lists.insert(id, names.unwrap_or_default());
    }
    lists
}

/// The list that an itemset takes its choices from.
fn list_of(itemset: &Element) -> Option<&str> {
    let (_, rest) = itemset.attribute("nodeset")?.split_once("instance(")?;
    rest.trim_start().get(1..)?.split(['\'', '"']).next()
}
