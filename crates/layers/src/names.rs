//! Whether two names mean one place. Codes do not say it: the same six digits can name another sangkat in another year.
//!
//! Names are compared by edit distance after what varies without meaning is taken away: what [`search_form`] folds, blanks, punctuation and
//! words for the level ("Sangkat", សង្កាត់). The number at the end of a name, in words or digits, is part of it: *Boeng Kak Ti Muoy* and *Boeng Kak Ti Pir* are two places.

use crate::text::search_form;

/// The largest share of letters by which two spellings of one name differ.
const TOLERANCE: f64 = 0.34;

/// Names in English letters and in Khmer, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names<'a> {
    /// In English letters.
    pub en: Option<&'a str>,
    /// In Khmer.
    pub km: Option<&'a str>,
}

/// What two sets of names say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same place: in no script do they differ, in one at least they agree.
    Same,
    /// Not the same place: in one script at least they differ.
    Different,
    /// There is no script in which both have a name.
    Unknown,
}

impl<'a> Names<'a> {
    /// Names, blank ones left out.
    pub fn new(en: Option<&'a str>, km: Option<&'a str>) -> Self {
        let some = |name: &'a str| !crate::text::is_blank(name);
        Self {
            en: en.filter(|name| some(name)),
            km: km.filter(|name| some(name)),
        }
    }

    /// Whether both mean one place.
    pub fn compared(self, other: Self) -> Likeness {
        let pairs = [self.en.zip(other.en), self.km.zip(other.km)];
        let mut known = pairs.into_iter().flatten().peekable();
        if known.peek().is_none() {
            return Likeness::Unknown;
        }
        if known.all(|(a, b)| difference(a, b) <= TOLERANCE) {
            Likeness::Same
        } else {
            Likeness::Different
        }
    }

    /// Of several, the index of the only one that means this place; the nearest where several spellings would do, `None` where two are as near.
    pub fn find(self, candidates: impl IntoIterator<Item = Self>) -> Option<usize> {
        let mut near: Vec<(f64, usize)> = candidates
            .into_iter()
            .enumerate()
            .filter(|(_, other)| self.compared(*other) == Likeness::Same)
            .map(|(index, other)| (self.distance(other), index))
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        match near[..] {
            [] => None,
            [(_, only)] => Some(only),
            [(first, index), (second, _), ..] => (first < second).then_some(index),
        }
    }

    fn distance(self, other: Self) -> f64 {
        let pairs = [self.en.zip(other.en), self.km.zip(other.km)];
        pairs.into_iter().flatten().map(|(a, b)| difference(a, b)).sum()
    }
}

/// How much two names of one script differ: 0 the same, 1 nothing in common. Names that end in other numbers differ wholly. A name that was cut
/// off (`*` at its end) is compared as far as it goes.
///
/// ```
/// use phteah_layers::names::difference;
/// assert_eq!(difference("Sangkat Tuek L'ak Ti Bei", "tuek lak 3"), 0.0);
/// assert_eq!(difference("Boeng Kak Ti Muoy", "Boeng Kak Ti Pir"), 1.0);
/// assert!(difference("Phnom Penh Thmei", "Phnum Penh Thmei") < 0.1);
/// assert!(difference("Kouk Roka", "Preaek Lieb") > 0.5);
/// ```
pub fn difference(a: &str, b: &str) -> f64 {
    let cut = |name: &str| name.trim_end().ends_with(['*', '…']);
    let cut = (cut(a), cut(b));
    let (a, b) = (Key::of(a), Key::of(b));
    let whole = !cut.0 && !cut.1;
    let value = |key: &Key| key.number.as_ref().map(|(n, _)| *n);
    if whole && value(&a) != value(&b) {
        return 1.0;
    }
    let (mut a, mut b) = (a.letters(!whole), b.letters(!whole));
    if cut.0 {
        b.truncate(a.len());
    }
    if cut.1 {
        a.truncate(b.len());
    }
    let longest = a.len().max(b.len());
    if longest == 0 {
        return if whole { 0.0 } else { 1.0 };
    }
    edits(&a, &b) as f64 / longest as f64
}

