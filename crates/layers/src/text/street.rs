//! Names of streets as people write them: with and without a word for "street", with digits of either script.

use std::sync::LazyLock;

use super::search_form;

/// Words that say that it is a street, in the form that searching compares, and the signs before its number.
const LATIN: [&str; 24] = [
    "street",
    "streets",
    "str",
    "st",
    "road",
    "rd",
    "boulevard",
    "boul",
    "blvd",
    "blv",
    "bvd",
    "bd",
    "avenue",
    "ave",
    "av",
    "lane",
    "ln",
    "no",
    "number",
    "rue",
    "phlov",
    "phlauv",
    "vithei",
    "moha",
];

/// The same in Khmer, where nothing stands between the word and the name; the longer before those that begin them.
const KHMER: [&str; 4] = ["មហាវិថី", "វិថី", "ផ្លូវ", "លេខ"];

static KHMER_FORMS: LazyLock<Vec<String>> =
    LazyLock::new(|| KHMER.iter().map(|word| search_form(word)).collect());

/// The words by which a street is known: its name without what only says that it is a street. Numbers are words of their own, and a letter
/// after a number belongs to it. Two names with the same words are one name.
///
/// ```
/// use phteah_layers::text::street_words;
/// for name in ["Street 271", "St. 271", "st271", "#271", "ផ្លូវ ២៧១", "ផ្លូវលេខ២៧១", "271"] {
///     assert_eq!(street_words(name), ["271"], "{name}");
/// }
/// assert_eq!(street_words("Preah Monivong Blvd (93)"), ["preah", "monivong", "93"]);
/// assert_eq!(street_words("St 271BT"), ["271bt"]);
/// assert_eq!(street_words("Street"), ["street"]);
/// ```
pub fn street_words(name: &str) -> Vec<String> {
    let form = search_form(name);
    let all: Vec<String> = words(&form);
    let telling: Vec<String> = all
        .iter()
        .filter_map(|word| without_designators(word))
        .filter(|word| !LATIN.contains(&word.as_str()))
        .collect();
    // A street that has no other name is known by the word for it.
    if telling.is_empty() { all } else { telling }
}

fn words(form: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for c in form.chars() {
        let kind = kind(c);
        let joins = match (before, kind) {
            (_, Kind::Between) | (None | Some(Kind::Between), _) => false,
            // 271BT is one number; but the letters before a number are a word of their own.
            (Some(Kind::Digit), Kind::Latin) => true,
            (Some(last), now) => last == now,
        };
        if kind != Kind::Between {
            match words.last_mut() {
                Some(word) if joins => word.push(c),
                _ => words.push(c.to_string()),
            }
        }
        before = Some(kind);
    }
    words
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Digit,
    Latin,
    Khmer,
    Between,
}

fn kind(c: char) -> Kind {
    match c {
        '\u{1780}'..='\u{17d3}' | '\u{17dc}' | '\u{17dd}' => Kind::Khmer,
        c if c.is_ascii_digit() => Kind::Digit,
        // Signs within a name, as in L'ak, part nothing.
        c if c.is_alphanumeric() || c == '\'' || c == '’' => Kind::Latin,
        _ => Kind::Between,
    }
}

/// A Khmer word without the words for a street before and after it.
fn without_designators(word: &str) -> Option<String> {
    if !word.chars().any(|c| kind(c) == Kind::Khmer) {
        return Some(word.to_owned());
    }
    let mut rest = word;
    while let Some(shorter) = KHMER_FORMS.iter().find_map(|form| {
        rest.strip_prefix(form.as_str())
            .or_else(|| rest.strip_suffix(form.as_str()))
    }) {
        rest = shorter;
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_for_a_street_says_nothing_in_either_script() {
        for name in [
            "Preah Norodom Boulevard",
            "preah norodom blvd.",
            "Boulevard Preah Norodom",
            "PREAH NORODOM",
        ] {
            assert_eq!(street_words(name), ["preah", "norodom"], "{name}");
        }
        for name in ["មហាវិថីព្រះនរោត្តម", "វិថី ព្រះនរោត្តម", "ព្រះនរោត្ដម"]
        {
            assert_eq!(street_words(name), street_words("ព្រះនរោត្តម"), "{name}");
            assert_eq!(street_words(name).len(), 1, "{name}");
        }
    }

    #[test]
    fn numbers_stand_alone_and_keep_their_letters() {
        assert_eq!(street_words("National Road 6A"), ["national", "6a"]);
        assert_eq!(street_words("ផ្លូវជាតិលេខ៦"), [search_form("ជាតិ"), "6".to_owned()]);
        assert_eq!(street_words("St. 271 / St. 430"), ["271", "430"]);
        assert_eq!(street_words("2004"), ["2004"]);
        assert_ne!(street_words("Street 27"), street_words("Street 271"));
    }

    #[test]
    fn names_of_signs_alone_have_no_words() {
        for name in ["", "  ", "—", "#", "…", "\u{200b}"] {
            assert_eq!(street_words(name), Vec::<String>::new(), "{name:?}");
        }
    }
}
