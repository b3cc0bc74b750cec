//! Tables of the same families, published together and again and again: an attacker who has them all, who knows that they count the same
//! families, and who solves for all of them at once.

use std::collections::BTreeMap;

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome, Variable};
use phteah_registry::disclosure::dimension::is_total;
use phteah_registry::disclosure::earlier::Earlier;
use phteah_registry::disclosure::linked::{self, Linked, LinkedError};
use phteah_registry::disclosure::read::TableFile;
use phteah_registry::disclosure::release::{Release, ReleaseError};
use phteah_registry::disclosure::rules::Rules;

use crate::made::Random;
use crate::registries;

const SEXES: [&str; 2] = ["female", "male"];
const SCHOOL: [&str; 3] = ["all", "some", "unknown"];
const ANSWERS: [&str; 3] = ["done", "none", "refused"];

/// A family as the attacker's victim: where it lives and what it answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Family {
    sangkat: usize,
    sex: usize,
    school: usize,
    answer: usize,
    hidden: bool,
}

/// From this release on areas are redrawn, in every fifth registry.
const REDRAWN_FROM: u64 = 6;

/// Which khan a sangkat lies in; the last one moves to another khan when areas are redrawn.
fn khan(sangkat: usize, redrawn: bool) -> usize {
    match sangkat {
        0 | 1 => 0,
        2 | 3 => 1,
        4 => usize::from(!redrawn) + 1,
        _ => 2,
    }
}

fn random_family(random: &mut Random) -> Family {
    // Uneven, so that there are small areas.
    let sangkat = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4, 5, 5, 5, 5][random.below(16) as usize];
    Family {
        sangkat,
        sex: usize::from(random.below(5) > 2),
        school: [0, 0, 0, 1, 2][random.below(5) as usize],
        answer: [0, 1, 1, 1, 1, 2][random.below(6) as usize],
        hidden: random.below(60) == 0,
    }
}

/// The three tables that are published.
fn tables(families: &[Family], redrawn: bool) -> Vec<TableFile> {
    let counted = families.iter().filter(|family| !family.hidden);
    let mut rows: Vec<BTreeMap<Vec<String>, u64>> = vec![BTreeMap::new(); 3];
    let mut add = |table: usize, path: Vec<String>, count: u64| {
        *rows[table].entry(path).or_default() += count;
    };
    let place = |sangkat: usize| {
        vec![
            format!("khan {}", khan(sangkat, redrawn)),
            format!("sangkat {sangkat}"),
        ]
    };
    for sangkat in 0..6 {
        for sex in SEXES {
            add(0, [place(sangkat), vec![sex.into()]].concat(), 0);
        }
        for school in SCHOOL {
            add(1, vec![place(sangkat)[0].clone(), school.into()], 0);
        }
        for answer in ANSWERS {
            add(2, vec![place(sangkat)[0].clone(), answer.into()], 0);
        }
    }
    for family in counted {
        let khan = place(family.sangkat)[0].clone();
        add(
            0,
            [place(family.sangkat), vec![SEXES[family.sex].into()]].concat(),
            1,
        );
        add(1, vec![khan.clone(), SCHOOL[family.school].into()], 1);
        add(2, vec![khan, ANSWERS[family.answer].into()], 1);
    }
    let by = [
        vec![
            vec!["khan".to_owned(), "sangkat".to_owned()],
            vec!["sex".to_owned()],
        ],
        vec![vec!["khan".to_owned()], vec!["school".to_owned()]],
        vec![vec!["khan".to_owned()], vec!["answer".to_owned()]],
    ];
    by.into_iter()
        .zip(rows)
        .map(|(by, rows)| TableFile::from_rows(by, rows.into_iter().collect()))
        .collect()
}

#[expect(clippy::result_large_err, reason = "a test looks at it once")]
fn prepare(files: &[TableFile], earlier: &[Vec<Earlier>]) -> Result<Vec<Release>, LinkedError> {
    let names = ["by_area", "school", "referrals"];
    let linked: Vec<Linked<'_>> = files
        .iter()
        .enumerate()
        .map(|(number, file)| Linked {
            name: names[number],
            file,
            earlier: earlier.get(number).map_or(&[], Vec::as_slice),
            impossible: &|_| false,
        })
        .collect();
    linked::prepare(&linked, Rules::default())
}

