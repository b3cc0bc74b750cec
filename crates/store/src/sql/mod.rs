//! One door to two databases: SQLite's files and PostgreSQL. It has the shape of the part of `rusqlite` that this crate uses; every statement
//! is written once, and what differs is in `dialect`.
//!
//! * [`Connection::transaction`] writes. Nobody else writes the same schema until it has ended: SQLite has one writer, and on PostgreSQL the
//!   first thing that a transaction does is to take a lock that every writer takes. So numbers that are given within are seen in their order,
//!   and what was read within still holds when it is written over.
//! * [`Connection::snapshot`] reads one state.
//! * Rows are read whole before the first is looked at on PostgreSQL: limit what may be long, or take it with [`Connection::each`].

#![allow(
    clippy::needless_pass_by_value,
    reason = "values are given as rusqlite takes them: params![…], [one, two]"
)]

mod dialect;
mod error;
mod postgres;
mod value;

pub use error::Error;
pub use postgres::Postgres;

pub(crate) use error::Result;
pub(crate) use postgres::{Durability, Schema};
pub(crate) use value::{FromSql, Params, ToSql, Value, params};

use postgres::Session;
use rusqlite::params_from_iter;

/// Rows that are brought at once where they are not brought all.
const AT_ONCE: usize = 500;

/// A connection to one of the two.
#[derive(Debug)]
pub(crate) struct Connection(Backend);

#[derive(Debug)]
enum Backend {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Session>),
}

impl From<rusqlite::Connection> for Connection {
    fn from(conn: rusqlite::Connection) -> Self {
        Self(Backend::Sqlite(conn))
    }
}

impl Connection {
    /// A connection to PostgreSQL, made at once.
    pub fn postgres(server: &Postgres, schema: Schema, durability: Durability) -> Result<Self> {
        Ok(Self(Backend::Postgres(Box::new(Session::open(
            server, schema, durability,
        )?))))
    }

    /// SQLite's own connection, for what only SQLite has.
    pub fn sqlite(&self) -> Option<&rusqlite::Connection> {
        match &self.0 {
            Backend::Sqlite(conn) => Some(conn),
            Backend::Postgres(_) => None,
        }
    }

    /// The schema on PostgreSQL.
    pub fn schema(&self) -> Option<Schema> {
        match &self.0 {
            Backend::Sqlite(_) => None,
            Backend::Postgres(session) => Some(session.schema()),
        }
    }

    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.prepare_cached(sql)?.execute(params)
    }

    pub fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.prepare_cached(sql)?.query_row(params, map)
    }

    pub fn prepare_cached<'c>(&'c self, sql: &str) -> Result<Statement<'c>> {
        Ok(match &self.0 {
            Backend::Sqlite(conn) => Statement::Sqlite(conn.prepare_cached(sql)?),
            Backend::Postgres(session) => Statement::Postgres(session, sql.to_owned()),
        })
    }

    pub fn prepare<'c>(&'c self, sql: &str) -> Result<Statement<'c>> {
        self.prepare_cached(sql)
    }

    /// Statements without values, in words that both understand.
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        match &self.0 {
            Backend::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
            Backend::Postgres(session) => session.batch(sql),
        }
    }

    /// The statements of a migration.
    pub fn migrate(&self, sql: &str) -> Result<()> {
        match &self.0 {
            Backend::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
            Backend::Postgres(session) => session.batch(&dialect::migration(sql)),
        }
    }

    /// Looks at all rows of a statement without values, however many, in portions. Within a transaction or a snapshot only.
    pub fn each<E: From<Error>>(
        &self,
        sql: &str,
        mut look: impl FnMut(&Row<'_>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let Backend::Postgres(session) = &self.0 else {
            let mut statement = self.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                look(&row)?;
            }
            return Ok(());
        };
        session.batch(&format!(
            "DECLARE each_row NO SCROLL CURSOR FOR {}",
            dialect::statement(sql)
        ))?;
        loop {
            let rows = session.query_once(&format!("FETCH {AT_ONCE} FROM each_row"))?;
            for row in &rows {
                look(&Row::Postgres(row))?;
            }
            if rows.len() < AT_ONCE {
                break;
            }
        }
        Ok(session.batch("CLOSE each_row")?)
    }

    /// Begins to write; nobody else does meanwhile.
    pub fn transaction(&mut self) -> Result<Transaction<'_>> {
        self.begin("BEGIN IMMEDIATE", Session::begin_writing)
    }

    /// Begins to read one state.
    pub fn snapshot(&mut self) -> Result<Transaction<'_>> {
        self.begin("BEGIN", Session::begin_reading)
    }

    fn begin(&self, sqlite: &str, postgres: impl FnOnce(&Session) -> Result<()>) -> Result<Transaction<'_>> {
        match &self.0 {
            Backend::Sqlite(conn) => conn.execute_batch(sqlite)?,
            Backend::Postgres(session) => postgres(session)?,
        }
        Ok(Transaction {
            conn: self,
            ended: false,
        })
    }
}

