//! `phteah sources`: the known sources, where they come from, what they fill.

use std::path::Path;

use phteah_layers::{Source, sources};

use super::{CommandError, say};
use crate::cli;

/// How a preset of one's own is written, with an example that works.
pub const HELP: &str = r#"A preset of your own is a file DIR/sources/NAME.toml in the data directory. It is listed with --data DIR, used with import --preset NAME, and goes before one of the same name that comes with the program.

  name = "ngo-clinics"
  title = "Clinics visited by our teams"
  publisher = "Our organisation"
  url = "https://example.org"
  form = "CSV with latitude and longitude"
  licence = "CC-BY-4.0"
  attribution = "Our organisation"
  traps = ["Told in every report: what a user of the layer must know."]

  [[layer]]                              # one for each layer that the file fills
  role = "services"                      # phteah import --help lists roles and fields
  name = "clinics"                       # the layer's name; by default the role's
  crs = "EPSG:4326"                      # where the file states none
  fields.id = "code"
  fields.kind = "'health_centre'"        # in single quotes: the same for every record
  fields.name = ["name_en", "*name"]     # of several columns the first that a record has filled; * is any group in front
  fields.capacity = "beds"
  words.capacity = { "n/a" = "" }        # a source's word and what it means here; "" is unknown
  only = [{ column = "open", one_of = ["yes"] }]     # also none_of = [...], at_least = 1.5
  # extra = true                         # lets fields name what the role does not have
  # from = ["points"]                    # layers of the file to read
  # return_period_after = "RP"           # rasters: what stands before the years in the file's name
  # [[layer.rule]]                       # the first rule that fits sets fields; none fits: not taken
  # when = [{ column = "type", one_of = ["clinic"] }]
  # set = { kind = "health_centre" }     # or skip = true
"#;

pub fn run(args: &cli::Sources) -> Result<(), CommandError> {
    for source in sources(args.dir.as_deref())? {
        say(describe(&source, args.dir.as_deref()));
    }
    Ok(())
}

fn describe(source: &Source, dir: Option<&Path>) -> String {
    let mut roles: Vec<&str> = source.layers.iter().map(|layer| layer.role.as_str()).collect();
    roles.dedup();
    let own = match &source.file {
        Some(file) if dir.is_some() => format!("   (your own, sources/{file})"),
        _ => String::new(),
    };
    let mut text = format!(
        "{}: {}{own}\n  publisher {}, {}\n  form {}\n  licence {}; attribution {}\n  fills {}",
        source.name,
        source.title,
        source.publisher,
        source.url,
        source.form,
        source.licence,
        source.attribution,
        roles.join(", ")
    );
    for trap in &source.traps {
        text.push_str("\n  beware: ");
        text.push_str(trap);
    }
    text
}
