//! Who may see what.
//!
//! ```text
//! visibility rules ─┐
//! partners' keys ───┼─► Store::grant(viewer, layer, fields) ─► Grant ─► the only thing a layer is opened with for somebody else
//! the request's key ┘                                           └─► download log
//! ```
//!
//! * [`Store`] is the file `access.sqlite` in the data directory.
//! * [`Visibility`] is said per layer and per field. What nothing has been said about is internal.
//! * [`Viewer`] is who asks: anyone, a partner with a key, or the team. Only the store makes one from a key.
//! * [`Grant`] is the answer of the one check. It can be made nowhere else and names the visible fields only, so code that reads layers
//!   through grants cannot forget the check.
//!
//! Persons have accounts:
//!
//! ```text
//! roles, teams, areas ─► Actor { id, roles, scope } ─► every method that touches persons, rights or records takes `&Actor`
//!                          ▲ only the store makes one:
//!                          ├─ Store::command_line()                whoever may run programs on the data directory
//!                          ├─ Store::signed_in(cookie)             a person in a browser (Store::sign_in, Store::use_link began it)
//!                          ├─ Store::device_contact(token).actor   a phone, in its one team (Store::enrol began it)
//!                          └─ Store::key_actor(key)                a script
//! ```
//!
//! * [`Right`] × [`Role`] → [`Reach`] is the one table of who may do what; [`Actor::require`] and [`Actor::reaches_team`] ask it.
//! * Every change writes a row of the audit in its own transaction; the rows are chained by hashes.
//! * Tables come from numbered migrations in `migrations/`; a file of a newer program is refused in words and left alone.
//!
//! Times and random bytes are arguments: nothing here reads a clock.

mod access;
mod accounts;
mod actor;
mod audit;
mod changes;
mod devices;
mod error;
mod ids;
mod keys;
mod links;
mod migrations;
mod odk;
mod own_password;
mod passwords;
mod people_sessions;
mod readers;
pub mod registry;
mod rights;
mod secret;
mod sessions;
mod settings;
mod shown;
mod snapshot;
mod sql;
mod store;
mod tasks;
mod teams;
mod trail;
mod transfer;
mod visibility;

pub use access::{Grant, Viewer};
pub use accounts::{ACCOUNT_ENTROPY_BYTES, AccountRecord, MAX_ACCOUNTS, NewAccount};
pub use actor::{Actor, ActorId, Area, Scope, account_of};
pub use audit::{
    Download, DownloadId, DownloadRecord, DownloadTicket, MAX_PAGE as MAX_DOWNLOADS_PAGE, Outcome, Unwritten,
};
pub use changes::{Change, ChangeRecord, MAX_CHANGES};
pub use devices::{
    CODE_ENTROPY_BYTES, CODE_LASTS, DeviceCode, DeviceContact, DeviceRecord, DeviceToken,
    ENROL_ENTROPY_BYTES, Enrolment, LEASE, MAX_DEVICES_EACH, device_code_name,
};
pub use error::{Result, StoreError};
pub use ids::{AccountId, DeviceId, NoId, SessionId, TeamId};
pub use keys::{KeyRecord, KeyScope, NewKey};
pub use links::{Chosen, LINK_ENTROPY_BYTES, SignInLink, USE_LINK_ENTROPY_BYTES, Welcome, code_at};
pub use odk::OdkToken;
pub use own_password::PASSWORD_ENTROPY_BYTES;
pub use passwords::{MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, PasswordFault};
pub use people_sessions::{
    ABSOLUTE_END, IDLE_END, MAX_SESSIONS_EACH, SIGN_IN_ENTROPY_BYTES, SessionRecord, SignIn, SignedIn,
};
pub use rights::{Reach, Right, Role, reach};
pub use secret::{ENTROPY_BYTES, Secret, key_id};
pub use sessions::{MAX_SESSIONS, SESSION_ENTROPY_BYTES, SessionToken};
pub use shown::Shown;
pub use snapshot::{DatabaseState, check_version, copy_database, database_state};
pub use sql::{Error as DatabaseError, Postgres};
pub use store::{Database, FILE_NAME, MOVED, Store};
pub use tasks::{AnswerableTasks, MAX_TASK_TEXT, MAX_TASKS, NewTask, Task, TaskSite};
pub use teams::{MAX_NAME_BYTES, MAX_SANGKATS, MAX_TEAMS, TEAM_ENTROPY_BYTES, TeamRecord, name_key};
pub use trail::{AuditRecord, AuditState, MAX_AUDIT_PAGE, MAX_WHY_BYTES, PlanChange, Planner};
pub use transfer::{Carried, Part, carry, copy_as_file, hashes};
pub use visibility::{LayerRule, Visibility};
