//! The way to PostgreSQL: where it is, and connections that come back after they were lost.
//!
//! Connections live on one thread of their own ("postgres"), which no caller ever enters. A caller sleeps until its answer has come, and says
//! so to the runtime that it may run in, so that a server's other requests go on meanwhile (`wait`).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Row};

use super::dialect;
use super::error::{Error, Result};
use super::value::Value;
use crate::error::StoreError;

/// The oldest release that is good enough.
const OLDEST: i64 = 15;
/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(5);
/// After a connection could not be made, others are told so for so long without trying.
const PAUSE: Duration = Duration::from_millis(500);
/// How long an answer may take. PostgreSQL gives up earlier by itself, unless it cannot be reached.
const ANSWER: Duration = Duration::from_secs(330);
/// What every connection begins with. A program that writes waits for another one like SQLite's do; one that stopped in the middle of a write
/// is put out after two minutes.
const MANNERS: &str = "SET client_min_messages = warning; SET timezone = 'UTC'; SET lock_timeout = '10s'; SET statement_timeout = '5min'; \
                       SET idle_in_transaction_session_timeout = '2min';";
/// Statements that a connection keeps prepared.
const MAX_PREPARED: usize = 300;

/// A database on a PostgreSQL server.
#[derive(Clone)]
pub struct Postgres {
    config: Arc<Config>,
}

/// What is told of it: where it is, never with whose name or password.
impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        write!(f, "PostgreSQL at {host}:{port}, database {}", self.database())
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Postgres {
    /// Reads an address such as `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. What is wrong with it is said without repeating it.
    pub fn read(url: &str) -> crate::error::Result<Self> {
        let refused = |why: &str| {
            Err(StoreError::Usage(format!(
                "The address of the database (--database, PHTEAH_DATABASE) cannot be used: {why} It looks like postgres://USER:PASSWORD@HOST/DATABASE."
            )))
        };
        if !Self::is_address(url) {
            return refused("it does not begin with postgres://.");
        }
        let Ok(mut config) = url.parse::<Config>() else {
            return refused(
                "a part of it cannot be read; signs such as @ or / in a password are written as %40 and %2F.",
            );
        };
        if config.get_dbname().is_none() {
            return refused("it names no database.");
        }
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        let is_near = config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                name == "localhost"
                    || name
                        .parse::<std::net::IpAddr>()
                        .is_ok_and(|address| address.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        });
        match config.get_ssl_mode() {
            SslMode::Require => {
                return refused(
                    "it asks for TLS, which this program does not speak with PostgreSQL: lead the connection through an encrypted tunnel to \
                     a socket on this machine.",
                );
            }
            SslMode::Disable => {}
            _ if is_near => {}
            _ => {
                return refused(
                    "PostgreSQL is on another machine, and the connection would not be encrypted. Lead it through an encrypted tunnel; or, \
                     where the network itself is (WireGuard), say so with ?sslmode=disable at the end.",
                );
            }
        }
        config
            .application_name("phteah")
            .connect_timeout(CONNECTING)
            .tcp_user_timeout(Duration::from_secs(20))
            .keepalives_idle(Duration::from_secs(20))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        Ok(Self {
            config: Arc::new(config),
        })
    }

    /// Whether a text is meant as such an address, rather than as the name of a directory.
    pub fn is_address(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }

    /// Why no connection could be made.
    fn refused(&self, error: &tokio_postgres::Error) -> Error {
        let user = self.config.get_user().unwrap_or("of this process");
        let code = error.code();
        let why = if code == Some(&SqlState::INVALID_PASSWORD)
            || code == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
        {
            format!(
                "it does not let the user {user} in. Look at the name and the password, and at pg_hba.conf."
            )
        } else if code == Some(&SqlState::INVALID_CATALOG_NAME) {
            format!(
                "it has no such database. Make it with: createdb --owner {user} {}",
                self.database()
            )
        } else if code == Some(&SqlState::TOO_MANY_CONNECTIONS) {
            "it has as many connections as it takes. Raise max_connections, or end other programs.".to_owned()
        } else if code == Some(&SqlState::CANNOT_CONNECT_NOW) {
            "it is starting or stopping. Try again in a moment.".to_owned()
        } else if code == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
            format!(
                "the user {user} may not connect to it: GRANT CONNECT, CREATE ON DATABASE {} TO {user}",
                self.database()
            )
        } else if let Some(answer) = error.as_db_error() {
            format!("it answers {}: {}", answer.code().code(), answer.message())
        } else {
            let cause =
                std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
            format!("{cause}. Is it running there?")
        };
        Error::Unavailable(format!("{self} cannot be used: {why}"))
    }

    fn connect(&self, setup: &str) -> Result<Live> {
        let runtime = RUNTIME
            .as_ref()
            .map_err(|e| Error::Unavailable(format!("The thread for PostgreSQL cannot be started: {e}.")))?;
        let (tell, told) = sync_channel(1);
        let config = Arc::clone(&self.config);
        let task = runtime.spawn(async move {
            match config.connect(NoTls).await {
                Ok((client, connection)) => {
                    if tell.send(Ok(client)).is_ok() {
                        // Whoever waits for an answer is told how it ended.
                        let _ = connection.await;
                    }
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
            }
        });
        let client = match asleep(|| told.recv_timeout(2 * CONNECTING)) {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(self.refused(&error)),
            Err(_) => {
                task.abort();
                return Err(Error::Unavailable(format!(
                    "{self} cannot be used: it does not answer."
                )));
            }
        };
        let live = Live {
            client,
            dead: Cell::new(false),
            prepared: RefCell::default(),
        };
        let about = live.ask(live.client.query_one(
            "SELECT current_setting('server_version_num')::bigint / 10000, current_setting('server_encoding')",
            &[],
        ))?;
        let (version, encoding): (i64, String) = (about.get(0), about.get(1));
        if version < OLDEST {
            return Err(Error::Unavailable(format!(
                "{self} cannot be used: it is PostgreSQL {version}, and Phteah needs {OLDEST} or newer. Nothing was changed."
            )));
        }
        if encoding != "UTF8" {
            return Err(Error::Unavailable(format!(
                "{self} cannot be used: its encoding is {encoding}. Make one with: createdb --encoding UTF8 --template template0 NAME"
            )));
        }
        live.ask(live.client.batch_execute(setup))?;
        Ok(live)
    }
}

