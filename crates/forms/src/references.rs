//! What an expression means by another question. The converter writes the whole path of each; in a repeat that would be the question of the
//! first entry, or of all. Here it becomes the one of the same entry: `/data/members/age`, asked for beside it, becomes `../age`.
//!
//! Which references are meant so is what `XLSForm` promises (<https://xlsform.org/en/#referring-to-other-questions>): those with `${…}` to something in a
//! repeat that both stand in, but not what `indexed-repeat` is to count.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, Writer};

use crate::error::Problem;
use crate::xml::{self, Element};

/// More than a form can be long, as its XML was made here.
const MAX_BYTES: usize = 64 << 20;

/// Makes references within repeats relative, and fills in those that the converter has left as they were written.
pub fn settled(form: &str) -> Result<String, Vec<Problem>> {
    let shape = Shape::of(form).map_err(|problem| vec![problem])?;
    let mut reader = Reader::from_str(form);
    let mut writer = Writer::new(Vec::new());
    let mut around: Vec<Option<String>> = Vec::new();
    let mut problems = Vec::new();
    loop {
        let broken =
            |e: &dyn std::fmt::Display| vec![Problem::whole(format!("The form could not be written: {e}."))];
        let event = match reader.read_event().map_err(|e| broken(&e))? {
            Event::Eof => break,
            Event::Start(tag) => {
                let context = shape.context(&tag, &around);
                let tag = shape.rewritten(tag, context.as_deref(), &mut problems);
                around.push(context);
                Event::Start(tag)
            }
            Event::Empty(tag) => {
                let context = shape.context(&tag, &around);
                Event::Empty(shape.rewritten(tag, context.as_deref(), &mut problems))
            }
            Event::End(tag) => {
                around.pop();
                Event::End(tag)
            }
            other => other,
        };
        writer.write_event(event).map_err(|e| broken(&e))?;
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    String::from_utf8(writer.into_inner())
        .map_err(|_| vec![Problem::whole("The form is not UTF-8: save it as UTF-8.")])
}

/// What there is to refer to.
struct Shape {
    /// Paths from the root: `/data/members/age`.
    paths: BTreeSet<String>,
    /// Paths by the last part; none where several things have that name.
    by_name: BTreeMap<String, Option<String>>,
    repeats: BTreeSet<String>,
}

impl Shape {
    fn of(form: &str) -> Result<Self, Problem> {
        let document = xml::read(form.as_bytes(), MAX_BYTES)?;
        let mut shape = Self {
            paths: BTreeSet::new(),
            by_name: BTreeMap::new(),
            repeats: BTreeSet::new(),
        };
        let mut primary = None;
        document.each(&mut |element| {
            if element.name == "instance" && primary.is_none() {
                primary = element.elements().next();
            }
            if element.name == "repeat"
                && let Some(path) = element.attribute("nodeset")
            {
                shape.repeats.insert(path.to_owned());
            }
        });
        if let Some(root) = primary {
            shape.add(root, "");
        }
        Ok(shape)
    }

    fn add(&mut self, element: &Element, above: &str) {
        let path = format!("{above}/{}", element.name);
        for child in element.elements() {
            self.add(child, &path);
        }
        // The template and the first entry of a repeat are one thing.
        if self.paths.insert(path.clone()) {
            let known = self.by_name.entry(element.name.clone());
            known.and_modify(|path| *path = None).or_insert(Some(path));
        }
    }

    /// What the expressions of a tag, and of those in it, stand in.
    fn context(&self, tag: &BytesStart<'_>, around: &[Option<String>]) -> Option<String> {
        let attribute = |name: &str| value_of(tag, name);
        let own = match tag.local_name().as_ref() {
            "bind" | "repeat" => attribute("nodeset"),
            // "/data/members/age:label"
            "text" => attribute("id").and_then(|id| id.split(':').next().map(str::to_owned)),
            "label" | "hint" | "value" | "itemset" | "output" | "item" => None,
            _ => attribute("ref"),
        };
        let own = own.filter(|path| self.paths.contains(path));
        // The group around a repeat is outside of its entries, and so is its label.
        let own = own.map(|path| match tag.local_name().as_ref() {
            "group" if self.repeats.contains(&path) => parent(&path).to_owned(),
            _ => path,
        });
        own.or_else(|| around.last().cloned().flatten())
    }

    fn rewritten<'a>(
        &self,
        tag: BytesStart<'a>,
        context: Option<&str>,
        problems: &mut Vec<Problem>,
    ) -> BytesStart<'a> {
        let attributes: Vec<(String, String)> = tag
            .attributes()
            .flatten()
            .map(|one| (one.key.as_ref().to_owned(), unescaped(&one.value)))
            .collect();
        let mut changed = false;
        let mut out = BytesStart::new(tag.name().as_ref().to_owned());
        for (name, value) in &attributes {
            let fixed = matches!(name.as_str(), "nodeset" | "ref" | "id" | "jr:count")
                && tag.local_name().as_ref() != "itemset";
            let new = if value.contains("${") || !fixed {
                let mut expression = Expression {
                    shape: self,
                    context,
                    problems: Vec::new(),
                };
                let new = expression.settle(value);
                let place = context.unwrap_or_default().trim_start_matches('/').to_owned();
                problems.extend(
                    expression
                        .problems
                        .into_iter()
                        .map(|message| Problem::at(place.clone(), message)),
                );
                new
            } else {
                value.clone()
            };
            changed |= new != *value;
            out.push_attribute((name.as_str(), new.as_str()));
        }
        if changed { out } else { tag }
    }

    /// The path from one thing to another in the same entry of a repeat; `None` where they share no repeat.
    fn relative(&self, from: &str, to: &str) -> Option<String> {
        let from_parts: Vec<&str> = from.split('/').skip(1).collect();
        let to_parts: Vec<&str> = to.split('/').skip(1).collect();
        let mut shared = from_parts
            .iter()
            .zip(&to_parts)
            .take_while(|(a, b)| a == b)
            .count();
        // What stands around is met from outside.
        shared = shared.min(to_parts.len().saturating_sub(1));
        let in_repeat =
            (1..=shared).any(|n| self.repeats.contains(&format!("/{}", from_parts[..n].join("/"))));
        if !in_repeat {
            return None;
        }
        let up = from_parts.len() - shared;
        let mut parts = vec![".."; up];
        parts.extend(&to_parts[shared..]);
        Some(if up == 0 {
            format!("./{}", parts.join("/"))
        } else {
            parts.join("/")
        })
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(above, _)| above)
}