type Labels = BTreeMap<String, String>;

/// One table as the attacker has it: categories and counts of every cell.
struct Seen {
    cells: Vec<(Labels, Option<u64>)>,
    truth: Vec<u64>,
}

/// Everything that is published, and what it truly is.
fn seen(files: &[TableFile], releases: &[Release], earlier: &[Vec<Earlier>]) -> Vec<Seen> {
    files
        .iter()
        .zip(releases)
        .enumerate()
        .map(|(number, (file, release))| {
            let table = file.table(file.by(), &[]).expect("made well");
            let truth = table.values().to_vec();
            let mut cells: Vec<(Labels, Option<u64>)> = Vec::new();
            for (cell, told) in release.cells().enumerate() {
                let labels: Labels = told
                    .labels
                    .iter()
                    .map(|(column, name)| ((*column).to_owned(), (*name).to_owned()))
                    .collect();
                let group = told.reason.is_some_and(|reason| reason.word() == "group");
                let latest = earlier.get(number).into_iter().flatten().rev().find_map(|one| {
                    one.cells
                        .iter()
                        .find(|cell| cell.labels == labels)
                        .map(|cell| cell.value)
                });
                // He believes that nothing changed where the count is what it was.
                let value = told
                    .value
                    .or_else(|| latest.flatten().filter(|before| *before == truth[cell] && !group));
                cells.push((labels, value));
            }
            Seen { cells, truth }
        })
        .collect()
}

/// The least and the greatest value of a cell over everything that fits all tables.
fn interval(tables: &[Seen], table: usize, cell: usize) -> (f64, f64) {
    let solve = |direction| {
        let mut problem = Problem::new(direction);
        let mut variables: Vec<Vec<Variable>> = Vec::new();
        for (number, seen) in tables.iter().enumerate() {
            let of = |at: usize, value: Option<u64>| {
                let factor = if (number, at) == (table, cell) { 1.0 } else { 0.0 };
                let bounds = value.map_or((0.0, 100_000.0), |value| (value as f64, value as f64));
                (factor, bounds)
            };
            let own = seen
                .cells
                .iter()
                .enumerate()
                .map(|(at, (_, value))| {
                    let (factor, bounds) = of(at, *value);
                    problem.add_var(factor, bounds)
                })
                .collect();
            variables.push(own);
        }
        for (seen, variables) in tables.iter().zip(&variables) {
            sums(&mut problem, seen, variables);
        }
        // All count the same families: their totals over the khan are one and the same.
        for (at, (labels, _)) in tables[0].cells.iter().enumerate() {
            let others = labels.iter().filter(|(column, _)| *column != "khan");
            if !others.clone().all(|(_, name)| is_total(name)) {
                continue;
            }
            for other in 1..tables.len() {
                let same = tables[other].cells.iter().position(|(theirs, _)| {
                    theirs["khan"] == labels["khan"]
                        && theirs
                            .iter()
                            .all(|(column, name)| column == "khan" || is_total(name))
                });
                let same = same.expect("every table has every khan");
                let terms = [(variables[0][at], 1.0), (variables[other][same], -1.0)];
                problem.add_constraint(terms, ComparisonOp::Eq, 0.0);
            }
        }
        match problem.solve().expect("the truth fits") {
            SolveOutcome::Solution(solution) => solution.objective(),
            SolveOutcome::Interrupted(_) => panic!("nothing interrupts it"),
        }
    };
    (
        solve(OptimizationDirection::Minimize),
        solve(OptimizationDirection::Maximize),
    )
}

/// Every sum of a table, as an equation: for each total in one column, the cells that have a category there instead.
fn sums(problem: &mut Problem, seen: &Seen, variables: &[Variable]) {
    let parent = |column: &str| if column == "sangkat" { Some("khan") } else { None };
    for (whole, (labels, _)) in seen.cells.iter().enumerate() {
        for column in labels.keys().filter(|column| is_total(&labels[*column])) {
            // A sangkat is summed up within its khan; a khan's total has no sangkat.
            if parent(column).is_some_and(|above| is_total(&labels[above])) {
                continue;
            }
            let parts: Vec<usize> = (0..seen.cells.len())
                .filter(|&part| {
                    let theirs = &seen.cells[part].0;
                    !is_total(&theirs[column])
                        && theirs
                            .iter()
                            .all(|(other, name)| other == column || *name == labels[other])
                })
                .collect();
            let terms: Vec<(Variable, f64)> = parts
                .iter()
                .map(|&part| (variables[part], 1.0))
                .chain([(variables[whole], -1.0)])
                .collect();
            problem.add_constraint(&terms[..], ComparisonOp::Eq, 0.0);
        }
    }
}

