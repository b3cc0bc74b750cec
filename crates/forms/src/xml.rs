//! Reading XML that strangers have written: no document types, no entities but the five of XML itself, limits on size, depth and number.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// Most elements in one another.
pub const MAX_DEPTH: usize = 64;
/// Most elements of one document.
pub const MAX_ELEMENTS: usize = 200_000;
/// Most attributes of one element.
const MAX_ATTRIBUTES: usize = 64;

/// An element with what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name without prefix.
    pub name: String,
    /// Its namespace; empty where it has none.
    pub namespace: String,
    /// Attributes by their names without prefix, in order.
    pub attributes: Vec<(String, String)>,
    /// Elements and texts, in order.
    pub nodes: Vec<Node>,
    /// The line on which it begins, from 1.
    pub line: usize,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// A text.
    Text(String),
}

impl Node {
    /// The element, to be changed; none for a text.
    pub(crate) fn element_mut(&mut self) -> Option<&mut Element> {
        match self {
            Self::Element(element) => Some(element),
            Self::Text(_) => None,
        }
    }
}

impl Element {
    /// The elements directly in it.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of this name directly in it.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// An attribute by its name without prefix.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All texts in it, one after the other.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.add_text(&mut out);
        out
    }

    fn add_text(&self, out: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Element(element) => element.add_text(out),
            }
        }
    }

    /// It and all elements below it, each before those in it.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Element)) {
        visit(self);
        for element in self.elements() {
            element.each(visit);
        }
    }
}

/// Why a document is not read. It names places and never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct XmlError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, as a sentence.
    pub message: String,
}

/// Reads a document of at most `max_bytes`.
pub fn read(bytes: &[u8], max_bytes: usize) -> Result<Element, XmlError> {
    let text = text_of(bytes, max_bytes)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut tree = Tree::default();
    loop {
        let line = lines.at(reader.buffer_position());
        let (namespace, event) = match reader.read_resolved_event() {
            Ok((ResolveResult::Bound(namespace), event)) => (namespace.as_ref().to_owned(), event),
            Ok((ResolveResult::Unknown(_), Event::Start(_))) => {
                return Err(XmlError {
                    line,
                    message: "The element has a prefix that no xmlns declares.".into(),
                });
            }
            Ok((ResolveResult::Unbound | ResolveResult::Unknown(_), event)) => (String::new(), event),
            Err(_) => {
                return Err(XmlError {
                    line: lines.at(reader.error_position()),
                    message: "The document is not well-formed XML here.".into(),
                });
            }
        };
        if matches!(event, Event::Eof) {
            break;
        }
        tree.take(namespace, event, line).map_err(|message| XmlError {
            line,
            message: message.into(),
        })?;
    }
    if !tree.open.is_empty() {
        return Err(XmlError {
            line: lines.at(text.len() as u64),
            message: "The document ends before its elements do.".into(),
        });
    }
    tree.root.ok_or_else(|| XmlError {
        line: 1,
        message: "The document has no element.".into(),
    })
}

