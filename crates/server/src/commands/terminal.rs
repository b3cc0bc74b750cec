//! What is printed. Names and values come from files of strangers, and a terminal obeys what it is sent: signs that are no text are shown as
//! escapes.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::sync::OnceLock;

/// Whether a sign steers a terminal, or turns the direction of the text around it.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A text of several lines, safe to print.
pub fn lines(text: &str) -> String {
    escaped(text, |c| c != '\n' && c != '\t' && steers(c))
}

/// A text on one line, safe to print: what a stranger wrote begins no line of its own.
pub fn line(text: &str) -> String {
    escaped(text, steers)
}

/// JSON that says the same and is safe to print: in its strings, signs that steer a terminal become escapes of JSON.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // All of them lie in the first 65,536 signs of Unicode.
        if c != '\n' && steers(c) {
            // Writing to a text cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            // Writing to a text cannot fail.
            let _ = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Why some of the result could not be printed: a full disk, say.
static NOT_PRINTED: OnceLock<std::io::Error> = OnceLock::new();

/// Prints a result; a reader that has gone away (`| head`) is no reason to fail. What else goes wrong is told by [`not_printed`].
pub fn say(text: impl Display) {
    if let Err(error) = writeln!(std::io::stdout(), "{}", lines(&text.to_string()))
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        // Only the first error is told.
        let _ = NOT_PRINTED.set(error);
    }
}

/// Why some of the result could not be printed, if so.
pub fn not_printed() -> Option<&'static std::io::Error> {
    NOT_PRINTED.get()
}

/// Tells a person something beside the result.
pub fn tell(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{}", lines(&text.to_string()));
}

/// Where the log goes, line by line.
#[derive(Debug, Default, Clone, Copy)]
pub struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        // One event a line, whatever is in it: nobody writes a line of the log by a name with a line break.
        let safe = line(text.trim_end_matches('\n')) + "\n";
        // A log that cannot be written, on a full disk say, stops nothing.
        let _ = std::io::stderr().write_all(safe.as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json() {
        let name = "a\u{202e}b\u{9b}c\u{feff}ភ្នំ\u{1b}";
        let text = serde_json::to_string_pretty(&[name]).unwrap();
        let safe = json(&text);
        assert_eq!(lines(&safe), safe);
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), [name]);
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let nasty = "a\u{1b}[31mb\rc\u{9b}2Jd\u{202e}e\u{7}\nf\tភ្នំ\u{200b}ពេញ";
        assert_eq!(
            lines(nasty),
            "a\\u{1b}[31mb\\u{d}c\\u{9b}2Jd\\u{202e}e\\u{7}\nf\tភ្នំ\u{200b}ពេញ"
        );
        assert!(!line(nasty).contains('\n'));
    }
}
