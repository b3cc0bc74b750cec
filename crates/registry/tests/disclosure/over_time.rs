//! All releases of all tables at once: an attacker of another make who has one number for each finest cell of each table of each release, and takes
//! them for the same where two releases say the same of a group, if that is so.

use std::collections::{BTreeMap, BTreeSet};

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome};
use phteah_registry::disclosure::earlier::Earlier;
use phteah_registry::disclosure::linked::{Linked, prepare};
use phteah_registry::disclosure::read::{TableFile, breakdowns};
use phteah_registry::disclosure::release::{Release, ReleaseError};
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::table::Named;

use crate::made::Random;
use crate::registries;

pub type Labels = BTreeMap<String, String>;

/// One table of a release and the true counts of its finest cells.
pub struct Made {
    /// Without the totals.
    pub cells: BTreeMap<Labels, Option<u64>>,
    pub leaves: Vec<Labels>,
    pub truth: Vec<u64>,
    earlier: Earlier,
}

/// All tables of all releases; each release has the same tables.
pub type History = Vec<Vec<Made>>;

/// A further release; tables of the same families have their first column in common. `keeps`: whether counts of hidden cells are kept for the next one.
#[expect(clippy::result_large_err, reason = "a test looks at it once")]
pub fn release(texts: &[(String, &str)], before: &History, keeps: bool) -> Result<Vec<Made>, ReleaseError> {
    let files: Vec<TableFile> = texts
        .iter()
        .map(|(text, by)| {
            let named = Named {
                name: "counts.csv",
                text,
            };
            TableFile::read(named, breakdowns(by).expect("breakdowns"), "n").expect("a table")
        })
        .collect();
    let earlier: Vec<Vec<Earlier>> = (0..files.len())
        .map(|table| before.iter().map(|made| made[table].earlier.clone()).collect())
        .collect();
    let releases = if let [file] = &files[..] {
        vec![Release::prepare(file, Rules::default(), &earlier[0])?]
    } else {
        let names = ["first", "second"];
        let linked: Vec<Linked<'_>> = (0..files.len())
            .map(|table| Linked {
                name: names[table],
                file: &files[table],
                earlier: &earlier[table],
                impossible: &|_| false,
            })
            .collect();
        prepare(&linked, Rules::default()).map_err(|error| error.error)?
    };
    let made = texts.iter().zip(releases).map(|((text, _), release)| {
        let mut earlier = release.as_earlier(format!("{}", before.len()));
        for cell in earlier.cells.iter_mut().filter(|_| !keeps) {
            cell.was = None;
        }
        let mut lines = text.lines().map(|line| line.split(','));
        let columns: Vec<&str> = lines.next().expect("a header").collect();
        let rows: Vec<BTreeMap<&str, &str>> = lines
            .map(|line| columns.iter().copied().zip(line).collect())
            .collect();
        let cells = earlier.cells.iter().map(|cell| {
            let mut labels = cell.labels.clone();
            labels.retain(|_, name| name != "total");
            (labels, cell.value)
        });
        Made {
            cells: cells.collect(),
            truth: rows
                .iter()
                .map(|row| row["n"].parse().expect("a count"))
                .collect(),
            leaves: rows
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|(column, name)| ((*column).to_owned(), (*name).to_owned()))
                        .collect()
                })
                .collect(),
            earlier,
        }
    });
    Ok(made.collect())
}

/// The finest cells in a cell.
pub fn inside(made: &Made, cell: &Labels) -> Vec<usize> {
    let is_inside = |leaf: &Labels| cell.iter().all(|(column, name)| leaf.get(column) == Some(name));
    (0..made.leaves.len())
        .filter(|&leaf| is_inside(&made.leaves[leaf]))
        .collect()
}

/// The sums that a release tells, and those of what it hides in the groups that it tells.
pub fn known(made: &Made) -> BTreeMap<Vec<usize>, u64> {
    let columns: BTreeSet<&String> = made.cells.keys().flat_map(BTreeMap::keys).collect();
    let mut known = BTreeMap::new();
    for (group, all) in &made.cells {
        let Some(all) = *all else { continue };
        known.insert(inside(made, group), all);
        for column in columns.iter().filter(|column| !group.contains_key(**column)) {
            let parts = made.cells.iter().filter(|(part, _)| {
                let mut above = (*part).clone();
                above.remove(*column).is_some() && above == *group
            });
            let (mut left, mut hidden) = (all, BTreeSet::new());
            for (part, value) in parts {
                match value {
                    Some(value) => left -= value,
                    None => hidden.extend(inside(made, part)),
                }
            }
            if !hidden.is_empty() {
                known.insert(hidden.into_iter().collect(), left);
            }
        }
    }
    known
}

