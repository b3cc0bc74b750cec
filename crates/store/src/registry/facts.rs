//! What the store itself reads in events: where a household lives, what its people are called, what tells two records of one family.

use phteah_registry::event::{Event, FactPath, Kind, Value};
use phteah_registry::vocabulary::path;

use super::seal::DataKey;

/// The longest text that counts as a sangkat, a name or a number, in bytes.
const MAX_BYTES: usize = 400;

/// The sangkats that an event names; `None` where it says nothing of where the household lives.
pub(crate) fn sangkats(event: &Event) -> Option<Vec<String>> {
    Some(vec![word(event.facts.get(path::SANGKAT)?)?])
}

/// Whether an event hides a household, or shows it again; `None` where it says nothing of it.
pub(crate) fn hidden(event: &Event) -> Option<bool> {
    event.facts.get(path::HIDDEN)?.as_bool()
}

/// The code on the household's card, where an event says it.
pub(crate) fn code(event: &Event) -> Option<String> {
    super::search::card_code(&word(event.facts.get(path::CARD)?)?)
}

/// Names that an event gives to people of the household.
pub(crate) fn names(event: &Event) -> impl Iterator<Item = &str> {
    event
        .facts
        .iter()
        .filter(|(path, _)| is_name(path))
        .filter_map(|(_, value)| {
            value
                .as_text()
                .map(str::trim)
                .filter(|text| !text.is_empty() && text.len() <= MAX_BYTES)
        })
}

/// Keyed hashes of what identifies a family: telephone numbers by their digits, cards by their letters and digits.
pub(crate) fn blind<'a>(event: &'a Event, key: &'a DataKey) -> impl Iterator<Item = u64> + 'a {
    event.facts.iter().filter_map(|(path, value)| {
        let kind = identifier(path)?;
        blind_of(kind, &word(value)?, key)
    })
}

/// What sort of identifier a fact is.
#[derive(Clone, Copy)]
pub(crate) enum Identifier {
    /// A telephone number.
    Phone,
    /// The number of an ID Poor card.
    Card,
}

/// The keyed hash of one number; `None` where too little of it is there to tell anybody apart.
pub(crate) fn blind_of(kind: Identifier, text: &str, key: &DataKey) -> Option<u64> {
    let (name, plain) = match kind {
        Identifier::Phone => ("phone", national(text)),
        Identifier::Card => {
            let signs = text.chars().filter(|c| c.is_alphanumeric());
            ("card", signs.flat_map(char::to_uppercase).collect())
        }
    };
    if plain.chars().count() < 6 {
        return None;
    }
    let hash = key.blind(&[b"identifier", name.as_bytes(), plain.as_bytes()]);
    hash.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

/// The digits of a number without the country's code (855) or the leading 0, so that `+855 12 345 678` is `012 345 678`.
fn national(text: &str) -> String {
    let digits: String = text
        .chars()
        .filter_map(|c| c.to_digit(10).or_else(|| khmer_digit(c)))
        .map(|d| char::from(b'0' + d as u8))
        .collect();
    let bare = digits.strip_prefix("00").unwrap_or(&digits);
    bare.strip_prefix("855")
        .unwrap_or(bare)
        .trim_start_matches('0')
        .to_owned()
}

fn khmer_digit(c: char) -> Option<u32> {
    ('\u{17e0}'..='\u{17e9}')
        .contains(&c)
        .then(|| u32::from(c) - 0x17e0)
}

fn last_name(path: &FactPath) -> &str {
    path.field().rsplit('.').next().unwrap_or_default()
}

fn is_name(path: &FactPath) -> bool {
    let last = last_name(path);
    last == "name" || last.starts_with("name_") || last.ends_with("_name")
}

fn identifier(path: &FactPath) -> Option<Identifier> {
    let last = last_name(path);
    if last.contains("phone") || last == "telephone" {
        Some(Identifier::Phone)
    } else if last.starts_with("id_poor") || last.starts_with("idpoor") || last.ends_with("_card") {
        Some(Identifier::Card)
    } else {
        None
    }
}

fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::Text(text) => text.trim().to_owned(),
        Value::Number(number) => number.as_str().to_owned(),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= MAX_BYTES).then_some(text)
}

/// The site and plot that an event gives to its household.
pub(crate) fn plot(event: &Event) -> Option<(&str, &str)> {
    let gives = matches!(event.kind, Kind::Moved | Kind::Offered | Kind::Accepted);
    let site = event.site().filter(|_| gives)?;
    Some((site, event.text("plot")?))
}

/// Whether an event gives back what plots its household had.
pub(crate) fn gives_plots_back(event: &Event) -> bool {
    matches!(event.kind, Kind::Left | Kind::Declined | Kind::Moved)
}
