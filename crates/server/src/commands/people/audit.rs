//! `phteah audit`: what was changed about rights, by whom, and whether the record of it is whole.

use clap::{Args, Subcommand};
use phteah_store::registry::Registry;
use phteah_store::{AuditRecord, AuditState};
use serde::Serialize;

use super::{Common, answer, open};
use crate::commands::CommandError;
use crate::commands::terminal::line;

/// `phteah audit`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List the latest changes of accounts, teams, devices and rights
    List(List),
    /// Check that no row of the audit, and of the registry's record of readings, was changed, left out or put in
    #[command(
        after_long_help = "Each row holds a hash over itself and the row before. A row that was changed, removed or put in later breaks the chain, and the \
                     first such row is named (exit code 1).\nRows cut off at the end break nothing: keep the hash that this command prints in another place, \
                     and give it again with --head next time."
    )]
    Verify(Verify),
}

/// `phteah audit list`.
#[derive(Debug, Args)]
pub struct List {
    /// How many, from the latest on
    #[arg(long, default_value_t = 50)]
    pub last: usize,
    /// The registry's own record instead: who read, exported, released or erased which household
    #[arg(long)]
    pub registry: bool,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah audit verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// A hash that this command printed before: the row that it belonged to must still be there
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

#[derive(Serialize)]
struct Shown {
    seq: i64,
    at: String,
    who: String,
    what: String,
    subject: String,
    why: String,
    detail: String,
}

impl From<AuditRecord> for Shown {
    fn from(row: AuditRecord) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            who: row.who,
            what: row.what,
            subject: row.subject,
            why: row.why,
            detail: row.detail,
        }
    }
}

/// Does it.
pub fn run(command: &Audit) -> Result<(), CommandError> {
    match command {
        Audit::List(args) => {
            let house = open(&args.common)?;
            let rows = if args.registry {
                let data = &args.common.data;
                Registry::audit_in(&data.dir, &data.database()?, &house.actor, None, args.last)?
            } else {
                house.store.audit(&house.actor, None, args.last)?
            };
            let lines: Vec<String> = rows.iter().map(described).collect();
            let text = if lines.is_empty() {
                "Nothing was changed yet.".to_owned()
            } else {
                lines.join("\n")
            };
            answer(
                &args.common,
                &rows.into_iter().map(Shown::from).collect::<Vec<_>>(),
                &text,
            )
        }
        Audit::Verify(args) => verify(args),
    }
}

pub(super) fn verify(args: &Verify) -> Result<(), CommandError> {
    let house = open(&args.common)?;
    let (rows, head) = whole("The audit", house.store.verify_audit(&house.actor)?)?;
    let (data, database) = (&args.common.data.dir, args.common.data.database()?);
    let registry = Registry::verify_audit(data, &database, &house.actor)?
        .map(|state| whole("The registry's record of readings", state))
        .transpose()?;
    if let Some(known) = &args.head
        && !house.store.audit_has(&house.actor, known)?
        && !Registry::audit_has(data, &database, &house.actor, known)?
    {
        return Err(CommandError::Refused(
            "No row of the audit has this hash: rows were cut off since it was printed, or it belongs to another deployment."
                .into(),
        ));
    }
    let mut words = format!("The audit is whole: {rows} rows.\nHash of the last one: {head}");
    let mut json = serde_json::json!({"whole": true, "rows": rows, "head": head});
    if let Some((rows, head)) = registry {
        words.push_str(&format!(
            "\nThe registry's record of readings is whole: {rows} rows.\nHash of the last one: {head}"
        ));
        json["registry"] = serde_json::json!({"whole": true, "rows": rows, "head": head});
    }
    answer(&args.common, &json, &words)
}

/// The rows and the last hash of a chain, or where it is broken.
fn whole(what: &str, state: AuditState) -> Result<(i64, String), CommandError> {
    match state {
        AuditState::Whole { rows, head } => Ok((rows, head)),
        AuditState::Broken { seq, what: wrong } => Err(CommandError::Refused(format!(
            "{what} is broken at row {seq}: {wrong}. Keep the file as it is and compare it with a backup."
        ))),
    }
}

fn described(row: &AuditRecord) -> String {
    let mut text = format!(
        "{} {}  {}: {} {}",
        row.seq,
        row.at,
        line(&row.who),
        line(&row.what),
        line(&row.subject)
    );
    for more in [&row.detail, &row.why] {
        if !more.is_empty() {
            text.push_str(&format!(" · {}", line(more)));
        }
    }
    text
}
