//! Text as Khmer and English sources write it.

/// The form of a name that searching compares: zero-width spaces and joiners (which Khmer text carries between words, or does not) and
/// surrounding blanks removed, inner blanks made single, letters lower-cased.
///
/// ```
/// assert_eq!(phteah_layers::text::search_form("ទួល\u{200b}គោក "), phteah_layers::text::search_form("ទួលគោក"));
/// assert_eq!(phteah_layers::text::search_form("  Tuol  Kouk"), "tuol kouk");
/// ```
pub fn search_form(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !is_zero_width(*c)).collect();
    visible
        .split_whitespace()
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Zero-width space, non-joiner, joiner, word joiner, byte-order mark and soft hyphen: none of them is seen.
fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Whether a text has characters, seen or not, that matter (a blank cell has none).
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_zero_width(c))
}

/// A column name with case, blanks and punctuation removed, as names from many sources are compared.
pub fn column_key(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A number as people read it in a report: `12,345`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
