//! The form of a text that searching compares.

use unicode_normalization::UnicodeNormalization;

use super::khmer;

/// The form of a text that searching compares, in every place that searches: the stored `name_search` and what is looked for both pass
/// through here. It is for comparing alone and is never shown.
///
/// It makes one of what people see or mean as one:
///
/// * signs that are not seen (zero-width spaces and joiners, direction marks, Khmer's inherent vowels, variation selectors, control signs);
/// * composed and decomposed letters (NFKD), capitals and small letters, and Latin letters with and without their marks (`é`, `e`);
/// * orders and spellings of Khmer signs that look alike: coeng DA and TA, coeng RO first or last, a vowel before its coeng, a vowel typed in
///   two parts, independent vowels, `ំ` and `ម្`;
/// * Khmer and Latin digits, and a blank before a number or none (`ទី ១`, `ទី1`);
/// * any blanks between words.
///
/// A pattern of `LIKE` may pass through it too: `%`, `_` and `\` stay what they are. A part of a name is found if it was cut between letters;
/// cut inside a Khmer syllable it may not be, as its signs stand in another order there.
///
/// ```
/// use phteah_planning::text::search_form;
/// assert_eq!(search_form("ទួល\u{200b}គោក "), search_form("ទួលគោក"));
/// assert_eq!(search_form("ស្រ្តី"), search_form("ស្ត្រី"));
/// assert_eq!(search_form("ផ្សារថ្មីទី ១"), search_form("ផ្សារថ្មីទី1"));
/// assert_eq!(search_form("  Tuol  KOUK"), "tuol kouk");
/// assert_eq!(search_form("%Boeung Kâk\u{200e}%"), "%boeung kak%");
/// ```
pub fn search_form(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| !is_ignorable(*c))
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    // Before decomposition, whose order of signs tears coengs from their letters.
    let folded: String = khmer::ordered(&plain)
        .nfkd()
        .filter(|c| !is_ignorable(*c) && !is_latin_mark(*c))
        .flat_map(char::to_lowercase)
        .map(latin_digit)
        .collect();
    joined(&folded)
}

/// A text with single blanks, and none before a number unless another number is before it.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        if !out.is_empty() && (!number || out.ends_with(|c: char| c.is_ascii_digit())) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Khmer's digits as Latin ones.
fn latin_digit(c: char) -> char {
    match c {
        '០'..='៩' => char::from_digit(u32::from(c) - u32::from('០'), 10).unwrap_or(c),
        c => c,
    }
}

fn is_latin_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Signs that nobody sees: what Unicode calls default-ignorable, other format signs, and control signs that are no blanks.
pub fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || (c.is_control() && !c.is_whitespace())
}