/// What a connection is for: the tables of each lie in a schema of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// Access rules, accounts, audit.
    Access,
    /// Households.
    Registry,
}

impl Schema {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "phteah_access",
            Self::Registry => "phteah_registry",
        }
    }

    /// The lock that every writer of the schema takes: "phteah" in ASCII, and a number.
    fn lock(self) -> i64 {
        0x7068_7465_6168_0000
            + match self {
                Self::Access => 1,
                Self::Registry => 2,
            }
    }
}

/// What a write that was answered survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The power's going off.
    Full,
    /// The end of this program, however it ends.
    Process,
}

struct Live {
    client: Client,
    /// It was lost, or gave no answer in time.
    dead: Cell<bool>,
    prepared: RefCell<HashMap<String, tokio_postgres::Statement>>,
}

impl Live {
    fn ask<T>(
        &self,
        answer: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        let done = wait(answer, ANSWER).map_or_else(
            || Err(Error::Lost),
            |answer| answer.map_err(|error| Error::postgres(&error)),
        );
        if matches!(&done, Err(Error::Lost)) {
            self.dead.set(true);
        }
        done
    }

    fn is_dead(&self) -> bool {
        self.dead.get() || self.client.is_closed()
    }

    fn prepared(&self, sql: &str) -> Result<tokio_postgres::Statement> {
        if let Some(statement) = self.prepared.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.ask(self.client.prepare(&dialect::statement(sql)))?;
        let mut all = self.prepared.borrow_mut();
        if all.len() >= MAX_PREPARED {
            all.clear();
        }
        all.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// A connection that is made anew after it was lost, never within a transaction.
pub(crate) struct Session {
    server: Postgres,
    schema: Schema,
    setup: String,
    live: RefCell<Option<Live>>,
    within: Cell<Within>,
    /// When it last could not be made, and why.
    failed: RefCell<Option<(Instant, String)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// Each statement stands alone.
    Nothing,
    Transaction,
    /// A transaction of which a statement has failed: it can only be rolled back.
    Failed,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({}, {})", self.server, self.schema.name())
    }
}

impl Session {
    pub fn open(server: &Postgres, schema: Schema, durability: Durability) -> Result<Self> {
        let commit = match durability {
            // Where whoever runs the server asks for more (remote_apply), that stays.
            Durability::Full => {
                "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
            }
            Durability::Process => "SET synchronous_commit = off;",
        };
        let session = Self {
            server: server.clone(),
            schema,
            setup: format!("{MANNERS} SET search_path = {}; {commit}", schema.name()),
            live: RefCell::default(),
            within: Cell::new(Within::Nothing),
            failed: RefCell::default(),
        };
        session.connected()?;
        Ok(session)
    }

