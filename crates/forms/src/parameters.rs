//! The column `parameters` of an XLSForm: which of them each type of question takes, and which values they have. The converter drops what it does not
//! know, and a phone then asks otherwise than was meant; here it is refused with its cell.
//!
//! Source: <https://docs.getodk.org/form-question-types/> and <https://xlsform.org/en/>.

/// What may stand behind the `=`.
#[derive(Clone, Copy)]
enum Value {
    Truth,
    Number,
    Whole,
    OneOf(&'static [&'static str]),
    /// A column of a file, or the name of a question.
    Anything,
}

use Value::{Anything, Number, OneOf, Truth, Whole};

type Known = &'static [(&'static str, Value)];

const CHOICES: Known = &[("randomize", Truth), ("seed", Anything)];
const CHOICES_OF_FILE: Known = &[
    ("randomize", Truth),
    ("seed", Anything),
    ("value", Anything),
    ("label", Anything),
];
const RANGE: Known = &[("start", Number), ("end", Number), ("step", Number)];
const IMAGE: Known = &[("max-pixels", Whole)];
const SOUND: Known = &[("quality", OneOf(&["normal", "low", "voice-only", "external"]))];
const GEOPOINT: Known = &[
    ("capture-accuracy", Number),
    ("warning-accuracy", Number),
    ("allow-mock-accuracy", Truth),
];
const GEOSHAPE: Known = &[("allow-mock-accuracy", Truth), ("incremental", Truth)];
const TEXT: Known = &[("rows", Whole)];
const AUDIT: Known = &[
    (
        "location-priority",
        OneOf(&["no-power", "low-power", "balanced", "high-accuracy"]),
    ),
    ("location-min-interval", Number),
    ("location-max-age", Number),
    ("track-changes", Truth),
    ("identify-user", Truth),
    ("track-changes-reasons", OneOf(&["on-form-edit"])),
];

fn known(kind: &str) -> Known {
    let first = kind.split_whitespace().next().unwrap_or_default();
    let file = kind.split_whitespace().nth(1).unwrap_or_default();
    match (first, kind) {
        ("select" | "rank", _) if kind.contains("from file") || file.contains('.') => CHOICES_OF_FILE,
        ("select" | "rank" | "select1", _) => CHOICES,
        ("range", _) => RANGE,
        ("image" | "photo", _) => IMAGE,
        ("audio", _) | (_, "background-audio" | "background audio") => SOUND,
        ("geopoint" | "gps" | "location", _) => GEOPOINT,
        ("geotrace" | "geoshape", _) => GEOSHAPE,
        ("text" | "string", _) => TEXT,
        ("audit", _) => AUDIT,
        _ => &[],
    }
}

/// The parameters of a question of a type (`select one needs`, in small letters and without `_`) in the one way in which the converter knows them; a
/// sentence where one is not right.
pub(crate) fn settled(kind: &str, text: &str) -> Result<String, String> {
    let known = known(kind);
    let mut out = Vec::new();
    let spread = text
        .replace([',', ';'], " ")
        .replace(" =", "=")
        .replace("= ", "=");
    for one in spread.split_whitespace() {
        let Some((name, value)) = one.split_once('=') else {
            return Err(format!(
                "\"{one}\" is no parameter: write its name, \"=\" and its value."
            ));
        };
        let name = name.to_lowercase();
        let Some((_, rule)) = known.iter().find(|(known, _)| *known == name) else {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            return Err(match names.as_slice() {
                [] => format!("\"{name}\" is not known here: this type of question has no parameters."),
                names => format!(
                    "\"{name}\" is not known here. This type of question has: {}.",
                    names.join(", ")
                ),
            });
        };
        let small = value.to_lowercase();
        let wanted = match rule {
            Truth if !matches!(small.as_str(), "true" | "false") => Some("true or false".to_owned()),
            Number if value.parse::<f64>().is_err() => Some("a number".to_owned()),
            Whole if value.parse::<u32>().is_err() => Some("a whole number".to_owned()),
            OneOf(words) if !words.contains(&small.as_str()) => Some(words.join(", ")),
            _ => None,
        };
        if let Some(wanted) = wanted {
            return Err(format!("\"{name}\" is {wanted}, and not \"{value}\"."));
        }
        let value = if matches!(rule, Anything) { value } else { &small };
        out.push(format!("{name}={value}"));
    }
    let has = |name: &str| out.iter().any(|one| one.split('=').next() == Some(name));
    if has("seed") && !out.iter().any(|one| one == "randomize=true") {
        return Err("\"seed\" says how choices are mixed: write randomize=true beside it.".to_owned());
    }
    Ok(out.join(" "))
}