/// Looks at some of the hidden cells of all tables.
fn attack(what: &str, tables: &[Seen], random: &mut Random) {
    let hidden: Vec<(usize, usize)> = tables
        .iter()
        .enumerate()
        .flat_map(|(table, seen)| {
            let cells = seen.cells.iter().enumerate();
            cells
                .filter(|(_, (_, value))| value.is_none())
                .map(move |(cell, _)| (table, cell))
        })
        .collect();
    for _ in 0..5.min(hidden.len()) {
        let (table, cell) = hidden[random.below(hidden.len() as u64) as usize];
        let (lowest, highest) = interval(tables, table, cell);
        let truth = tables[table].truth[cell] as f64;
        assert!(lowest - 1e-6 <= truth && truth <= highest + 1e-6, "{what}");
        assert!(
            highest - lowest >= 10.0 - 1e-6,
            "{what}: table {table}, {:?} = {truth} lies from {lowest} to {highest}",
            tables[table].cells[cell].0
        );
    }
}

/// No published count is from 1 to 9, and none differs from any earlier one by 1 to 9.
fn differences(
    what: &str,
    is_redrawn: bool,
    tables: &[Seen],
    releases: &[Release],
    earlier: &[Vec<Earlier>],
) {
    for (number, (seen, release)) in tables.iter().zip(releases).enumerate() {
        for ((labels, _), told) in seen.cells.iter().zip(release.cells()) {
            let Some(now) = told.value else { continue };
            assert!(now == 0 || now >= 10, "{what}: {labels:?} = {now}");
            // A khan that was redrawn is another one.
            let same_area = |before: &Earlier| {
                let was_redrawn = is_redrawn && before.name.parse::<u64>().expect("a step") >= REDRAWN_FROM;
                was_redrawn == is_redrawn
                    || is_total(&labels["khan"])
                    || labels.get("sangkat").is_some_and(|sangkat| !is_total(sangkat))
            };
            for before in earlier[number].iter().filter(|before| same_area(before)) {
                let value = before.cells.iter().find(|cell| cell.labels == *labels);
                if let Some(before) = value.and_then(|cell| cell.value) {
                    let change = now.abs_diff(before);
                    assert!(
                        change == 0 || change >= 10,
                        "{what}: {labels:?} was {before} and is {now}"
                    );
                }
            }
        }
    }
}

#[test]
fn three_tables_and_ten_releases_tell_no_more_than_one() {
    let histories = registries();
    let (mut made, mut refused) = (0, 0);
    let mut why: BTreeMap<String, u32> = BTreeMap::new();
    for history in 0..histories {
        let mut random = Random(9_000 + history);
        let size = 60 + random.below(500);
        let mut families: Vec<Family> = (0..size).map(|_| random_family(&mut random)).collect();
        let mut earlier: Vec<Vec<Earlier>> = vec![Vec::new(); 3];
        for step in 0..10 {
            let what = format!("registry {history}, release {step}");
            let redrawn = history % 5 == 4 && step >= REDRAWN_FROM;
            let files = tables(&families, redrawn);
            match prepare(&files, &earlier) {
                Ok(releases) => {
                    made += 1;
                    let seen = seen(&files, &releases, &earlier);
                    differences(&what, redrawn, &seen, &releases, &earlier);
                    attack(&what, &seen, &mut random);
                    // Hidden families are nowhere: without them all is the same.
                    let known: Vec<Family> = families.iter().copied().filter(|one| !one.hidden).collect();
                    let without = prepare(&tables(&known, redrawn), &earlier).expect("the same counts");
                    for (one, other) in releases.iter().zip(&without) {
                        assert_eq!(one.cells().collect::<Vec<_>>(), other.cells().collect::<Vec<_>>());
                    }
                    for (before, release) in earlier.iter_mut().zip(&releases) {
                        before.push(release.as_earlier(format!("{step}")));
                    }
                }
                Err(LinkedError {
                    table,
                    error: error @ (ReleaseError::Telling { .. } | ReleaseError::NothingLeft { .. }),
                }) => {
                    refused += 1;
                    *why.entry(format!("{table}: {error}").chars().take(80).collect::<String>())
                        .or_insert(0) += 1;
                }
                Err(other) => panic!("{what}: {other}"),
            }
            let erased = live(&mut families, &mut random);
            for before in earlier.iter_mut().flatten() {
                before.erased_since += erased;
            }
        }
    }
    println!("{made} releases of three tables attacked, {refused} refused: {why:#?}");
    assert!(made > refused, "{made} made, {refused} refused");
}