fn text_of(bytes: &[u8], max_bytes: usize) -> Result<&str, XmlError> {
    if bytes.len() > max_bytes {
        return Err(XmlError {
            line: 1,
            message: format!(
                "The document has {} bytes, and at most {max_bytes} are read.",
                bytes.len()
            ),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| XmlError {
        line: 1 + new_lines(&bytes[..e.valid_up_to()]),
        message: "The document is not UTF-8: save it as UTF-8.".into(),
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The document as far as it has been read.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    /// Takes what comes next, or says what is against it.
    fn take(&mut self, namespace: String, event: Event<'_>, line: usize) -> Result<(), &'static str> {
        match event {
            Event::Start(start) => {
                self.count += 1;
                if self.root.is_some() {
                    return Err("The document has more than one root element.");
                }
                if self.open.len() >= MAX_DEPTH {
                    return Err("The document is nested too deeply.");
                }
                if self.count > MAX_ELEMENTS {
                    return Err("The document has too many elements.");
                }
                self.open.push(Element {
                    name: start.local_name().as_ref().to_owned(),
                    namespace,
                    attributes: attributes(&start)?,
                    nodes: Vec::new(),
                    line,
                });
            }
            Event::End(_) => {
                if let Some(done) = self.open.pop() {
                    match self.open.last_mut() {
                        Some(parent) => parent.nodes.push(Node::Element(done)),
                        None => self.root = Some(done),
                    }
                }
            }
            Event::Text(text) => add(&mut self.open, &text.xml10_content()),
            Event::CData(text) => add(&mut self.open, &text.xml10_content()),
            Event::GeneralRef(name) => {
                let resolved = match name.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    Ok(None) => predefined(name.as_ref())
                        .ok_or("The document uses an entity of its own, which is not read.")?,
                    Err(_) => return Err("A character is named by a number that is none."),
                };
                add(&mut self.open, resolved.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => {
                return Err(
                    "The document declares a document type, which is not read. Take the DOCTYPE out.",
                );
            }
            Event::Decl(declaration) => {
                let other = declaration
                    .encoding()
                    .and_then(Result::ok)
                    .is_some_and(|encoding| !encoding.eq_ignore_ascii_case("utf-8"));
                if other {
                    return Err("The document says that it is not UTF-8. Save it as UTF-8.");
                }
            }
            Event::Comment(_) | Event::PI(_) | Event::Empty(_) | Event::Eof => {}
        }
        Ok(())
    }
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, &'static str> {
    let mut found = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| "An attribute is not well-formed.")?;
        if found.len() >= MAX_ATTRIBUTES {
            return Err("The element has too many attributes.");
        }
        if attribute.key.as_ref() == "xmlns" || attribute.key.as_ref().starts_with("xmlns:") {
            continue;
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| "An attribute uses an entity of its own, which is not read.")?;
        found.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    Ok(found)
}

fn add(open: &mut [Element], text: &str) {
    let Some(element) = open.last_mut() else { return };
    match element.nodes.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ => element.nodes.push(Node::Text(text.to_owned())),
    }
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn new_lines(bytes: &[u8]) -> usize {
    bytes.iter().map(|byte| usize::from(*byte == b'\n')).sum()
}

/// Counts lines as far as they are asked for.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, position: u64) -> usize {
        let end = usize::try_from(position)
            .unwrap_or(usize::MAX)
            .clamp(self.at, self.text.len());
        self.line += new_lines(&self.text.as_bytes()[self.at..end]);
        self.at = end;
        self.line
    }
}

/// A text as it stands between tags or in an attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // Signs that XML 1.0 cannot hold at all.
            c if c < ' ' && !matches!(c, '\t' | '\n' | '\r') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(xml: &str) -> Result<Element, XmlError> {
        read(xml.as_bytes(), 1 << 20)
    }

    #[test]
    fn texts_and_attributes_come_as_they_are_meant() {
        let root = text("<?xml version=\"1.0\"?>\n<a x:n=\"1 &lt; 2\" xmlns:x=\"u\"><b>a&amp;b&#x17d2;<![CDATA[<c>]]></b>\n<c/></a>").unwrap();
        assert_eq!(root.attribute("n"), Some("1 < 2"));
        assert_eq!(root.child("b").unwrap().text(), "a&b\u{17d2}<c>");
        assert_eq!(root.child("c").unwrap().line, 3);
    }

    #[test]
    fn namespaces_are_resolved() {
        let root = text("<h:html xmlns=\"m\" xmlns:h=\"x\"><model/></h:html>").unwrap();
        assert_eq!((root.name.as_str(), root.namespace.as_str()), ("html", "x"));
        assert_eq!(root.child("model").unwrap().namespace, "m");
    }

    #[test]
    fn entities_bombs_and_what_is_broken_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\">]><a>&y;</a>";
        let outside = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        for (xml, says) in [
            (bomb, "DOCTYPE"),
            (outside, "DOCTYPE"),
            ("<a>&x;</a>", "entity"),
            ("<a b='&x;'/>", "entity"),
            ("<a><b></a>", "well-formed"),
            ("<a>", "ends"),
            ("", "no element"),
            ("<a/><b/>", "more than one"),
            ("<x:a/>", "prefix"),
            ("<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>", "UTF-8"),
        ] {
            let error = text(xml).expect_err(xml);
            assert!(error.message.contains(says), "{xml}: {error}");
        }
        let deep = "<a>".repeat(MAX_DEPTH + 1) + &"</a>".repeat(MAX_DEPTH + 1);
        assert!(text(&deep).unwrap_err().message.contains("deeply"));
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS));
        assert!(text(&wide).unwrap_err().message.contains("too many elements"));
        assert!(read(b"<a>\n\xff</a>", 100).is_err_and(|e| e.line == 2));
        assert!(read(b"<a/>", 3).is_err());
    }

    #[test]
    fn the_line_of_a_fault_is_told() {
        assert_eq!(text("<a>\n\n<b>&x;</b></a>").unwrap_err().line, 3);
    }
}