    pub fn schema(&self) -> Schema {
        self.schema
    }

    fn connected(&self) -> Result<()> {
        if self.live.borrow().as_ref().is_some_and(|live| !live.is_dead()) {
            return Ok(());
        }
        if self.within.get() != Within::Nothing {
            return Err(Error::Lost);
        }
        if let Some((at, why)) = &*self.failed.borrow()
            && at.elapsed() < PAUSE
        {
            return Err(Error::Unavailable(why.clone()));
        }
        match self.server.connect(&self.setup) {
            Ok(live) => {
                *self.live.borrow_mut() = Some(live);
                *self.failed.borrow_mut() = None;
                Ok(())
            }
            Err(error) => {
                *self.live.borrow_mut() = None;
                *self.failed.borrow_mut() = Some((Instant::now(), error.to_string()));
                Err(error)
            }
        }
    }

    /// Does something with the connection. `again` says that it does no harm to do it twice.
    fn run<T>(&self, again: bool, act: impl Fn(&Live) -> Result<T>) -> Result<T> {
        let once = || {
            self.connected()?;
            let live = self.live.borrow();
            live.as_ref().map_or_else(|| Err(Error::Lost), &act)
        };
        let mut done = once();
        if again && self.within.get() == Within::Nothing && matches!(&done, Err(Error::Lost)) {
            done = once();
        }
        if done.is_err() && self.within.get() == Within::Transaction {
            self.within.set(Within::Failed);
        }
        done
    }

    pub fn query(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        let only_reads = sql.trim_start().starts_with("SELECT");
        self.run(only_reads, |live| {
            let statement = live.prepared(sql)?;
            live.ask(live.client.query(&statement, &bound(&params(values))))
        })
    }

    /// A statement that is not kept.
    pub fn query_once(&self, sql: &str) -> Result<Vec<Row>> {
        self.run(false, |live| live.ask(live.client.query(sql, &[])))
    }

    pub fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        self.run(false, |live| {
            let statement = live.prepared(sql)?;
            let changed = live.ask(live.client.execute(&statement, &bound(&params(values))))?;
            Ok(usize::try_from(changed).unwrap_or(usize::MAX))
        })
    }

    pub fn batch(&self, sql: &str) -> Result<()> {
        self.run(false, |live| live.ask(live.client.batch_execute(sql)))?;
        if sql.starts_with("ROLLBACK TO") {
            self.within.set(Within::Transaction);
        }
        Ok(())
    }

