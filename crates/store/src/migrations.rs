//! Numbered migrations: files that are applied in order, each once, on either database. The number of the last one stands in the file as
//! `user_version`, or in the schema's table `tables_version`.
//!
//! Written here and not taken from a crate because two programs may open an old file at the same moment: the number is read again once the
//! writer's lock is held.

use crate::sql::{Connection, OptionalExtension};

use crate::error::{Result, StoreError};

/// The migrations of `access.sqlite`. Files of any released version begin within this list: what stands here is never changed, only added to.
pub(crate) const ACCESS: &[&str] = &[
    include_str!("../migrations/access/0001_rules_keys_downloads.sql"),
    include_str!("../migrations/access/0002_changes_of_layers.sql"),
    include_str!("../migrations/access/0003_key_sessions_shown_versions.sql"),
    include_str!("../migrations/access/0004_audit.sql"),
    include_str!("../migrations/access/0005_accounts_teams_devices.sql"),
    include_str!("../migrations/access/0006_tasks.sql"),
    include_str!("../migrations/access/0007_odk_tokens.sql"),
    include_str!("../migrations/access/0008_answers_of_tasks_are_sealed.sql"),
];

/// Brings a database to the last of these migrations, or leaves it untouched and says why not. `file` is its name, for people.
pub(crate) fn migrate(conn: &mut Connection, file: &'static str, migrations: &[&str]) -> Result<()> {
    let failed = StoreError::sqlite("bringing a database up to date");
    let file = conn.schema().map_or(file, crate::sql::Schema::name);
    let newest = migrations.len();
    if version(conn, file)? == newest {
        return Ok(());
    }
    let change = conn.transaction().map_err(&failed)?;
    let applied = version(&change, file)?;
    let Some(missing) = migrations.get(applied..) else {
        return Err(StoreError::NewerFile {
            file,
            found: applied,
            known: newest,
        });
    };
    if let Some(schema) = change.schema()
        && applied == 0
    {
        change
            .execute_batch(&format!(
                "CREATE SCHEMA IF NOT EXISTS {}; CREATE TABLE tables_version (version BIGINT NOT NULL); INSERT INTO tables_version VALUES (0)",
                schema.name()
            ))
            .map_err(&failed)?;
    }
    for step in missing {
        change.migrate(step).map_err(&failed)?;
    }
    if change.schema().is_some() {
        change
            .execute("UPDATE tables_version SET version = ?1", [newest as i64])
            .map_err(&failed)?;
    } else {
        change
            .execute_batch(&format!("PRAGMA user_version = {newest}"))
            .map_err(&failed)?;
    }
    change.commit().map_err(&failed)
}

/// The number of the last migration; 0 in a new database.
pub(crate) fn version(conn: &Connection, file: &str) -> Result<usize> {
    let failed = StoreError::sqlite("reading the version of a database");
    let number: i64 = if let Some(schema) = conn.schema() {
        let is_there: bool = conn
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = ?1 AND tablename = 'tables_version')",
                [schema.name()],
                |row| row.get(0),
            )
            .map_err(&failed)?;
        if is_there {
            conn.query_row("SELECT version FROM tables_version", [], |row| row.get(0))
                .optional()
                .map_err(&failed)?
                .unwrap_or(0)
        } else {
            0
        }
    } else {
        conn.query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(&failed)?
    };
    usize::try_from(number).map_err(|_| StoreError::DamagedFile {
        file: file.to_owned(),
        what: "its version number".to_owned(),
    })
}
