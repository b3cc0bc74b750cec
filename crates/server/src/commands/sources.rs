//! `phteah sources`: the known sources, where they come from, what they fill.

use phteah_layers::{Source, sources};

use super::{CommandError, say};
use crate::cli;

pub fn run(args: &cli::Sources) -> Result<(), CommandError> {
    for source in sources(args.dir.as_deref())? {
        say(describe(&source));
    }
    Ok(())
}

fn describe(source: &Source) -> String {
    let mut roles: Vec<&str> = source.layers.iter().map(|layer| layer.role.as_str()).collect();
    roles.dedup();
    let mut text = format!(
        "{}: {}\n  publisher {}, {}\n  form {}\n  licence {}; attribution {}\n  fills {}",
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
