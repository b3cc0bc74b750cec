//! Sentences that can be said in another language: each has a code and the values that stand in it, beside the English words.

use serde_json::Value;

use crate::text::Text;

/// A sentence's code and values, for whoever words it in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Stable, for programs.
    pub code: &'static str,
    /// What stands in the sentence, by name.
    pub values: Vec<(&'static str, Value)>,
}

/// What a value in a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number; a share of a whole where its name says so.
    Number,
    /// A number, or null where it is not known.
    PerhapsNumber,
    /// A name or another text that is the same in every language.
    Text,
    /// Several of them.
    Texts,
    /// Words in both languages.
    Words,
}

/// A sentence that can be said: its code and what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Stable, for programs.
    pub code: &'static str,
    /// What stands in it, by name.
    pub values: &'static [(&'static str, Kind)],
}

/// What can stand in a sentence.
pub trait Spoken {
    /// What it is.
    const KIND: Kind;
    /// In English.
    fn words(&self) -> String;
    /// For programs.
    fn value(&self) -> Value;
}

impl Spoken for f64 {
    const KIND: Kind = Kind::Number;
    fn words(&self) -> String {
        self.to_string()
    }
    fn value(&self) -> Value {
        Value::from(*self)
    }
}

/// A number of which two decimals are said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio(pub f64);

impl Spoken for Ratio {
    const KIND: Kind = Kind::Number;
    fn words(&self) -> String {
        format!("{:.2}", self.0)
    }
    fn value(&self) -> Value {
        Value::from(self.0)
    }
}

/// A share of a whole, 0 to 1, said in per cent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);

impl Spoken for Percent {
    const KIND: Kind = Kind::Number;
    fn words(&self) -> String {
        format!("{:.0}", self.0 * 100.0)
    }
    fn value(&self) -> Value {
        Value::from(self.0)
    }
}

/// A number that is said in words of its own where it is known, and not at all where it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Aside(pub Option<(f64, String)>);

impl Spoken for Aside {
    const KIND: Kind = Kind::PerhapsNumber;
    fn words(&self) -> String {
        self.0
            .as_ref()
            .map_or_else(String::new, |(_, words)| words.clone())
    }
    fn value(&self) -> Value {
        self.0
            .as_ref()
            .map_or(Value::Null, |(number, _)| Value::from(*number))
    }
}

/// Who judged what, where that has to be told: a person and a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Whose(pub Option<(String, String)>);

impl Spoken for Whose {
    const KIND: Kind = Kind::Texts;
    fn words(&self) -> String {
        self.0
            .as_ref()
            .map_or_else(String::new, |(by, group)| format!("{by}, on {group}: "))
    }
    fn value(&self) -> Value {
        self.0.as_ref().map_or_else(
            || Value::Array(Vec::new()),
            |(by, group)| serde_json::json!([by, group]),
        )
    }
}

impl Spoken for usize {
    const KIND: Kind = Kind::Number;
    fn words(&self) -> String {
        self.to_string()
    }
    fn value(&self) -> Value {
        Value::from(*self)
    }
}

impl Spoken for String {
    const KIND: Kind = Kind::Text;
    fn words(&self) -> String {
        self.clone()
    }
    fn value(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl Spoken for Text {
    const KIND: Kind = Kind::Words;
    fn words(&self) -> String {
        self.en.clone()
    }
    fn value(&self) -> Value {
        serde_json::json!({ "en": self.en, "km": self.km })
    }
}

/// A value that was found where another should be: in English as a phrase, for programs as JSON, lists and tables cut short.
#[derive(Clone, Debug, PartialEq)]
pub struct Found(Value);

impl From<&Value> for Found {
    fn from(value: &Value) -> Self {
        Self(value.clone())
    }
}

impl Spoken for Found {
    const KIND: Kind = Kind::Text;
    fn words(&self) -> String {
        match &self.0 {
            Value::Null => "nothing".into(),
            Value::String(text) => format!("the text {text:?}"),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "a table".into(),
            scalar => scalar.to_string(),
        }
    }
    fn value(&self) -> Value {
        match &self.0 {
            Value::Array(_) => "[…]".into(),
            Value::Object(_) => "{…}".into(),
            scalar => scalar.to_string().into(),
        }
    }
}

impl Spoken for Vec<String> {
    const KIND: Kind = Kind::Texts;
    fn words(&self) -> String {
        self.join(", ")
    }
    fn value(&self) -> Value {
        Value::from(self.as_slice())
    }
}

/// Declares an enum of sentences: each variant with its values, its code and its English words, in which `{name}` stands for a
/// value.
#[macro_export]
macro_rules! sentences {
    ($(#[$about:meta])* $Name:ident {
        $($Variant:ident $({ $($field:ident: $type:ty),+ })? = $code:literal, $english:literal;)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        // A variant's meaning is its sentence, and a value's its place there.
        #[allow(missing_docs)]
        pub enum $Name {
            $($Variant $({ $($field: $type),+ })?),+
        }

        impl $Name {
            /// Every sentence with its values, for a description of the API and for whoever translates.
            pub const ALL: &'static [$crate::said::Sentence] = &[$($crate::said::Sentence {
                code: $code,
                values: &[$($((stringify!($field), <$type as $crate::said::Spoken>::KIND)),+)?],
            }),+];

            /// The code and the values.
            pub fn said(&self) -> $crate::said::Said {
                match self {
                    $(Self::$Variant $({ $($field),+ })? => $crate::said::Said {
                        code: $code,
                        values: vec![$($((stringify!($field), $crate::said::Spoken::value($field))),+)?],
                    }),+
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$Variant $({ $($field),+ })? => {
                        write!(f, $english $(, $($field = $crate::said::Spoken::words($field)),+)?)
                    }),+
                }
            }
        }
    };
}
