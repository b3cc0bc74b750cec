//! `phteah publish`, `phteah key` and `phteah downloads`: who may see what, and who took what.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use phteah_layers::{Catalogue, LayerEntry};
use phteah_store::{ENTROPY_BYTES, KeyRecord, KeyScope, LayerRule, NewKey, Store, Visibility};

use super::terminal::line;
use super::{CommandError, say, tell};
use crate::cli;

pub fn publish(args: &cli::Publish) -> Result<(), CommandError> {
    let catalogue = Catalogue::open(&args.data.dir)?;
    let store = args.data.store()?;
    let (Some(name), Some(word)) = (&args.layer, &args.visibility) else {
        return list_rules(&catalogue, &store);
    };
    let entry = catalogue.layer(name)?;
    let rule = rule(entry, word.parse()?, args.fields.as_deref(), &args.partner_fields)?;
    store.publish(
        &store.command_line(),
        name,
        &rule,
        &args.why.text,
        Timestamp::now(),
    )?;
    say(describe(entry, &rule));
    Ok(())
}

/// Shows every layer and field to everybody, where nothing else was said: for the illustrative city.
pub(super) fn publish_all(data: &cli::Data) -> Result<(), CommandError> {
    let catalogue = Catalogue::open(&data.dir)?;
    let store = data.store()?;
    for entry in catalogue.layers().iter().filter(|entry| entry.illustrative) {
        if *store.rule(&entry.name)? == LayerRule::default() {
            store.publish(
                &store.command_line(),
                &entry.name,
                &rule(entry, Visibility::Public, None, &[])?,
                "",
                Timestamp::now(),
            )?;
        }
    }
    Ok(())
}

fn rule(
    entry: &LayerEntry,
    layer: Visibility,
    shown: Option<&[String]>,
    partner_fields: &[String],
) -> Result<LayerRule, CommandError> {
    let has = |name: &String| entry.fields.iter().any(|field| field.name == *name);
    if let Some(unknown) = shown
        .unwrap_or_default()
        .iter()
        .chain(partner_fields)
        .find(|name| !has(name))
    {
        let known: Vec<&str> = entry.fields.iter().map(|field| field.name.as_str()).collect();
        return Err(CommandError::Usage(format!(
            "The layer '{}' has no field '{unknown}'. It has: {}.",
            entry.name,
            known.join(", ")
        )));
    }
    let mut fields = BTreeMap::new();
    for field in &entry.fields {
        let visibility = if phteah_layers::schema::is_working(&field.name) {
            Visibility::Internal
        } else if partner_fields.contains(&field.name) {
            layer.min(Visibility::Partner)
        } else if shown.is_none_or(|shown| shown.contains(&field.name)) {
            layer
        } else {
            Visibility::Internal
        };
        fields.insert(field.name.clone(), visibility);
    }
    Ok(LayerRule { layer, fields })
}

fn list_rules(catalogue: &Catalogue, store: &Store) -> Result<(), CommandError> {
    let mut told = Vec::new();
    for entry in catalogue.layers() {
        told.push(describe(entry, &*store.rule(&entry.name)?));
    }
    say_list(
        &told,
        "No layer is loaded, so none is published: phteah import ROLE FILE… --data DIR.",
    );
    Ok(())
}

/// Prints a list; an empty one says so.
fn say_list(told: &[String], empty: &str) {
    if told.is_empty() {
        say(empty);
    }
    for line in told {
        say(line);
    }
}

fn describe(entry: &LayerEntry, rule: &LayerRule) -> String {
    let mut text = format!("{}: {}", entry.name, rule.layer);
    for level in [Visibility::Public, Visibility::Partner, Visibility::Internal] {
        let fields: Vec<&str> = entry
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .filter(|name| rule.field(name) == level)
            .collect();
        if !fields.is_empty() {
            text.push_str(&format!("\n  {level}: {}", fields.join(", ")));
        }
    }
    text
}

