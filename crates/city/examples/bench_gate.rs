//! How long the gate takes for the tables that come with the program, over illustrative families.
//!
//! ```text
//! cargo run --release -p phteah-city --example bench_gate -- 3000 [TABLE…]
//! ```
//!
//! The tables are prepared three times, each time with one family in thirty more and with all releases before at hand. Prints, for the tables of each
//! population, how many cells they have, which share is hidden, and the seconds that protecting and attacking took.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark")]

#[path = "../tests/common/tables.rs"]
mod tables;

use std::time::Instant;

use phteah_registry::disclosure::rules::Rules;
use phteah_registry::indicators::IndicatorSet;
use phteah_registry::releases::{Before, prepare};

/// How often a release is prepared.
const RELEASES: u64 = 3;

fn main() {
    let mut args = std::env::args().skip(1);
    let families: u64 = args.next().map_or(3000, |number| number.parse().unwrap());
    let asked: Vec<String> = args.collect();
    let set = IndicatorSet::built_in().unwrap();
    let ids: Vec<&str> = asked.iter().map(String::as_str).collect();
    let set = if ids.is_empty() { set } else { set.only(&ids) };
    let began = Instant::now();
    let (set, rounds) = tables::count(set, families, RELEASES);
    let seconds = |began: Instant| began.elapsed().as_secs_f64();
    println!("{families} families made and counted in {:.1} s", seconds(began));
    for (population, some) in tables::by_population(&set) {
        let mut before: Vec<Before> = Vec::new();
        for (number, counted) in rounds.iter().enumerate() {
            let name = format!("release {} of {}", number + 1, population.word());
            let began = Instant::now();
            match prepare(&some, counted, tables::day(), Rules::default(), &before) {
                Ok(made) => {
                    let (cells, hidden) = made.cost();
                    let share = 100.0 * hidden as f64 / cells as f64;
                    println!(
                        "{name}: {cells} cells, {share:.1} % hidden, {:.1} s",
                        seconds(began)
                    );
                    before.push(Before {
                        name,
                        of: None,
                        set: made,
                        erased_since: 0,
                        is_published: true,
                    });
                }
                Err(error) => println!("{name}: {error}, {:.1} s", seconds(began)),
            }
        }
    }
}