/// The finest cells that somebody takes for unchanged who sees two releases, and rightly so: where both come to the same sum, which they tell or let be
/// worked out in their own boundaries. The same finest cells are there in all releases.
fn unchanged(one: &Made, other: &Made) -> Vec<usize> {
    let (one_knows, other_knows) = (known(one), known(other));
    let mut found = BTreeSet::new();
    for (sum, before) in &one_knows {
        if other_knows.get(sum) == Some(before)
            && sum.iter().all(|&leaf| one.truth[leaf] == other.truth[leaf])
        {
            found.extend(sum.iter().copied());
        }
    }
    found.into_iter().collect()
}

/// The width of the interval of a sum of finest cells of a table of one of the releases, given all of them.
pub fn width(releases: &[&Vec<Made>], (of, table): (usize, usize), sum: &[usize]) -> f64 {
    let mut ends = Vec::new();
    for direction in [OptimizationDirection::Maximize, OptimizationDirection::Minimize] {
        let mut problem = Problem::new(direction);
        let mut variables: Vec<Vec<Vec<_>>> = Vec::new();
        for (release, tables) in releases.iter().enumerate() {
            let mut all = Vec::new();
            for (number, made) in tables.iter().enumerate() {
                let is_asked = (release, number) == (of, table);
                let factor = |leaf| if is_asked && sum.contains(&leaf) { 1.0 } else { 0.0 };
                let own: Vec<_> = (0..made.leaves.len())
                    .map(|leaf| problem.add_var(factor(leaf), (0.0, 100_000.0)))
                    .collect();
                for (told, value) in made
                    .cells
                    .iter()
                    .filter_map(|(told, value)| Some((told, (*value)?)))
                {
                    let terms: Vec<_> = inside(made, told)
                        .into_iter()
                        .map(|leaf| (own[leaf], 1.0))
                        .collect();
                    problem.add_constraint(&terms[..], ComparisonOp::Eq, value as f64);
                }
                all.push(own);
            }
            // Tables of the same families count as many in each area.
            for other in 1..tables.len() {
                let areas: BTreeSet<&String> = tables[0].leaves.iter().map(|leaf| &leaf["area"]).collect();
                for area in areas {
                    let in_area = |table: usize, factor: f64| {
                        let leaves = (0..tables[table].leaves.len())
                            .filter(move |&leaf| &tables[table].leaves[leaf]["area"] == area);
                        leaves.map(move |leaf| (table, leaf, factor))
                    };
                    let terms: Vec<_> = in_area(0, 1.0)
                        .chain(in_area(other, -1.0))
                        .map(|(table, leaf, factor)| (all[table][leaf], factor))
                        .collect();
                    problem.add_constraint(&terms[..], ComparisonOp::Eq, 0.0);
                }
            }
            variables.push(all);
        }
        for later in 0..releases.len() {
            for earlier in 0..later {
                for number in 0..releases[later].len() {
                    for leaf in unchanged(&releases[earlier][number], &releases[later][number]) {
                        let terms = [
                            (variables[earlier][number][leaf], 1.0),
                            (variables[later][number][leaf], -1.0),
                        ];
                        problem.add_constraint(&terms[..], ComparisonOp::Eq, 0.0);
                    }
                }
            }
        }
        match problem.solve() {
            Ok(SolveOutcome::Solution(solution)) => ends.push(solution.objective()),
            other => panic!("the truth fits: {other:?}"),
        }
    }
    if ends[0] > 50_000.0 {
        f64::INFINITY
    } else {
        ends[0] - ends[1]
    }
}

/// No release narrows what another one hides below the threshold, or further where it was below that before. Answers how many were looked at.
pub fn check(name: &str, releases: &History, random: &mut Random) -> usize {
    let all: Vec<&Vec<Made>> = releases.iter().collect();
    let before = &all[..all.len() - 1];
    let mut looked = 0;
    for (number, tables) in releases.iter().enumerate() {
        for (table, made) in tables.iter().enumerate() {
            let hidden: Vec<&Labels> = made
                .cells
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(labels, _)| labels)
                .collect();
            for _ in 0..4.min(hidden.len()) {
                let cell = hidden[random.below(hidden.len() as u64) as usize];
                let sum = inside(made, cell);
                let now = width(&all, (number, table), &sum);
                looked += 1;
                assert!(
                    now > 10.0 - 1e-6
                        || (number < before.len() && now > width(before, (number, table), &sum) - 1e-6),
                    "{name}: {cell:?} of release {number} is {now} wide: {:#?}",
                    all.iter().map(|tables| &tables[table].truth).collect::<Vec<_>>()
                );
            }
        }
    }
    looked
}

/// The same of a release and of a second one, if there can be one.
fn check_both(name: &str, first: &[(String, &str)], second: &[(String, &str)]) {
    let mut releases = vec![release(first, &Vec::new(), false).expect("a first release")];
    let Ok(second) = release(second, &releases, false) else {
        return;
    };
    releases.push(second);
    for seed in 0..10 {
        assert!(check(name, &releases, &mut Random(seed)) > 0);
    }
}

