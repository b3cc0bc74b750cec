//! Measures the gate on illustrative tables: how long it takes and how much it hides.
//!
//! `cargo run --release -p phteah-registry --example gate -- HOUSEHOLDS [SMALLEST KIND's share is uneven: 0 to 4]` measures one table,
//! `… -- HOUSEHOLDS set` the built-in set of indicators, released twice.

use std::time::Instant;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use phteah_registry::disclosure::protect::{History, audit, protect};
use phteah_registry::disclosure::read::TableFile;
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::indicators::{Counted, IndicatorSet};
use phteah_registry::releases::{Before, prepare};

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
    if std::env::args().nth(2).as_deref() == Some("set") {
        whole_set(households);
        return;
    }
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

const TODAY: Date = date(2026, 11, 30);

/// An illustrative family's categories in every column.
fn family(random: &mut made::Random, sangkats: &[(String, String)]) -> BTreeMap<&'static str, String> {
    let pick = |random: &mut made::Random, of: &[(&str, u64)]| -> String {
        let all: u64 = of.iter().map(|(_, share)| share).sum();
        let mut at = random.below(all);
        for (name, share) in of {
            if at < *share {
                return (*name).to_owned();
            }
            at -= share;
        }
        unreachable!("the shares are all there are")
    };
    // Uneven: some sangkats have many settlements, others hardly one.
    let place = (random.share() * random.share() * sangkats.len() as f64) as usize;
    let mut own = BTreeMap::from([
        ("khan", sangkats[place].0.clone()),
        ("sangkat", sangkats[place].1.clone()),
        (
            "head_sex",
            pick(random, &[("female", 40), ("male", 58), ("unknown", 2)]),
        ),
        (
            "disability",
            pick(random, &[("recorded", 20), ("none_recorded", 80)]),
        ),
        (
            "under_six",
            pick(random, &[("yes", 38), ("no", 60), ("unknown", 2)]),
        ),
        (
            "school",
            pick(
                random,
                &[
                    ("all_attend", 45),
                    ("some_attend", 12),
                    ("none_attends", 5),
                    ("no_child_of_school_age", 34),
                    ("unknown", 4),
                ],
            ),
        ),
    ]);
    for (column, referred) in [("clinic_answer", 6), ("nursery_answer", 5)] {
        let answers = [
            ("not_referred", 100 - referred),
            ("done", referred / 2),
            ("accepted", 1),
            ("refused", 1),
            ("no_answer_yet", 1),
        ];
        own.insert(column, pick(random, &answers));
    }
    if random.below(100) < 45 {
        own.insert(
            "site",
            format!("S{:02}", (random.share() * random.share() * 24.0) as u32),
        );
        let year = 2021 + random.below(6);
        own.insert("moved_year", year.to_string());
        let stays: &[(&str, u64)] = match 2026 - year {
            0 => &[("there_not_yet_12_months", 90), ("gone_before_12_months", 10)],
            1 | 2 => &[
                ("there_at_12_months", 70),
                ("gone_before_12_months", 15),
                ("unknown", 10),
                ("there_not_yet_12_months", 5),
            ],
            _ => &[
                ("there_at_36_months", 55),
                ("there_at_12_months", 12),
                ("gone_before_12_months", 12),
                ("gone_12_to_36_months", 12),
                ("unknown", 9),
            ],
        };
        own.insert("stay", pick(random, stays));
        own.insert(
            "work_kept",
            pick(random, &[("yes", 55), ("no", 30), ("unknown", 15)]),
        );
    }
    own
}

fn counted(set: &IndicatorSet, families: &[BTreeMap<&'static str, String>]) -> Vec<Counted> {
    set.indicators()
        .iter()
        .map(|indicator| {
            let columns = indicator.columns();
            let mut rows: BTreeMap<Vec<String>, u64> = BTreeMap::new();
            for family in families {
                let path: Option<Vec<String>> = columns
                    .iter()
                    .flatten()
                    .map(|column| family.get(column.as_str()).cloned())
                    .collect();
                if let Some(path) = path {
                    *rows.entry(path).or_default() += 1;
                }
            }
            let first = rows.keys().next().expect("somebody").clone();
            let mut at = 0;
            for breakdown in &indicator.by {
                let end = at + breakdown.columns.len();
                for category in breakdown.categories(set.places(), TODAY) {
                    let mut path = first.clone();
                    path[at..end].clone_from_slice(&category);
                    rows.entry(path).or_default();
                }
                at = end;
            }
            Counted {
                id: indicator.id.clone(),
                file: TableFile::from_rows(columns, rows.into_iter().collect()),
                answers: BTreeMap::new(),
                day: TODAY,
                illustrative: true,
            }
        })
        .collect()
}

fn whole_set(households: u64) {
    let set = IndicatorSet::built_in().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let mut random = made::Random(11);
    let sangkats: Vec<(String, String)> = (0..14)
        .flat_map(|khan| {
            (0..5 + (khan * 5) % 6).map(move |part| {
                let khan = format!("12{:02}", khan + 1);
                let sangkat = format!("{khan}{:02}", part + 1);
                (khan, sangkat)
            })
        })
        .collect();
    let mut families: Vec<_> = (0..households).map(|_| family(&mut random, &sangkats)).collect();
    let mut before: Vec<Before> = Vec::new();
    for round in 1..=2 {
        let counts = counted(&set, &families);
        let started = Instant::now();
        match prepare(&set, &counts, TODAY, Rules::default(), &before) {
            Ok(made) => {
                println!(
                    "release {round} of {} families: {:.1?}",
                    families.len(),
                    started.elapsed()
                );
                for table in &made.tables {
                    println!(
                        "  {}: {} of {} cells hidden ({:.1} %), {:?}",
                        table.id,
                        table.hidden(),
                        table.cells.len(),
                        100.0 * table.share_hidden(),
                        table.audit
                    );
                }
                before.push(Before {
                    name: format!("release {round}"),
                    set: made,
                    erased_since: 2,
                    is_published: true,
                });
            }
            Err(error) => println!("release {round} refused after {:.1?}: {error}", started.elapsed()),
        }
        // A year later: one family in eight has come, one in fifty is not counted any more.
        let come = families.len() / 8;
        families.retain(|_| random.below(50) > 0);
        families.extend((0..come).map(|_| family(&mut random, &sangkats)));
    }
}
