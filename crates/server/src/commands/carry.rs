//! `phteah move`: accounts, access rules, the audit and the registry from files to PostgreSQL and back.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use phteah_layers::Catalogue;
use phteah_store::{Carried, Database, MOVED, Part, Postgres, Store, carry};

use super::backup::failed;
use super::{CommandError, say};
use crate::cli::DatabaseAddress;

/// `phteah move`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "The server must be stopped. Everything is read back and compared by hashes before it counts. Layers and scenarios stay in the data directory, and \
                 the deployment's key where it is: what was sealed stays sealed.\n\nExamples:\n  phteah move --from data --to postgres://phteah@localhost/phteah\n  \
                 phteah move --from postgres://phteah@localhost/phteah --to data"
)]
pub struct Move {
    /// A data directory, or the address of a database [default: `$PHTEAH_DATABASE`]
    #[arg(long, value_name = "DIR|URL")]
    pub from: Option<DatabaseAddress>,
    /// The other of the two [default: `$PHTEAH_DATABASE`]
    #[arg(long, value_name = "DIR|URL")]
    pub to: Option<DatabaseAddress>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// Does it.
pub fn run(args: &Move) -> Result<(), CommandError> {
    let said = DatabaseAddress::in_environment();
    let text = |side: &Option<DatabaseAddress>| {
        side.as_ref()
            .or(said.as_ref())
            .map_or_else(String::new, |address| address.text().to_owned())
    };
    let (from, to) = (text(&args.from), text(&args.to));
    let (from, to) = (from.as_str(), to.as_str());
    let (dir, database, outwards) = match (Postgres::is_address(from), Postgres::is_address(to)) {
        (false, true) => (PathBuf::from(from), Database::read(Some(to))?, true),
        (true, false) => (PathBuf::from(to), Database::read(Some(from))?, false),
        _ => {
            return Err(CommandError::Usage(
                "Say a data directory on one side and the address of a database (postgres://…) on the other."
                    .to_owned(),
            ));
        }
    };
    let catalogue = Catalogue::open(&dir)?;
    // Held until the end: no server writes into what is being left.
    let _locks = (catalogue.lock_for_serving()?, catalogue.begin()?);
    let (source, target) = if outwards {
        (&Database::Files, &database)
    } else {
        (&database, &Database::Files)
    };
    let mut carried = Vec::new();
    for part in Part::ALL {
        if part.exists(&dir, source)? {
            carried.push((part, carry(part, (&dir, source), (&dir, target))?));
        }
    }
    if carried.is_empty() {
        return Err(CommandError::Refused(
            "There is nothing to be moved: no accounts, no access rules, no registry.".to_owned(),
        ));
    }
    if outwards {
        for (part, _) in &carried {
            set_aside(&dir, part.file_name())?;
        }
        // Leaves word in the directory.
        Store::open_in(&dir, &database)?;
    } else {
        let elsewhere = dir.join(Database::ELSEWHERE);
        match fs::remove_file(&elsewhere) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed("removing", &elsewhere, &e));
            }
            _ => {}
        }
    }
    told(args, &carried, outwards)
}

/// A file that counts no more keeps its content under another name, so that no program takes it for the one in use.
fn set_aside(dir: &Path, name: &str) -> Result<(), CommandError> {
    for end in ["", "-wal", "-shm"] {
        let from = dir.join(format!("{name}{end}"));
        if from.exists() {
            let to = dir.join(format!("{name}.{MOVED}{end}"));
            fs::rename(&from, &to).map_err(|e| failed("renaming", &from, &e))?;
        }
    }
    Ok(())
}

fn told(args: &Move, carried: &[(Part, Vec<Carried>)], outwards: bool) -> Result<(), CommandError> {
    if args.json {
        let parts: serde_json::Map<String, serde_json::Value> = carried
            .iter()
            .map(|(part, tables)| {
                let tables: Vec<_> = tables
                    .iter()
                    .map(|table| serde_json::json!({"table": table.table, "rows": table.rows, "sha256": table.hash}))
                    .collect();
                (part.file_name().to_owned(), tables.into())
            })
            .collect();
        say(serde_json::to_string_pretty(&parts).map_err(|e| CommandError::Refused(e.to_string()))?);
        return Ok(());
    }
    for (part, tables) in carried {
        let rows: u64 = tables.iter().map(|table| table.rows).sum();
        say(format!(
            "{}: {rows} rows of {} tables moved, read back and found the same.",
            part.file_name(),
            tables.len()
        ));
    }
    say(if outwards {
        format!(
            "The files are kept under names that end in .{MOVED}: remove them when all is well. From now on give every command and the server the \
             address, best in PHTEAH_DATABASE."
        )
    } else {
        "The database on PostgreSQL is as it was: remove it when all is well. From now on leave --database and PHTEAH_DATABASE away."
            .to_owned()
    });
    Ok(())
}