/// In both tables x counts 130, so that nothing seems to have happened in it. If the second told that b has 62, b and x would have at most 62, and
/// b and y of the first 17 to 20.
#[test]
fn a_new_number_does_not_narrow_an_old_one() {
    let text = |y: [u64; 2]| {
        let text = format!("area,kind,n\na,x,68\na,y,{}\nb,x,62\nb,y,{}\n", y[0], y[1]);
        [(text, "area,kind")]
    };
    check_both("the example", &text([3, 17]), &text([0, 0]));
}

/// Within a2, 60 change from z to y, which the published numbers show: what is believed of a1 and a3 is true all the same, and hides less than it seems.
#[test]
fn one_wrong_belief_does_not_take_the_right_ones_with_it() {
    let text = |a2: [u64; 3], b1: [u64; 3]| {
        let rows = [("a1", [8, 3, 12]), ("a2", a2), ("a3", [30, 20, 30]), ("b1", b1)];
        let mut text = "area,kind,n\n".to_owned();
        for (area, counts) in rows {
            for (kind, count) in ["x", "y", "z"].iter().zip(counts) {
                text += &format!("{area},{kind},{count}\n");
            }
        }
        [(text, "area,kind")]
    };
    check_both(
        "one wrong belief",
        &text([0, 3, 60], [90, 0, 90]),
        &text([0, 63, 0], [70, 15, 90]),
    );
}

/// All of z, and nobody else, moves from a1 to a2, so that the areas and the kinds seem to be what they were. Not all of that can be believed, and in
/// more than one way.
#[test]
fn each_way_out_of_a_contradiction_is_tried() {
    let text = |z: [u64; 2]| {
        let mut text = "area,kind,n\n".to_owned();
        for (area, counts) in [("a1", [123, 4, z[0]]), ("a2", [8, 9, z[1]])] {
            for (kind, count) in ["x", "y", "z"].iter().zip(counts) {
                text += &format!("{area},{kind},{count}\n");
            }
        }
        [(text, "area,kind")]
    };
    check_both("each way out", &text([0, 39]), &text([39, 0]));
}

/// Families by area, kind and sex.
type Counts = BTreeMap<(usize, usize, usize), u64>;

fn table(counts: &Counts, name: impl Fn(usize, usize) -> &'static str, column: &str) -> String {
    let mut rows: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for (&(area, kind, sex), count) in counts {
        *rows.entry((area, name(kind, sex))).or_default() += count;
    }
    let mut text = format!("khan,area,{column},n\n");
    for ((area, name), count) in rows {
        let (khan, area) = (["A", "A", "B", "B"][area], ["a", "b", "c", "d"][area]);
        text += &format!("{khan},{area},{name},{count}\n");
    }
    text
}

/// One category falls, or all numbers go up and down, several times; in one table, or in two of the same families.
fn histories(tables: usize, seed: u64) {
    let (mut made, mut refused, mut looked) = (0, 0, 0);
    for number in 0..3 * registries() {
        let mut random = Random(seed + number);
        let (areas, kinds) = (2 + random.below(3) as usize, 2 + random.below(2) as usize);
        let sexes = tables;
        let mut counts = Counts::new();
        for area in 0..areas {
            for kind in 0..kinds {
                let most = if random.below(3) == 0 { 9 } else { 80 };
                for sex in 0..sexes {
                    counts.insert((area, kind, sex), random.below(most));
                }
            }
        }
        let mut releases = History::new();
        for step in 0..4 {
            let by = match (tables, number % 4) {
                (1, 2) => "khan>area,kind",
                // Not always by all that is known.
                (1, 3) => ["area,kind", "area", "kind"][random.below(3) as usize],
                _ => "area,kind",
            };
            let mut texts = vec![(table(&counts, |kind, _| ["x", "y", "z"][kind], "kind"), by)];
            if tables > 1 {
                texts.push((
                    table(&counts, |_, sex| ["female", "male"][sex], "sex"),
                    "area,sex",
                ));
            }
            match release(&texts, &releases, number % 2 == 1) {
                Ok(release) => {
                    made += 1;
                    releases.push(release);
                    let name = format!("history {number}, step {step}");
                    looked += check(&name, &releases, &mut random);
                }
                Err(ReleaseError::Telling { .. } | ReleaseError::NothingLeft { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
            let falls = random.below(kinds as u64) as usize;
            for ((_, kind, _), count) in &mut counts {
                match number % 3 {
                    0 if *kind == falls => *count /= 4,
                    1 => *count += [0, 0, 3, 25][random.below(4) as usize],
                    2 if random.below(3) == 0 => *count = random.below(60),
                    _ => {}
                }
            }
        }
    }
    println!("{tables} tables: {made} made, {refused} refused, {looked} intervals");
    assert!(
        made > 4 * refused && looked > 500,
        "{made} made, {refused} refused, {looked} looked at"
    );
}

#[test]
fn no_release_of_several_tells_of_another() {
    histories(1, 9_000);
}

#[test]
fn nor_do_several_releases_of_two_tables() {
    histories(2, 19_000);
}
