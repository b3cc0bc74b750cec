//! Numbered migrations: files that are applied in order, each once. The number of the last one stands in the file as `user_version`.
//!
//! Written here and not taken from a crate because two programs may open an old file at the same moment: the number is read again once the
//! writer's lock is held.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Result, StoreError};

/// The migrations of `access.sqlite`. Files of any released version begin within this list: what stands here is never changed, only added to.
pub(crate) const ACCESS: &[&str] = &[
    include_str!("../migrations/access/0001_rules_keys_downloads.sql"),
    include_str!("../migrations/access/0002_changes_of_layers.sql"),
    include_str!("../migrations/access/0003_key_sessions_shown_versions.sql"),
    include_str!("../migrations/access/0004_audit.sql"),
    include_str!("../migrations/access/0005_accounts_teams_devices.sql"),
];

/// Brings a file to the last of these migrations, or leaves it untouched and says why not. `file` is its name, for people.
pub(crate) fn migrate(conn: &mut Connection, file: &'static str, migrations: &[&str]) -> Result<()> {
    let failed = StoreError::sqlite("bringing a database up to date");
    let newest = migrations.len();
    if version(conn)? == newest {
        return Ok(());
    }
    let change = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    let applied = version(&change)?;
    let Some(missing) = migrations.get(applied..) else {
        return Err(StoreError::NewerFile {
            file,
            found: applied,
            known: newest,
        });
    };
    for step in missing {
        change.execute_batch(step).map_err(&failed)?;
    }
    change
        .pragma_update(None, "user_version", newest as i64)
        .map_err(&failed)?;
    change.commit().map_err(&failed)
}

fn version(conn: &Connection) -> Result<usize> {
    let number: i64 = conn
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(StoreError::sqlite("reading the version of a database"))?;
    usize::try_from(number).map_err(|_| StoreError::Damaged("its version number".into()))
}
