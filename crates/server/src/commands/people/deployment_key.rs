//! `phteah key make|rotate|words|restore`: the key that opens the registry.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use phteah_store::registry::{DeploymentKey, KEY_BYTES, Registry, key_file, words};

use super::{Common, Why, answer, entropy, open, registry};
use crate::commands::{CommandError, say, tell};
use crate::field::registry::KeyPlace;

/// Where the deployment's key lies.
#[derive(Debug, Args)]
pub struct KeyFile {
    /// The file with the deployment's key [default: `$PHTEAH_KEY_FILE`, else the systemd credential phteah-key, else the file beside the
    /// data directory that is called like it with .key at the end]
    #[arg(long = "key-file", value_name = "FILE")]
    pub path: Option<PathBuf>,
}

impl KeyFile {
    /// The file for a data directory.
    pub fn place(&self, common: &Common) -> KeyPlace {
        self.place_for(&common.data.dir)
    }

    /// The same.
    pub fn place_for(&self, data: &Path) -> KeyPlace {
        KeyPlace::find(data, self.path.as_deref(), |name| std::env::var_os(name))
    }
}

/// The deployment's key.
#[derive(Debug, Subcommand)]
pub enum DeploymentKeyCommand {
    /// Make the key that seals the registry, in a file outside the data directory
    #[command(
        after_long_help = "Make it before the first household is recorded, and keep a copy where the backups are not: without the key nobody's \
                     records can be read, and whoever has both reads them.\n\n\
                     Example:\n  phteah key make --data /srv/phteah --key-file /etc/phteah/deployment.key"
    )]
    Make(Make),
    /// Replace the deployment's key, while the server serves: a new one is made, all data keys are wrapped anew, the old one is destroyed
    #[command(
        after_long_help = "What was sealed stays as it is; only the data keys are wrapped anew. Backups made before open with the old key alone, which this \
                     destroys: make a new backup, and print new words (\"phteah key words\"). If it is interrupted, run it again.\n\n\
                     Example:\n  phteah key rotate --why \"yearly\" --data /srv/phteah"
    )]
    Rotate(Rotate),
    /// Print the deployment's key as words for a safe, whole or in shares
    #[command(
        after_long_help = "Whoever reads the words has the key. Print them on paper, and keep the paper where the backups are not.\n\n\
                     Examples:\n  phteah key words --data /srv/phteah\n  phteah key words --shares 5 --needed 3 --data /srv/phteah"
    )]
    Words(Words),
    /// Make the deployment's key file again from its words, read from the standard input
    #[command(
        after_long_help = "Write the 24 words on one line, or each share on a line of its own with its number in front (\"2: word word …\").\n\n\
                     Example:\n  phteah key restore --data /srv/phteah < words.txt"
    )]
    Restore(Restore),
}

/// `phteah key make`.
#[derive(Debug, Args)]
pub struct Make {
    /// Where it goes
    #[command(flatten)]
    pub key: KeyFile,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah key rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// Where it lies
    #[command(flatten)]
    pub key: KeyFile,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah key words`.
#[derive(Debug, Args)]
pub struct Words {
    /// Split it into so many shares
    #[arg(long, value_name = "N", requires = "needed", value_parser = clap::value_parser!(u8).range(2..=32))]
    pub shares: Option<u8>,
    /// So many of which bring it back
    #[arg(long, value_name = "K", requires = "shares", value_parser = clap::value_parser!(u8).range(2..=32))]
    pub needed: Option<u8>,
    /// Where it lies
    #[command(flatten)]
    pub key: KeyFile,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah key restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// Where it goes
    #[command(flatten)]
    pub key: KeyFile,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// Does it.
pub fn run(command: &DeploymentKeyCommand) -> Result<(), CommandError> {
    match command {
        DeploymentKeyCommand::Make(args) => make(args),
        DeploymentKeyCommand::Rotate(args) => rotate(args),
        DeploymentKeyCommand::Words(args) => print_words(args),
        DeploymentKeyCommand::Restore(args) => restore(args),
    }
}

fn make(args: &Make) -> Result<(), CommandError> {
    let data = &args.common.data.dir;
    let path = args.key.place(&args.common).path;
    if Registry::exists_in(data, &args.common.data.database()?)? {
        return Err(CommandError::Refused(
            "This deployment has a registry, and its own key opens it. Bring that back (\"phteah key restore\"), or replace it (\"phteah key rotate\")."
                .to_owned(),
        ));
    }
    let key = DeploymentKey::new(entropy::<KEY_BYTES>()?);
    key_file::create(&path, data, &key)?;
    let words = format!(
        "The key {} lies in {}. Keep a copy where the backups are not: without it nobody's records can be read.",
        key.id(),
        path.display()
    );
    let json = serde_json::json!({"key": key.id().to_string(), "file": path.display().to_string()});
    answer(&args.common, &json, &words)
}

fn rotate(args: &Rotate) -> Result<(), CommandError> {
    let house = open(&args.common)?;
    let registry = registry::opened(&args.key, &args.common)?;
    let done = registry.rotate_key(&house.actor, &args.why.text, house.now)?;
    let words = format!(
        "The key {} is in use; {} data keys were wrapped anew, and the key {} is destroyed. Backups made before open with that one alone: make a new \
         backup, and print new words.",
        done.to, done.wrapped, done.from
    );
    let json = serde_json::json!({"from": done.from.to_string(), "to": done.to.to_string(), "data_keys": done.wrapped});
    answer(&args.common, &json, &words)
}

fn print_words(args: &Words) -> Result<(), CommandError> {
    let place = args.key.place(&args.common);
    let ring = key_file::read(&place.path, &args.common.data.dir)?;
    let key = ring.current();
    let lines: Vec<String> = match args.shares.zip(args.needed) {
        None => vec![words::words(key)?.to_string()],
        Some((all, needed)) => {
            let shares = words::shares(key, needed, all, &crate::field::registry::entropy())?;
            shares
                .iter()
                .map(|(number, words)| format!("{number}: {}", **words))
                .collect()
        }
    };
    if args.common.json {
        return answer(
            &args.common,
            &serde_json::json!({"key": key.id().to_string(), "lines": lines}),
            "",
        );
    }
    match args.needed {
        None => tell(format!("The deployment's key {}, whole:", key.id())),
        Some(needed) => tell(format!(
            "The deployment's key {}, in shares. Any {needed} of them bring it back. Give each to somebody else:",
            key.id()
        )),
    }
    say(lines.join("\n"));
    Ok(())
}

fn restore(args: &Restore) -> Result<(), CommandError> {
    let data = &args.common.data.dir;
    let mut text = String::new();
    std::io::stdin()
        .take(64 * 1024)
        .read_to_string(&mut text)
        .map_err(|e| CommandError::Refused(format!("The words cannot be read: {e}.")))?;
    let key = words::key_of(&text)?;
    if let Some(needed) = Registry::key_needed_in(data, &args.common.data.database()?)?
        && needed != key.id()
    {
        return Err(CommandError::Refused(format!(
            "These words bring back the key {}, and the registry was sealed with {needed}. Nothing was written. Look whether shares are missing or \
             belong to another key.",
            key.id()
        )));
    }
    let path = args.key.place(&args.common).path;
    key_file::create(&path, data, &key)?;
    let words = format!("The key {} lies in {} again.", key.id(), path.display());
    let json = serde_json::json!({"key": key.id().to_string(), "file": path.display().to_string()});
    answer(&args.common, &json, &words)
}
