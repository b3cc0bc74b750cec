//! The words of an SQL definition: enough to say what it defines, from where it takes, and which functions it calls.

/// A word of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword or a plain name, in lower case.
    Word(String),
    /// A name or text in any kind of quotes, in lower case.
    Quoted(String),
    /// Anything else, sign by sign.
    Sign(char),
}

impl Token {
    /// Whether it is this keyword.
    pub fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word == keyword)
    }

    /// The name that it may be.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Sign(_) => None,
        }
    }
}

/// Takes a definition apart. Comments are left out; quotes that do not end last to the end.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '-' if rest.peek() == Some(&'-') => while rest.next().is_some_and(|c| c != '\n') {},
            '/' if rest.peek() == Some(&'*') => {
                let mut before = ' ';
                rest.next();
                for c in rest.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            '\'' | '"' | '`' | '[' => {
                let end = if c == '[' { ']' } else { c };
                let mut text = String::new();
                while let Some(c) = rest.next() {
                    if c == end {
                        if end == ']' || rest.peek() != Some(&end) {
                            break;
                        }
                        rest.next();
                    }
                    text.push(c);
                }
                tokens.push(Token::Quoted(text.to_lowercase()));
            }
            c if is_of_name(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| is_of_name(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word.to_lowercase()));
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// Keywords after which a bracket opens no call.
const BEFORE_BRACKETS: &[&str] = &[
    "all",
    "and",
    "as",
    "between",
    "by",
    "case",
    "check",
    "collate",
    "default",
    "distinct",
    "else",
    "escape",
    "except",
    "exists",
    "filter",
    "from",
    "glob",
    "having",
    "in",
    "intersect",
    "into",
    "is",
    "join",
    "key",
    "like",
    "limit",
    "not",
    "offset",
    "on",
    "or",
    "over",
    "select",
    "then",
    "union",
    "unique",
    "using",
    "values",
    "when",
    "where",
];

/// The names of all functions (and tables that take arguments) that are called.
pub(super) fn calls(tokens: &[Token]) -> impl Iterator<Item = &str> {
    tokens.windows(2).filter_map(|pair| match pair {
        [Token::Word(word), Token::Sign('(')] if BEFORE_BRACKETS.contains(&word.as_str()) => None,
        [before, Token::Sign('(')] => before.name(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_quotes_comments_and_calls() {
        let sql =
            "CREATE/* a */VIEW -- b\n v AS SELECT \"Load\"\"It\" ( 'it''s' ), [x y](1), a IN (1) FROM t";
        let tokens = tokens(sql);
        assert!(tokens[0].is("create") && tokens[1].is("view") && tokens[2].is("v"));
        assert_eq!(calls(&tokens).collect::<Vec<_>>(), ["load\"it", "x y"]);
        assert!(super::tokens("'open").len() == 1 && super::tokens("/* open").is_empty());
    }
}
