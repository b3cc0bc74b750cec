//! What spreadsheets do to text. A cell that begins with one of a few signs is a formula to them, and a formula can send what else is in the
//! file to somebody, or start a program. Data come from strangers, so files that people open there hold no such cell.

use std::borrow::Cow;

/// A text as a cell of a CSV: with an apostrophe before it if a spreadsheet would take it for a formula. The apostrophe is not shown there.
/// A text that is nothing but a number stays as it is.
///
/// ```
/// use phteah_layers::export::spreadsheet::cell;
/// assert_eq!(cell("=1+2"), "'=1+2");
/// assert_eq!(cell("Toul Kork"), "Toul Kork");
/// assert_eq!(cell("-11.5"), "-11.5");
/// ```
pub fn cell(text: &str) -> Cow<'_, str> {
    if is_formula(text) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// Whether a spreadsheet may take a text for a formula. Signs of full width count in some languages.
pub fn is_formula(text: &str) -> bool {
    let begins = |c| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    text.starts_with(begins) && !is_number(text)
}

fn is_number(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_what_is_none() {
        for formula in [
            "=HYPERLINK(\"http://x\")",
            "+855 12 345 678",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "-",
            "=",
            "+inf",
            "-nan",
            "＝1",
        ] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        for text in ["", "a=1", "-5", "+5", "-1.5e3", "1", "'x", " =1", "ផ្ទះ"] {
            assert_eq!(cell(text), text);
        }
    }
}
