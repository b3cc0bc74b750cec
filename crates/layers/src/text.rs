//! Text as Khmer and English sources write it.

pub(crate) mod number;
mod street;

pub use phteah_planning::text::{is_ignorable, search_form};
pub use street::street_words;

/// A name and a number after it, in the digits that the name itself has: one name never mixes the two systems.
///
/// ```
/// use phteah_layers::text::numbered;
/// assert_eq!(numbered("Tonle Basak", 12), "Tonle Basak 12");
/// assert_eq!(numbered("ទន្លេបាសាក់", 12), "ទន្លេបាសាក់ 12");
/// assert_eq!(numbered("ផ្សារថ្មីទី ១", 12), "ផ្សារថ្មីទី ១ ១២");
/// ```
pub fn numbered(name: &str, number: u32) -> String {
    let digits = number.to_string();
    if !name.chars().any(|c| matches!(c, '០'..='៩')) {
        return format!("{name} {digits}");
    }
    let khmer = digits.chars().map(|digit| {
        let value = digit.to_digit(10).unwrap_or_default();
        char::from_u32(u32::from('០') + value).unwrap_or(digit)
    });
    format!("{name} {}", khmer.collect::<String>())
}

/// Whether a text has characters, seen or not, that matter (a blank cell has none).
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_ignorable(c))
}

/// A column name with case, blanks and punctuation removed, as names from many sources are compared.
pub fn column_key(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            for half in [byte >> 4, byte & 0xf] {
                out.extend(char::from_digit(u32::from(half), 16));
            }
            out
        })
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