fn value_of(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let one = tag.try_get_attribute(name).ok().flatten()?;
    Some(unescaped(&one.value))
}

/// The five entities of XML, and characters by number.
fn unescaped(value: &str) -> String {
    quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), std::borrow::Cow::into_owned)
}

/// Where in a call of a function an expression is.
struct Call {
    is_indexed_repeat: bool,
    argument: usize,
}

struct Expression<'a> {
    shape: &'a Shape,
    context: Option<&'a str>,
    problems: Vec<String>,
}

impl Expression<'_> {
    fn settle(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let (mut predicates, mut calls) = (0_usize, Vec::<Call>::new());
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let mut length = c.len_utf8();
            match c {
                '\'' | '"' => {
                    length = rest[1..].find(c).map_or(rest.len(), |end| end + 2);
                    out.push_str(&rest[..length]);
                }
                '$' if rest.starts_with("${") => match rest.find('}') {
                    Some(end) => {
                        length = end + 1;
                        let written = self.named(rest[2..end].trim(), predicates > 0, calls.last());
                        out.push_str(&written.unwrap_or_else(|| rest[..length].to_owned()));
                    }
                    None => out.push(c),
                },
                '/' if out.is_empty() || out.ends_with(' ') => {
                    length = rest.find(|c: char| !is_of_path(c)).unwrap_or(rest.len());
                    let path = &rest[..length];
                    // The converter writes a space on either side; what somebody has written as a path stays as it is.
                    let is_ours = rest[length..].starts_with(' ') && self.shape.paths.contains(path);
                    let relative = is_ours
                        .then(|| self.in_this_entry(path, predicates > 0, calls.last()))
                        .flatten();
                    out.push_str(relative.as_deref().unwrap_or(path));
                }
                _ => {
                    match c {
                        '[' => predicates += 1,
                        ']' => predicates = predicates.saturating_sub(1),
                        '(' => calls.push(Call {
                            is_indexed_repeat: out.trim_end().ends_with("indexed-repeat"),
                            argument: 0,
                        }),
                        ')' => drop(calls.pop()),
                        ',' => {
                            if let Some(call) = calls.last_mut() {
                                call.argument += 1;
                            }
                        }
                        _ => {}
                    }
                    out.push(c);
                }
            }
            at += length;
        }
        out
    }

    /// What `${name}` means that the converter has left.
    fn named(&mut self, name: &str, in_predicate: bool, call: Option<&Call>) -> Option<String> {
        let (last_saved, name) = match name.strip_prefix("last-saved#") {
            Some(name) => (true, name),
            None => (false, name),
        };
        let Some(Some(path)) = self.shape.by_name.get(name) else {
            self.problems.push(format!(
                "\"${{{name}}}\" cannot stand here, or no question is called {name}, or several are."
            ));
            return None;
        };
        if last_saved {
            return Some(format!(" instance('__last-saved'){path} "));
        }
        let relative = self.in_this_entry(path, in_predicate, call);
        Some(format!(" {} ", relative.unwrap_or_else(|| path.clone())))
    }

    fn in_this_entry(&self, path: &str, in_predicate: bool, call: Option<&Call>) -> Option<String> {
        // indexed-repeat(question, repeat, number, repeat, number, …) counts from the root.
        if call.is_some_and(|call| call.is_indexed_repeat && (call.argument == 0 || call.argument % 2 == 1)) {
            return None;
        }
        let relative = self.shape.relative(self.context?, path)?;
        Some(if in_predicate {
            format!("current()/{relative}")
        } else {
            relative
        })
    }
}

fn is_of_path(c: char) -> bool {
    c == '/' || c == '_' || c == '-' || c == '.' || c.is_alphanumeric()
}
