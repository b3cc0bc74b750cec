//! What a server of illustrative data prints at its start: a way in for each role.

use jiff::Timestamp;
use phteah_store::{Role, Store};

use super::people::{DOORS, WHY, worker};
use crate::auth::welcome;
use crate::commands::CommandError;
use crate::commands::people::{entropy, second};

/// A fresh sign-in link for each role and a code for a phone; nothing where the illustrative people are not there. Links that were printed
/// before are void; who has chosen a password keeps it.
pub fn printed(store: &Store, address: &str, now: Timestamp) -> Result<Option<String>, CommandError> {
    let actor = &store.command_line();
    let accounts = store.accounts(actor)?;
    let is_there = |name: &str| {
        accounts
            .iter()
            .any(|account| account.name == name && account.disabled_at.is_none())
    };
    let mut lines =
        vec!["Illustrative accounts, to try every role; each link works once and for two days:".to_owned()];
    let base = address.trim_end_matches('/');
    for (role, name) in DOORS.iter().filter(|(_, name)| is_there(name)) {
        let link = store.make_link(actor, name, &entropy()?, WHY, now)?;
        lines.push(line(*role, &format!("{base}{}", welcome::address(link.expose()))));
    }
    let name = worker(0);
    if is_there(&name) {
        let code = store.make_device_code(actor, &name, None, &entropy()?, WHY, now)?;
        lines.push(line(
            Role::FieldWorker,
            &format!(
                "{base}/field#enrol={} (a phone; until {})",
                code.expose(),
                second(code.expires_at)
            ),
        ));
    }
    Ok((lines.len() > 1).then(|| lines.join("\n")))
}

fn line(role: Role, door: &str) -> String {
    format!("  {:<14} {door}", role.as_str())
}
