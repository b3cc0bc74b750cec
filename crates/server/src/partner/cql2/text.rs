//! CQL2 text, by recursive descent: or, and, not, predicate, sum, product, power, value. No backtracking, bounded depth.

use super::ast::{Arithmetic, Comparison, Expr, date, timestamp};
use super::lexer::{Token, tokens};
use super::{About, Budget, FilterError, Result, shown, wkt};

/// Words that end an expression or join two, and so are no fields unless quoted.
const KEYWORDS: [&str; 10] = [
    "and", "or", "not", "like", "between", "in", "is", "null", "true", "false",
];

pub fn parse(text: &str) -> Result<Expr> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        budget: Budget::default(),
    };
    if parser.peek() == &Token::End {
        return Err(FilterError::new("The filter is empty."));
    }
    let expr = parser.either()?;
    match parser.peek() {
        Token::End => Ok(expr),
        other => Err(FilterError::new(format!(
            "The filter could not be read from {} on.",
            named(other)
        ))),
    }
}

pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    budget: Budget,
}

impl Parser {
    pub fn peek(&self) -> &Token {
        // The last token is `End`, and nothing steps over it.
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    pub fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += usize::from(token != Token::End);
        token
    }

    pub fn node(&mut self) -> Result<()> {
        self.budget.node()
    }

