//! ODK Collect and what else speaks OpenRosa, on both databases: every test here runs once on files and once on PostgreSQL. All people here are
//! illustrative.
#![allow(clippy::duplicate_mod, reason = "one set of tests, run on two databases")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

#[path = "../common/mod.rs"]
mod common;

#[cfg(has_postgres)]
#[path = "../../../store/tests/cluster/mod.rs"]
mod cluster;

mod collect;
mod place;

#[path = "."]
mod on_files {
    use crate::collect::Office;
    use crate::place::Place;

    fn place() -> Place {
        Place::files()
    }

    fn office() -> Office {
        Office::on(place())
    }

    mod commands;
    mod day;
    mod entities;
    mod given_out;
    mod hostile;
    mod parts;
    mod tasks;
}

#[cfg(has_postgres)]
#[path = "."]
mod on_postgres {
    use crate::collect::Office;
    use crate::place::Place;

    fn place() -> Place {
        Place::postgres()
    }

    fn office() -> Office {
        Office::on(place())
    }

    mod commands;
    mod day;
    mod entities;
    mod given_out;
    mod hostile;
    mod parts;
    mod tasks;
}

#[cfg(not(has_postgres))]
#[test]
#[ignore = "SKIPPED: all of this on PostgreSQL, whose server is not installed (apt-get install postgresql)"]
fn on_postgres() {}