pub fn key(command: &cli::Key) -> Result<(), CommandError> {
    match command {
        cli::Key::Deployment(command) => super::people::deployment_key::run(command),
        cli::Key::Add(args) => add_key(args),
        cli::Key::Revoke(args) => {
            let store = open(&args.data)?;
            store.revoke_key(
                &store.command_line(),
                &args.name,
                &args.why.text,
                Timestamp::now(),
            )?;
            say(format!("The key of {} opens nothing any more.", args.name));
            Ok(())
        }
        cli::Key::List(args) => {
            let now = Timestamp::now();
            let keys = open(&args.data)?.keys()?;
            let told: Vec<String> = keys.iter().map(|key| describe_key(key, now)).collect();
            say_list(&told, "No key was made yet: phteah key add NAME --data DIR.");
            Ok(())
        }
    }
}

fn add_key(args: &cli::KeyAdd) -> Result<(), CommandError> {
    let catalogue = Catalogue::open(&args.data.dir)?;
    for layer in &args.layers {
        catalogue
            .layer(layer)
            .map_err(|error| CommandError::Usage(error.to_string()))?;
    }
    let scope = if args.team {
        KeyScope::Team
    } else if args.all_layers {
        KeyScope::EveryPartnerLayer
    } else {
        KeyScope::Layers(args.layers.clone())
    };
    let store = args.data.store()?;
    let now = Timestamp::now();
    let entropy: [u8; ENTROPY_BYTES] = crate::random::bytes()?;
    let key = NewKey {
        name: &args.name,
        scope,
        expires_at: end_of(match args.expires {
            Some(day) => day,
            None => a_year_from(now)?,
        })?,
    };
    let secret = store.add_key(&store.command_line(), &key, &entropy, &args.why.text, now)?;
    say(format!(
        "{}\nHand it over safely; it is shown this once and stored nowhere.",
        secret.expose()
    ));
    for layer in &args.layers {
        if store.rule(layer)?.layer == Visibility::Internal {
            tell(format!(
                "Note: {layer} is internal, so the key does not open it yet: phteah publish {layer} partner --data …"
            ));
        }
    }
    Ok(())
}

/// The clock that the deployment's people have: UTC+7 all over Cambodia.
fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(7))
}

fn a_year_from(now: Timestamp) -> Result<Date, CommandError> {
    let today = now.to_zoned(zone()).date();
    today
        .checked_add(jiff::Span::new().years(1))
        .map_err(|e| CommandError::Usage(format!("Say when the key expires with --expires: {e}.")))
}

/// The end of the key's last day.
fn end_of(day: Date) -> Result<Timestamp, CommandError> {
    let next = day.tomorrow().and_then(|next| next.to_zoned(zone()));
    next.map(|at| at.timestamp())
        .map_err(|e| CommandError::Usage(format!("The key cannot expire then: {e}.")))
}

fn describe_key(key: &KeyRecord, now: Timestamp) -> String {
    let state = match (key.revoked_at, key.is_valid(now)) {
        (Some(at), _) => format!("revoked {at:.0}"),
        (None, true) => format!("until {:.0}", key.expires_at),
        (None, false) => format!("expired {:.0}", key.expires_at),
    };
    let opens = match &key.scope {
        KeyScope::Team => "everything".to_owned(),
        KeyScope::EveryPartnerLayer => "every layer for partners".to_owned(),
        KeyScope::Layers(layers) => layers.join(", "),
    };
    format!(
        "{} (phteah_{}_…): {state}, made {:.0}, opens {opens}",
        key.name, key.id, key.made_at
    )
}

pub fn downloads(args: &cli::Downloads) -> Result<(), CommandError> {
    let number = |n: Option<u64>| n.map_or("?".to_owned(), |n| n.to_string());
    let rows = open(&args.data)?.downloads(None, args.last)?;
    let told = rows.iter().map(|row| {
        format!(
            "{:.0} {}: {} as {} [{}] {}, {} features, {} bytes, version {}",
            row.at,
            line(&row.who),
            line(&row.layer),
            line(&row.format),
            line(&row.selection),
            row.outcome.as_str(),
            number(row.features),
            number(row.bytes),
            line(&row.version),
        )
    });
    say_list(&told.collect::<Vec<_>>(), "Nothing was downloaded yet.");
    Ok(())
}

fn open(data: &cli::Data) -> Result<Store, CommandError> {
    Catalogue::open(&data.dir)?;
    Ok(data.store()?)
}