    pub fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.at += usize::from(found);
        found
    }

    pub fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(w) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, sign: &str) -> Result<()> {
        if self.take_sign(sign) {
            return Ok(());
        }
        Err(FilterError::new(format!(
            "A '{sign}' is missing before {}.",
            named(self.peek())
        )))
    }

    fn either(&mut self) -> Result<Expr> {
        self.budget.enter()?;
        let mut parts = vec![self.all()?];
        while self.take_word("or") {
            parts.push(self.all()?);
        }
        self.budget.leave();
        Ok(if parts.len() > 1 {
            Expr::Or(parts)
        } else {
            parts.remove(0)
        })
    }

    fn all(&mut self) -> Result<Expr> {
        let mut parts = vec![self.negated()?];
        while self.take_word("and") {
            parts.push(self.negated()?);
        }
        Ok(if parts.len() > 1 {
            Expr::And(parts)
        } else {
            parts.remove(0)
        })
    }

    fn negated(&mut self) -> Result<Expr> {
        let mut negations = 0_usize;
        while self.take_word("not") {
            self.node()?;
            negations += 1;
        }
        let expr = self.predicate()?;
        Ok(if negations % 2 == 1 {
            Expr::Not(Box::new(expr))
        } else {
            expr
        })
    }

    fn predicate(&mut self) -> Result<Expr> {
        let left = self.sum()?;
        if let Token::Sign(sign) = *self.peek()
            && let Some(op) = Comparison::from_sign(sign)
        {
            self.next();
            return Ok(Expr::Compare(op, left.into(), self.sum()?.into()));
        }
        if self.take_word("is") {
            let not = self.take_word("not");
            if !self.take_word("null") {
                return Err(FilterError::new("After IS there must be NULL or NOT NULL."));
            }
            return Ok(negate(not, Expr::IsNull(left.into())));
        }
        let not = self.take_word("not");
        let expr = if self.take_word("like") {
            Expr::Like(left.into(), self.sum()?.into())
        } else if self.take_word("between") {
            let low = self.sum()?;
            if !self.take_word("and") {
                return Err(FilterError::new("BETWEEN needs two bounds: x BETWEEN 1 AND 2."));
            }
            Expr::Between(left.into(), low.into(), self.sum()?.into())
        } else if self.take_word("in") {
            self.expect("(")?;
            Expr::In(left.into(), self.list()?)
        } else if not {
            return Err(FilterError::new("After NOT there must be LIKE, BETWEEN or IN."));
        } else {
            return Ok(left);
        };
        Ok(negate(not, expr))
    }

    fn sum(&mut self) -> Result<Expr> {
        self.chain(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Result<Expr> {
        self.chain(&["*", "/", "%", "div"], Self::power)
    }

    fn power(&mut self) -> Result<Expr> {
        self.chain(&["^"], Self::signed)
    }

    /// Operands joined by operators of one rank, from the left. The tree leans to the left, so its length counts as depth.
    fn chain(&mut self, signs: &[&str], operand: fn(&mut Self) -> Result<Expr>) -> Result<Expr> {
        let mut left = operand(self)?;
        let mut joined = 0;
        loop {
            let sign = match self.peek() {
                Token::Sign(sign) if signs.contains(sign) => sign,
                Token::Word(word) if signs.contains(&"div") && word.eq_ignore_ascii_case("div") => "div",
                _ => break,
            };
            let Some(op) = Arithmetic::from_sign(sign) else {
                break;
            };
            self.next();
            self.budget.enter()?;
            joined += 1;
            left = Expr::Arithmetic(op, left.into(), operand(self)?.into());
        }
        for _ in 0..joined {
            self.budget.leave();
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expr> {
        let mut negative = false;
        while let Token::Sign(sign @ ("+" | "-")) = *self.peek() {
            self.next();
            self.node()?;
            negative ^= sign == "-";
        }
        let value = self.value()?;
        Ok(match value {
            Expr::Number(n) if negative => Expr::Number(-n),
            other if negative => {
                Expr::Arithmetic(Arithmetic::Multiply, Expr::Number(-1.0).into(), other.into())
            }
            other => other,
        })
    }

    fn value(&mut self) -> Result<Expr> {
        self.node()?;
        match self.next() {
            Token::Number(n) => Ok(Expr::Number(n)),
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Quoted(name) => Ok(Expr::Property(name)),
            Token::Sign("(") => {
                let expr = self.either()?;
                self.expect(")")?;
                Ok(expr)
            }
            Token::Word(word) => self.word(&word),
            other => Err(FilterError::new(format!(
                "A field or a value is missing before {}.",
                named(&other)
            ))),
        }
    }

    fn word(&mut self, word: &str) -> Result<Expr> {
        let lower = word.to_lowercase();
        match lower.as_str() {
            "true" => return Ok(Expr::Boolean(true)),
            "false" => return Ok(Expr::Boolean(false)),
            _ => {}
        }
        if KEYWORDS.contains(&lower.as_str()) {
            return Err(FilterError::new(format!(
                "A field or a value is missing before '{}'.",
                shown(word)
            )));
        }
        if let Some(shape) = wkt::Shape::from_word(&lower)
            && wkt::follows(self)
        {
            return wkt::read(self, shape).map(Expr::Geometry);
        }
        if !self.take_sign("(") {
            return Ok(Expr::Property(word.to_owned()));
        }
        let mut arguments = if self.take_sign(")") {
            Vec::new()
        } else {
            self.list()?
        };
        match (lower.as_str(), arguments.as_mut_slice()) {
            ("date", [Expr::Text(text)]) => date(text).map(Expr::Date).ok_or_else(|| {
                FilterError::about(
                    About::Time,
                    format!("'{}' is no day: write DATE('2026-03-01').", shown(text)),
                )
            }),
            ("timestamp", [Expr::Text(text)]) => timestamp(text).map(Expr::Timestamp).ok_or_else(|| {
                FilterError::about(
                    About::Time,
                    format!(
                        "'{}' is no moment: write TIMESTAMP('2026-03-01T08:00:00Z').",
                        shown(text)
                    ),
                )
            }),
            ("interval", [_, _]) => {
                let (end, start) = (arguments.remove(1), arguments.remove(0));
                Ok(Expr::Interval(start.into(), end.into()))
            }
            ("bbox", corners) => {
                let corners: Option<Vec<f64>> = corners
                    .iter()
                    .map(|c| if let Expr::Number(n) = c { Some(*n) } else { None })
                    .collect();
                wkt::bbox(corners.as_deref().unwrap_or_default()).map(Expr::Geometry)
            }
            _ => Ok(Expr::Call(lower, arguments)),
        }
    }

    /// Values up to the closing bracket; the opening one has been read.
    fn list(&mut self) -> Result<Vec<Expr>> {
        let mut values = vec![self.either()?];
        while self.take_sign(",") {
            values.push(self.either()?);
        }
        self.expect(")")?;
        Ok(values)
    }
}

fn negate(not: bool, expr: Expr) -> Expr {
    if not { Expr::Not(Box::new(expr)) } else { expr }
}

fn named(token: &Token) -> String {
    match token {
        Token::Word(word) | Token::Quoted(word) | Token::Text(word) => format!("'{}'", shown(word)),
        Token::Number(n) => format!("'{n}'"),
        Token::Sign(sign) => format!("'{sign}'"),
        Token::End => "the end".to_owned(),
    }
}