/// A transaction. Where it is dropped nothing of it remains.
#[derive(Debug)]
pub(crate) struct Transaction<'c> {
    conn: &'c Connection,
    ended: bool,
}

impl Transaction<'_> {
    /// Makes it durable and lets it be seen.
    pub fn commit(mut self) -> Result<()> {
        match &self.conn.0 {
            Backend::Sqlite(conn) => conn.execute_batch("COMMIT")?,
            Backend::Postgres(session) => {
                self.ended = true;
                return session.commit();
            }
        }
        self.ended = true;
        Ok(())
    }

    /// Ends a snapshot.
    pub fn finish(mut self) -> Result<()> {
        self.ended = true;
        self.conn.end()
    }
}

impl Connection {
    fn end(&self) -> Result<()> {
        match &self.0 {
            Backend::Sqlite(conn) if conn.is_autocommit() => Ok(()),
            Backend::Sqlite(conn) => Ok(conn.execute_batch("ROLLBACK")?),
            Backend::Postgres(session) => {
                session.roll_back();
                Ok(())
            }
        }
    }
}

impl std::ops::Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // One that cannot be rolled back is rolled back by the database, which has lost the connection.
            let _ = self.conn.end();
        }
    }
}

/// A statement that is kept for the next time.
pub(crate) enum Statement<'c> {
    Sqlite(rusqlite::CachedStatement<'c>),
    Postgres(&'c Session, String),
}

impl Statement<'_> {
    pub fn execute(&mut self, params: impl Params) -> Result<usize> {
        let values = params.values();
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(params_from_iter(values))?),
            Self::Postgres(session, sql) => session.execute(sql, &values),
        }
    }

    pub fn query(&mut self, params: impl Params) -> Result<Rows<'_>> {
        let values = params.values();
        match self {
            Self::Sqlite(statement) => Ok(Rows::Sqlite(statement.query(params_from_iter(values))?)),
            Self::Postgres(session, sql) => Ok(Rows::Postgres {
                rows: session.query(sql, &values)?.into_iter(),
                now: None,
            }),
        }
    }

    pub fn query_row<T>(
        &mut self,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = self.query(params)?;
        let row = rows.next()?.ok_or(Error::NoRows)?;
        map(&row)
    }

    pub fn query_map<T, F: FnMut(&Row<'_>) -> Result<T>>(
        &mut self,
        params: impl Params,
        map: F,
    ) -> Result<MappedRows<'_, F>> {
        Ok(MappedRows {
            rows: self.query(params)?,
            map,
        })
    }
}

/// Rows, one after another.
pub(crate) enum Rows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres {
        rows: std::vec::IntoIter<tokio_postgres::Row>,
        now: Option<tokio_postgres::Row>,
    },
}

impl Rows<'_> {
    pub fn next(&mut self) -> Result<Option<Row<'_>>> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
            Self::Postgres { rows, now } => {
                *now = rows.next();
                Ok(now.as_ref().map(Row::Postgres))
            }
        }
    }
}

/// Rows, each turned into something.
pub(crate) struct MappedRows<'s, F> {
    rows: Rows<'s>,
    map: F,
}

impl<T, F: FnMut(&Row<'_>) -> Result<T>> Iterator for MappedRows<'_, F> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        match self.rows.next() {
            Ok(None) => None,
            Ok(Some(row)) => Some((self.map)(&row)),
            Err(error) => Some(Err(error)),
        }
    }
}

/// A row.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

/// A column's place; there is one type of it, so that `row.get(0)` needs no more.
pub(crate) trait RowIndex {
    fn place(self) -> usize;
}

impl RowIndex for usize {
    fn place(self) -> usize {
        self
    }
}

impl<'r> Row<'r> {
    pub fn get<I: RowIndex, T: FromSql>(&self, at: I) -> Result<T> {
        let at = at.place();
        T::from_value(self.get_ref(at)?)
            .ok_or_else(|| Error::Column(format!("column {at} holds something else than was expected")))
    }

    pub fn get_ref(&self, at: usize) -> Result<Value<'r>> {
        match self {
            Self::Sqlite(row) => match row.get_ref(at)? {
                rusqlite::types::ValueRef::Null => Ok(Value::Null),
                rusqlite::types::ValueRef::Integer(n) => Ok(Value::Integer(n)),
                rusqlite::types::ValueRef::Text(text) => std::str::from_utf8(text)
                    .map(Value::Text)
                    .map_err(|_| Error::Column("a text that cannot be read".to_owned())),
                rusqlite::types::ValueRef::Blob(bytes) => Ok(Value::Blob(bytes)),
                rusqlite::types::ValueRef::Real(_) => Err(Error::Column("an unexpected fraction".to_owned())),
            },
            Self::Postgres(row) => postgres::value(row, at),
        }
    }

    /// How many columns it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Sqlite(row) => row.as_ref().column_count(),
            Self::Postgres(row) => row.len(),
        }
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Nothing found is an answer.
pub(crate) trait OptionalExtension<T> {
    fn optional(self) -> Result<Option<T>>;
}

impl<T> OptionalExtension<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(Error::NoRows) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