/// A name without what varies.
struct Key {
    letters: Vec<char>,
    /// The number at its end, in digits, and in the word in which it stood.
    number: Option<(u32, Vec<char>)>,
}

/// Words for the level of a division, which some write before its name.
const LEVELS: [&str; 11] = [
    "sangkat", "khan", "khum", "commune", "district", "phum", "village", "krong", "quarter", "s/k", "k.",
];
const LEVELS_KM: [&str; 5] = ["សង្កាត់", "ខណ្ឌ", "ឃុំ", "ភូមិ", "ក្រុង"];

/// Numbers as names spell them.
const NUMBERS: [(&str, u32); 20] = [
    ("muoy", 1),
    ("mouy", 1),
    ("muay", 1),
    ("pir", 2),
    ("pi", 2),
    ("bei", 3),
    ("bey", 3),
    ("buon", 4),
    ("boun", 4),
    ("pram", 5),
    ("prammuoy", 6),
    ("i", 1),
    ("ii", 2),
    ("iii", 3),
    ("iv", 4),
    ("មួយ", 1),
    ("ពីរ", 2),
    ("បី", 3),
    ("បួន", 4),
    ("ប្រាំ", 5),
];

impl Key {
    fn of(name: &str) -> Self {
        let mut plain: String = search_form(name)
            .chars()
            .map(|c| if c == '-' || c == '_' { ' ' } else { c })
            .collect();
        for level in LEVELS_KM {
            if let Some(rest) = plain.strip_prefix(&search_form(level))
                && !rest.trim().is_empty()
            {
                plain = rest.trim().to_owned();
            }
        }
        let mut words: Vec<String> = plain.split_whitespace().map(str::to_owned).collect();
        while words.len() > 1 && LEVELS.contains(&words[0].as_str()) {
            words.remove(0);
        }
        let number = number(&mut words);
        let letters = words
            .concat()
            .chars()
            .filter(|c| c.is_alphanumeric() || is_khmer(*c))
            .collect();
        Self { letters, number }
    }

    /// The letters, with the number's word where that cannot be compared as a number.
    fn letters(self, with_number: bool) -> Vec<char> {
        let mut letters = self.letters;
        if let (true, Some((_, word))) = (with_number, self.number) {
            letters.extend(word);
        }
        letters
    }
}

/// Takes the number off the end of a name: `ti 2`, `ti pir`, `ទី ២`, `ទី២`, `2`.
fn number(words: &mut Vec<String>) -> Option<(u32, Vec<char>)> {
    let last = words.last()?.clone();
    let value = |word: &str| {
        let known = NUMBERS
            .iter()
            .find(|(name, _)| search_form(name) == word)
            .map(|(_, n)| *n);
        word.parse::<u32>().ok().or(known)
    };
    let khmer = &search_form("ទី");
    let khmer = khmer.as_str();
    // In Khmer the number stands without a blank, as often as with one.
    let at = last.rfind(khmer).map(|at| at + khmer.len());
    if let Some((n, at)) = at.and_then(|at| Some((value(&last[at..])?, at))) {
        let stem = last[..at - khmer.len()].to_owned();
        words.pop();
        words.push(stem);
        return Some((n, last[at..].chars().collect()));
    }
    let digits = last.len() - last.bytes().rev().take_while(u8::is_ascii_digit).count();
    if digits > 0 && digits < last.len() {
        let n = last[digits..].parse().ok()?;
        let stem = last[..digits]
            .strip_suffix(khmer)
            .unwrap_or(&last[..digits])
            .to_owned();
        words.pop();
        if stem != "ti" || words.is_empty() {
            words.push(stem);
        }
        return Some((n, last[digits..].chars().collect()));
    }
    let n = value(&last).filter(|_| words.len() > 1)?;
    words.pop();
    let mut word: Vec<char> = last.chars().collect();
    if let Some(ordinal) = words
        .last()
        .filter(|word| *word == "ti" || word.ends_with(khmer))
        .cloned()
        && words.len() > usize::from(ordinal == "ti" || ordinal == khmer)
    {
        words.pop();
        let stem = ordinal.strip_suffix(khmer).unwrap_or("");
        if !stem.is_empty() {
            words.push(stem.to_owned());
        }
        if ordinal == "ti" {
            word.splice(0..0, "ti".chars());
        }
    }
    Some((n, word))
}

