//! `phteah perturb`: a table of counts about people of which every count has its noise.

use std::path::{Path, PathBuf};

use clap::Args;
use hmac::{Hmac, Mac};
use phteah_registry::disclosure::perturb::{MOST_NOISE, MOST_OFF, Perturbed};
use phteah_registry::disclosure::read::breakdowns;
use phteah_registry::disclosure::records::RecordsFile;
use phteah_registry::table::{Named, told};
use serde_json::json;
use sha2::Sha256;

use super::decide::read;
use super::protect::{cell_as_json, cells_as_json};
use super::terminal::line;
use super::{CommandError, say, tell};

/// So many bytes a secret has at least: what 128 random bits are.
const LEAST_SECRET: usize = 16;

/// So many at most: a file with more is something else.
const MOST_SECRET: u64 = 1024;

/// `phteah perturb`.
#[derive(Debug, Args)]
#[command(
    after_help = "The same households always have the same noise, -5 to 5, so that asking often tells no more. What would then be 1 to 9 comes out as 0 or 10: up to 14 off. Totals do not add up.\nA table is perturbed or has hidden cells, never both: never publish this beside the same counts protected by 'phteah protect'.\nUnlike there, nothing is proved: who adds up many counts can now and then come close to one.\n\nMake the secret once, and keep it: head -c 32 /dev/urandom > noise.secret\nWith another secret the same households have other noise, and two tables together tell more than one."
)]
pub struct Perturb {
    /// Households as CSV: one row each
    #[arg(value_name = "HOUSEHOLDS.csv")]
    pub table: PathBuf,
    /// The column with the household's id, the same in every table
    #[arg(long, value_name = "COLUMN")]
    pub id: String,
    /// The columns to count by, levels of one breakdown joined by '>', coarse first: 'khan>sangkat,kind,sex'
    #[arg(long, value_name = "COLUMNS")]
    pub by: String,
    /// A file of at least 16 random bytes; who has it can take the noise away
    #[arg(long, value_name = "FILE")]
    pub secret: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Perturb) -> Result<(), CommandError> {
    let by = breakdowns(&args.by).map_err(|problem| CommandError::Usage(format!("--by: {problem}")))?;
    let secret = secret(&args.secret)?;
    let (name, text) = (args.table.display().to_string(), read(&args.table)?);
    let named = Named {
        name: &name,
        text: &text,
    };
    let records =
        RecordsFile::read(named, by, &args.id).map_err(|mistakes| CommandError::Refused(told(&mistakes)))?;
    if !records.other_columns().is_empty() {
        tell(format!(
            "Note: it is not counted by {}, which --by does not name.",
            records.other_columns().join(", ")
        ));
    }
    let made = Perturbed::of(&records, |id| key_of(&secret, id))
        .map_err(|error| CommandError::Refused(format!("{name}: {error}")))?;
    if args.json {
        let cells = made
            .cells()
            .map(|(labels, count)| cell_as_json(labels, json!(count)));
        return cells_as_json(cells, "noise", &json!({"most": MOST_NOISE, "most_off": MOST_OFF}));
    }
    for (number, (labels, count)) in made.cells().enumerate() {
        let (columns, names): (Vec<&str>, Vec<String>) = labels
            .into_iter()
            .map(|(column, name)| (column, line(name)))
            .unzip();
        if number == 0 {
            say(format!("{}\tcount", columns.join("\t")));
        }
        say(format!("{}\t{count}", names.join("\t")));
    }
    tell(format!(
        "Every count has noise of -{MOST_NOISE} to {MOST_NOISE}, and what would then be 1 to 9 is told as 0 or 10: up to {MOST_OFF} off. Totals do not add up. Say so where you publish it."
    ));
    Ok(())
}

fn secret(path: &Path) -> Result<Vec<u8>, CommandError> {
    let read = std::fs::File::open(path).and_then(|file| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::Read::take(file, MOST_SECRET + 1), &mut bytes)?;
        Ok(bytes)
    });
    let secret = read.map_err(|error| {
        CommandError::Refused(format!(
            "{} cannot be read: {error}. Make a secret once, and keep it: head -c 32 /dev/urandom > {}",
            path.display(),
            path.display()
        ))
    })?;
    if secret.len() as u64 > MOST_SECRET {
        return Err(CommandError::Refused(format!(
            "{} has more than {MOST_SECRET} bytes: it is no file of random bytes alone. Make one: head -c 32 /dev/urandom > noise.secret",
            path.display()
        )));
    }
    if secret.iter().all(|byte| *byte == 0) && secret.len() >= LEAST_SECRET {
        return Err(CommandError::Refused(format!(
            "{} has nothing but zeros, which anybody can guess. Make one: head -c 32 /dev/urandom > noise.secret",
            path.display()
        )));
    }
    if secret.len() < LEAST_SECRET {
        return Err(CommandError::Refused(format!(
            "{} has {} bytes, and a secret needs at least {LEAST_SECRET} that nobody can guess.",
            path.display(),
            secret.len()
        )));
    }
    Ok(secret)
}

/// A household's key: the first bits of HMAC-SHA-256 of its id.
fn key_of(secret: &[u8], id: &str) -> u32 {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(id.as_bytes());
    let bytes: [u8; 32] = mac.finalize().into_bytes().into();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
