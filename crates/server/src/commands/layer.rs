//! `phteah layer`: one layer is removed; what was changed is listed.

use jiff::Timestamp;
use phteah_layers::{Catalogue, LayerEntry, Role};
use phteah_store::{Change, KeyScope, Store, Visibility};

use super::{CommandError, say};
use crate::cli;

pub fn run(command: &cli::LayerCommand) -> Result<(), CommandError> {
    match command {
        cli::LayerCommand::Remove(args) => remove(args),
        cli::LayerCommand::Log(args) => log(args),
    }
}

fn remove(args: &cli::LayerRemove) -> Result<(), CommandError> {
    let catalogue = Catalogue::open(&args.data.dir)?;
    let entry = catalogue
        .layer(&args.name)
        .map_err(|error| CommandError::Usage(error.to_string()))?
        .clone();
    let store = args.data.store()?;
    let uses = uses(&catalogue, &entry, &store)?;
    let change = Change {
        what: "layer_removed",
        layer: &entry.name,
        version: &entry.hash,
        detail: &format!("{}, from {}", entry.role, entry.source),
    };
    store.with_change(&store.command_line(), &change, Timestamp::now(), || {
        catalogue.remove(&entry.name).map_err(CommandError::from)
    })?;
    say(format!("The layer {} ({}) was removed.", entry.name, entry.role));
    for used in uses {
        say(format!("  {used}"));
    }
    Ok(())
}

/// What used the layer, and what that means now.
fn uses(catalogue: &Catalogue, entry: &LayerEntry, store: &Store) -> Result<Vec<String>, CommandError> {
    let mut uses = Vec::new();
    if let Some(purpose) = purpose(entry.role) {
        let others: Vec<&str> = catalogue
            .of_role(entry.role)
            .map(|other| other.name.as_str())
            .filter(|name| *name != entry.name)
            .collect();
        uses.push(if others.is_empty() {
            format!("Rankings used it: {purpose}. No other layer has its role, so that this is unknown from now on.")
        } else {
            format!("Rankings used it: {purpose}. They go on with {}.", others.join(", "))
        });
    }
    let rule = store.rule(&entry.name)?;
    if rule.layer > Visibility::Internal {
        uses.push(format!(
            "Its access rule ({}) stays and will hold for a new layer of this name: phteah publish {} internal --data DIR ends it.",
            rule.layer, entry.name
        ));
    }
    let now = Timestamp::now();
    let named = |scope: &KeyScope| matches!(scope, KeyScope::Layers(layers) if layers.contains(&entry.name));
    let keys: Vec<String> = store
        .keys()?
        .into_iter()
        .filter(|key| key.is_valid(now) && named(&key.scope))
        .map(|key| key.name)
        .collect();
    if !keys.is_empty() {
        uses.push(format!("Keys that open it stay: {}.", keys.join(", ")));
    }
    if let Some(record) = &entry.record {
        uses.push(format!(
            "It was made from the decision record {record}, which stays."
        ));
    }
    uses.push(
        "Decision records made with it keep their results; phteah record verify can no longer measure them again.".to_owned(),
    );
    Ok(uses)
}

/// What a ranking takes from layers of a role.
fn purpose(role: Role) -> Option<&'static str> {
    match role {
        Role::Parcels => Some("the candidate sites are made of parcels"),
        Role::Settlements => Some("the families that would move live in settlements"),
        Role::FloodDepth => Some("flood depth at a return period"),
        Role::FloodZones => Some("flood zones"),
        Role::Roads => Some("ways and times of travel"),
        Role::Services => Some("services and work within reach"),
        Role::Boundaries => Some("the khan and sangkat of a site"),
        Role::Water => Some("water that nobody builds on"),
        Role::Protected => Some("protected land that nobody builds on"),
        Role::Elevation => Some("slope"),
        _ => None,
    }
}

fn log(args: &cli::LayerLog) -> Result<(), CommandError> {
    Catalogue::open(&args.data.dir)?;
    let changes = args.data.store()?.changes(args.last)?;
    if changes.is_empty() {
        say("No layer was removed yet.");
    }
    for change in changes {
        say(format!(
            "{}  {} {} ({}), version {}",
            change.at, change.what, change.layer, change.detail, change.version
        ));
    }
    Ok(())
}