/// What happens between two releases: families come, go, are erased, hidden, corrected. Tells how many were erased.
fn live(families: &mut Vec<Family>, random: &mut Random) -> u64 {
    let mut erased = 0;
    match random.below(4) {
        0 => {}
        1 => {
            for _ in 0..random.below(5) {
                families.push(random_family(random));
            }
        }
        _ => {
            for _ in 0..20 + random.below(60) {
                families.push(random_family(random));
            }
        }
    }
    for _ in 0..random.below(6) {
        let at = random.below(families.len() as u64) as usize;
        match random.below(4) {
            0 => {
                families.swap_remove(at);
            }
            1 => {
                families.swap_remove(at);
                erased += 1;
            }
            2 => families[at].hidden = true,
            _ => families[at] = random_family(random),
        }
    }
    erased
}

/// A site where only five families live, and all of the city's others answered: the table of answers must not tell the five.
#[test]
fn what_one_table_hides_no_other_tells() {
    let rows = |small: u64, parts: &[(&str, [u64; 2])]| {
        let mut rows = vec![
            (vec!["small".to_owned(), parts[0].0.to_owned()], small),
            (vec!["small".to_owned(), parts[1].0.to_owned()], 0),
        ];
        for site in 0..2 {
            for (name, counts) in parts {
                rows.push((vec![format!("site {site}"), (*name).to_owned()], counts[site]));
            }
        }
        rows
    };
    let by = |column: &str| vec![vec!["site".to_owned()], vec![column.to_owned()]];
    let one = TableFile::from_rows(by("year"), rows(5, &[("2024", [40, 30]), ("2025", [60, 50])]));
    let other = TableFile::from_rows(by("work"), rows(5, &[("kept", [70, 45]), ("lost", [30, 35])]));
    let files = [one, other];
    let names = ["years", "work"];
    let linked: Vec<Linked<'_>> = files
        .iter()
        .zip(names)
        .map(|(file, name)| Linked {
            name,
            file,
            earlier: &[],
            impossible: &|_| false,
        })
        .collect();
    let releases = linked::prepare(&linked, Rules::default()).expect("it can be made safe");
    for release in &releases {
        let told: BTreeMap<String, Option<u64>> = release
            .cells()
            .filter(|cell| is_total(cell.labels[1].1))
            .map(|cell| (cell.labels[0].1.to_owned(), cell.value))
            .collect();
        assert_eq!(told["small"], None);
        assert_eq!(told["total"], Some(185));
        // The five hide behind one site in both tables, and behind the same one.
        assert_eq!(
            u8::from(told["site 0"].is_none()) + u8::from(told["site 1"].is_none()),
            1
        );
    }
    let hidden = |release: &Release| -> Vec<bool> {
        let totals = release.cells().filter(|cell| is_total(cell.labels[1].1));
        totals.map(|cell| cell.value.is_none()).collect()
    };
    assert_eq!(hidden(&releases[0]), hidden(&releases[1]));
    // By itself each of the two could have hidden them behind either.
    let uneven = TableFile::from_rows(by("work"), rows(6, &[("kept", [70, 45]), ("lost", [30, 35])]));
    let linked = [
        Linked {
            name: "years",
            file: &files[0],
            earlier: &[],
            impossible: &|_| false,
        },
        Linked {
            name: "work",
            file: &uneven,
            earlier: &[],
            impossible: &|_| false,
        },
    ];
    let refused = linked::prepare(&linked, Rules::default()).unwrap_err();
    assert!(refused.to_string().contains("does not count the same families"));
}
