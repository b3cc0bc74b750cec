//! CQL2 text into words, numbers, texts and signs.

use super::{FilterError, Result, shown};

/// A piece of the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// An identifier or a keyword, as written.
    Word(String),
    /// An identifier in double quotes: never a keyword.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    /// A number without its sign.
    Number(f64),
    /// An operator, a bracket or a comma.
    Sign(&'static str),
    /// Nothing is left.
    End,
}

/// Longer signs first.
const SIGNS: [&str; 14] = [
    "<>", "<=", ">=", "<", ">", "=", "(", ")", ",", "+", "-", "*", "/", "%",
];
const POWER: &str = "^";

/// Cuts a text into tokens, [`Token::End`] last.
pub fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' => enclosed(rest, '\'').map(|(text, n)| (Token::Text(text), n))?,
            '"' => enclosed(rest, '"').map(|(text, n)| (Token::Quoted(text), n))?,
            c if c.is_ascii_digit() || c == '.' => number(rest)?,
            c if starts_a_word(c) => {
                let end = rest.find(|c| !continues_a_word(c)).unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
            _ => {
                let sign = SIGNS
                    .into_iter()
                    .chain([POWER])
                    .find(|sign| rest.starts_with(sign))
                    .ok_or_else(|| {
                        FilterError::new(format!(
                            "'{}' cannot stand in a filter.",
                            shown(&first.to_string())
                        ))
                    })?;
                (Token::Sign(sign), sign.len())
            }
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    found.push(Token::End);
    Ok(found)
}

fn starts_a_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == ':'
}

/// Khmer words hold marks and zero-width spaces that count as neither letters nor digits.
fn continues_a_word(c: char) -> bool {
    starts_a_word(c) || c.is_ascii_digit() || c == '.' || !(c.is_ascii() || c.is_whitespace())
}

/// What stands between two quotes, doubled ones standing for themselves, and its length in bytes. In single quotes a backslash escapes as
/// well (/req/cql2-text/escaping).
fn enclosed(text: &str, quote: char) -> Result<(String, usize)> {
    let mut inside = String::new();
    let mut signs = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = signs.next() {
        if c == '\\' && quote == '\'' {
            let escaped = signs.peek().and_then(|(_, next)| escaped(*next));
            inside.push(escaped.unwrap_or(c));
            if escaped.is_some() {
                signs.next();
            }
        } else if c != quote {
            inside.push(c);
        } else if signs.peek().is_some_and(|(_, next)| *next == quote) {
            inside.push(quote);
            signs.next();
        } else {
            return Ok((inside, at + 1));
        }
    }
    Err(FilterError::new(format!(
        "A quote is opened and never closed before {}.",
        shown(text)
    )))
}

/// What a sign behind a backslash stands for. Before any other sign the backslash stays: in a pattern of LIKE it means something.
fn escaped(sign: char) -> Option<char> {
    Some(match sign {
        '\'' | '\\' => sign,
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        _ => return None,
    })
}

fn number(text: &str) -> Result<(Token, usize)> {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let after = digits(end + 1 + sign);
        if after > end + 1 + sign {
            end = after;
        }
    }
    let value: Option<f64> = text[..end].parse().ok().filter(|n: &f64| n.is_finite());
    let value = value.ok_or_else(|| FilterError::new(format!("'{}' is no number.", shown(&text[..end]))))?;
    Ok((Token::Number(value), end))
}
