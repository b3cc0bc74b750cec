//! What the store promises, kept on both databases: every test here runs once on files and once on PostgreSQL.
#![allow(clippy::duplicate_mod, reason = "one set of tests, run on two databases")]

#[path = "../field/mod.rs"]
mod field;

#[cfg(has_postgres)]
use field::cluster;
use field::place;

#[path = "."]
mod on_files {
    use crate::place::Place;

    fn place() -> Place {
        Place::files()
    }

    mod access;
    mod changes;
    mod desk;
    mod handed_over;
    mod people;
    mod registry;
    mod several;
    mod tasks;
}

#[cfg(has_postgres)]
#[path = "."]
mod on_postgres {
    use crate::place::Place;

    fn place() -> Place {
        Place::postgres()
    }

    mod access;
    mod changes;
    mod desk;
    mod handed_over;
    mod people;
    mod registry;
    mod server;
    mod several;
    mod tasks;
}

#[cfg(not(has_postgres))]
#[test]
#[ignore = "SKIPPED: all of this on PostgreSQL, whose server is not installed (apt-get install postgresql)"]
fn on_postgres() {}
