//! What a person may have meant: the field nearest to a name that no role knows, columns that may fill what nothing fills.

use crate::schema::{FieldSpec, Role};
use crate::text::column_key;

/// Says that a role has no such field, which one may be meant, and how to store it all the same.
pub(crate) fn unknown_field(role: Role, name: &str, extra: &str) -> String {
    let mut known = vec!["id"];
    known.extend(role.fields().iter().map(|spec| spec.name));
    let meant = nearest(role, name).map_or_else(String::new, |field| format!(" Did you mean '{field}'?"));
    format!(
        "{role} have no field '{name}'.{meant} The fields are: {}. To store it as a field of its own, {extra}",
        known.join(", ")
    )
}

/// The field that a name means: by one of the names that sources use, else by its letters.
fn nearest(role: Role, name: &str) -> Option<&'static str> {
    let key = column_key(name);
    let called = |spec: &FieldSpec| spec.synonyms.iter().any(|other| column_key(other) == key);
    if let Some(spec) = role.fields().iter().find(|spec| called(spec)) {
        return Some(spec.name);
    }
    let fields = role.fields().iter().map(|spec| spec.name);
    let (field, distance) = fields
        .map(|field| (field, strsim::damerau_levenshtein(&column_key(field), &key)))
        .min_by_key(|(_, distance)| *distance)?;
    (distance <= 1 + key.len() / 4).then_some(field)
}

/// For fields that nothing fills, columns that are not taken and share a word with a name of the field: `households: TOT_FAMILY (--map …)`.
pub(super) fn columns(unfilled: &[&'static FieldSpec], not_taken: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for spec in unfilled {
        let names = || std::iter::once(spec.name).chain(spec.synonyms.iter().copied());
        let fits = |column: &&String| {
            !crate::personal::is_personal(column) && names().any(|name| alike(name, column))
        };
        if let Some(column) = not_taken.iter().find(fits) {
            found.push(format!("{0}: {column} (--map {0}={column})", spec.name));
        }
    }
    found
}

/// Words too common to mean anything alone.
const COMMON: [&str; 12] = [
    "name", "code", "date", "type", "number", "of", "no", "num", "min", "max", "level", "class",
];

/// Whether two names share a telling word, whole or cut short as the ten letters of a DBF cut it.
fn alike(name: &str, column: &str) -> bool {
    let (a, b) = (stems(name), stems(column));
    let telling = |word: &String| word.len() >= 4 && !COMMON.contains(&word.as_str());
    let shared = a.iter().filter(|word| telling(word)).any(|word| {
        b.iter()
            .any(|other| other == word || (word.len() > 5 && cut(word, other)))
    });
    shared || cut(&column_key(name), &column_key(column))
}

/// Whether one is the beginning of the other and long enough to say so.
fn cut(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= 5 && long.starts_with(short)
}

/// The words of a name in the singular.
fn stems(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let word = word.to_lowercase();
            if let Some(stem) = word.strip_suffix("ies") {
                return format!("{stem}y");
            }
            word.strip_suffix('s').map_or_else(|| word.clone(), str::to_owned)
        })
        .collect()
}