    /// Waits until nobody else writes. Each statement after that sees all that was written before.
    pub fn begin_writing(&self) -> Result<()> {
        self.begin(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({})",
            self.schema.lock()
        ))
    }

    pub fn begin_reading(&self) -> Result<()> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    fn begin(&self, sql: &str) -> Result<()> {
        let begun = self.run(true, |live| live.ask(live.client.batch_execute(sql)));
        self.within.set(Within::Transaction);
        if begun.is_err() {
            self.roll_back();
        }
        begun
    }

    pub fn commit(&self) -> Result<()> {
        if self.within.get() == Within::Failed {
            self.roll_back();
            return Err(Error::Column(
                "a statement of this transaction had failed, and nothing of it was kept".to_owned(),
            ));
        }
        let done = self.run(false, |live| live.ask(live.client.batch_execute("COMMIT")));
        self.within.set(Within::Nothing);
        done
    }

    pub fn roll_back(&self) {
        let done = self.run(false, |live| live.ask(live.client.batch_execute("ROLLBACK")));
        self.within.set(Within::Nothing);
        if done.is_err() {
            // The server rolls back what was open on a connection that ends.
            *self.live.borrow_mut() = None;
        }
    }
}

/// A value on its way.
struct Param<'a>(Value<'a>);

/// Never the value: the library writes statements with their values where somebody asks for every log line.
impl fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

fn params<'a>(values: &[Value<'a>]) -> Vec<Param<'a>> {
    values.iter().copied().map(Param).collect()
}

fn bound<'p>(params: &'p [Param<'_>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|one| one as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Integer(n), &Type::INT8) => n.to_sql(ty, out),
            (Value::Integer(n), &Type::INT4) => i32::try_from(n)?.to_sql(ty, out),
            (Value::Integer(n), &Type::BOOL) => (n != 0).to_sql(ty, out),
            // It keeps no text with a zero byte in it; SQLite does. Such a byte comes from no person.
            (Value::Text(text), _) if text.contains('\0') => text.replace('\0', "\u{fffd}").to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::NAME) => text.to_sql(ty, out),
            (Value::Blob(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            _ => Err(format!("a value does not fit the type {ty} of its column").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// What stands in a column.
pub(super) fn value(row: &Row, at: usize) -> Result<Value<'_>> {
    let wrong = |_| Error::Column(format!("column {at} cannot be read"));
    let column = row
        .columns()
        .get(at)
        .ok_or_else(|| Error::Column(format!("there is no column {at}")))?;
    let integer = |n: Option<i64>| n.map_or(Value::Null, Value::Integer);
    Ok(match *column.type_() {
        Type::INT8 => integer(row.try_get(at).map_err(wrong)?),
        Type::INT4 => integer(row.try_get::<_, Option<i32>>(at).map_err(wrong)?.map(i64::from)),
        Type::BOOL => integer(row.try_get::<_, Option<bool>>(at).map_err(wrong)?.map(i64::from)),
        Type::TEXT | Type::VARCHAR | Type::NAME => row
            .try_get::<_, Option<&str>>(at)
            .map_err(wrong)?
            .map_or(Value::Null, Value::Text),
        Type::BYTEA => row
            .try_get::<_, Option<&[u8]>>(at)
            .map_err(wrong)?
            .map_or(Value::Null, Value::Blob),
        ref other => {
            return Err(Error::Column(format!(
                "column {at} is of the type {other}, which nothing here knows"
            )));
        }
    })
}

static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("postgres")
        .enable_all()
        .build()
});

/// Sleeps until an answer has come, at most so long.
fn wait<F: Future>(answer: F, at_most: Duration) -> Option<F::Output> {
    struct Sleeper(std::thread::Thread);
    impl Wake for Sleeper {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut answer = pin!(answer);
    asleep(move || {
        let waker = Waker::from(Arc::new(Sleeper(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let end = Instant::now() + at_most;
        loop {
            if let Poll::Ready(output) = answer.as_mut().poll(&mut context) {
                return Some(output);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            std::thread::park_timeout(left);
        }
    })
}

/// The one place where a thread that may belong to a server's runtime sleeps: others take over what it had to do.
fn asleep<T>(sleep: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(sleep),
        _ => sleep(),
    }
}
