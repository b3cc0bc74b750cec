//! The roles and their fields, as `phteah import --help` lists them.

use std::fmt::Write as _;

use phteah_layers::Role;
use phteah_layers::schema::{FieldRule, FieldSpec};

/// Every role with its fields, what each means and what may stand in it.
pub fn listed() -> String {
    let mut text = String::from(
        "Roles and their fields (every feature also has an id). A field is filled by a column of its name, or of a name that sources usually give it; other columns are named with --map FIELD=COLUMN. Columns about persons are never taken.\n",
    );
    for role in Role::ALL {
        let shape = match role {
            Role::Indicators => {
                "a table without geometry; beside these fields every column of numbers is taken"
            }
            _ => role.geometry().map_or("raster", |kind| kind.as_str()),
        };
        let _ = write!(text, "\n  {role} ({shape})\n");
        for spec in role.fields() {
            let _ = writeln!(text, "    {:<16} {}", spec.name, meaning(spec));
        }
    }
    text.push_str("\nA preset of your own is a file DIR/sources/NAME.toml: phteah sources --help shows one.");
    text
}

fn meaning(spec: &FieldSpec) -> String {
    let mut text = spec.meaning.to_owned();
    if let Some(unit) = spec.unit {
        let _ = write!(text, ", in {unit}");
    }
    match spec.rule {
        FieldRule::Choice(choices) => {
            let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
            let _ = write!(text, ": {}", names.join(", "));
        }
        FieldRule::YesNo => text.push_str(": yes or no"),
        FieldRule::Date => text.push_str(": 2026-01-31"),
        _ => {}
    }
    if spec.required {
        text.push_str(" (needed)");
    }
    text
}