fn is_khmer(c: char) -> bool {
    ('\u{1780}'..='\u{17ff}').contains(&c)
}

/// The least number of letters to add, remove or replace (Levenshtein 1966).
pub(crate) fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact values are meant")]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place() {
        for (a, b) in [
            ("Phnom Penh Thmei", "Phnum Penh Thmei"),
            ("Chey Chummeah", "Chey Chumneah"),
            ("Krang Pongro", "Krang Pungro"),
            ("Chrang Chamreh Ti P*", "Chrang Chamreh Ti Pir"),
            ("Kilomaetr Lekh Pram*", "Kiloumaet Lekh Prammuoy"),
            ("Phsar Depo Ti Bei", "Phsar Depou TI Bei"),
            ("Sangkat Olympic", "OLYMPIC"),
            ("Boeng Keng Kang 1", "Boeng Keng Kang Ti Muoy"),
            ("ផ្សារកណ្ដាលទី១", "ផ្សារកណ្តាលទី ១"),
            ("សង្កាត់វត្ដភ្នំ", "វត្តភ្នំ"),
            ("បឹងកក់ ទី ២", "បឹងកក់ទី2"),
        ] {
            assert!(difference(a, b) <= TOLERANCE, "{a} {b}: {}", difference(a, b));
            assert_eq!(difference(a, b), difference(b, a));
        }
    }

    #[test]
    fn two_places() {
        for (a, b) in [
            ("Boeng Kak Ti Muoy", "Boeng Kak Ti Pir"),
            ("ផ្សារថ្មីទី ១", "ផ្សារថ្មីទី ៣"),
            ("Kouk Roka", "Preaek Lieb"),
            ("Preaek Lieb", "Preaek Phnov"),
            ("Preaek Pra", "Punsang"),
            ("Samraong", "Bak Khaeng"),
            ("Nirouth", "Pounhea Pun"),
            ("Tuol Sangke", "Tuol Sangke Ti Pir"),
            ("ព្រែកលៀប", "គោករកា"),
            ("", "Olympic"),
        ] {
            assert!(difference(a, b) > TOLERANCE, "{a} {b}: {}", difference(a, b));
        }
    }

    #[test]
    fn both_scripts_count() {
        let file = Names::new(Some("Kouk Roka"), Some("គោករកា"));
        assert_eq!(file.compared(Names::new(Some("Kouk Roka"), None)), Likeness::Same);
        assert_eq!(
            file.compared(Names::new(Some("Kouk Roka"), Some("ព្រែកលៀប"))),
            Likeness::Different
        );
        assert_eq!(
            Names::new(Some("A"), None).compared(Names::new(None, Some("ក"))),
            Likeness::Unknown
        );
        assert_eq!(Names::new(Some(" "), None).compared(file), Likeness::Unknown);
    }

    #[test]
    fn found_by_name() {
        let all = ["Preaek Lieb", "Kouk Roka", "Kouk Rokar"].map(|en| Names::new(Some(en), None));
        assert_eq!(Names::new(Some("kouk roka"), None).find(all), Some(1));
        assert_eq!(Names::new(Some("Olympic"), None).find(all), None);
        let twice = ["Samraong", "Samraong"].map(|en| Names::new(Some(en), None));
        assert_eq!(Names::new(Some("Samraong"), None).find(twice), None);
    }
}
