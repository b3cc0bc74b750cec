//! Measures the gate on one illustrative table: how long protecting and attacking it takes, and how much is hidden beside the plain way.
//!
//! `cargo run --release -p phteah-registry --example gate -- HOUSEHOLDS [SMALLEST KIND's share is uneven: 0 to 4]`. The tables that come with the
//! program are measured by the example `bench_gate` of `phteah-city`.

use std::time::Instant;

use phteah_registry::disclosure::history::History;
use phteah_registry::disclosure::protect::{audit, protect};
use phteah_registry::disclosure::rules::Rules;

#[path = "../tests/disclosure/greedy.rs"]
mod greedy;
#[path = "../tests/disclosure/made.rs"]
mod made;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let households = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let unevenness = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(3.0);
    let parts: Vec<u64> = (0..14).map(|khan| 5 + (khan * 5) % 6).collect();
    let mut random = made::Random(7);
    random.below(2);
    let table = made::spread(
        vec![
            made::levels("khan", "sangkat", &parts),
            made::flat("kind", 6),
            made::flat("sex", 2),
            made::flat("band", 3),
        ],
        households,
        unevenness,
        &mut random,
    );
    let started = Instant::now();
    let protected = match protect(&table, Rules::default(), &History::none(&table)) {
        Ok(protected) => protected,
        Err(refusal) => {
            println!("refused after {:?}: {refusal}", started.elapsed());
            return;
        }
    };
    println!(
        "{households} households, {} cells, {} hidden ({:.1} %), at least {} have to be; {:?}; {:.1?}",
        table.len(),
        protected.hidden(),
        100.0 * protected.share_hidden(),
        protected.at_least_hidden,
        protected.audit,
        started.elapsed()
    );
    let mut by = std::collections::BTreeMap::new();
    for reason in protected.reasons.iter().flatten() {
        *by.entry(reason.word()).or_insert(0) += 1;
    }
    println!("{by:?}");
    let hidden: Vec<bool> = protected.reasons.iter().map(Option::is_some).collect();
    let started = Instant::now();
    let found = audit(&table, &hidden, Rules::default(), &History::none(&table));
    println!("audit {found:?} in {:.1?}", started.elapsed());
    let started = Instant::now();
    let (plain, open) = greedy::hide(&table, Rules::default());
    println!(
        "the plain way hides {} cells; before it was mended an attacker got at {open} of them; {:.1?}",
        plain.iter().filter(|hidden| **hidden).count(),
        started.elapsed()
    );
}
