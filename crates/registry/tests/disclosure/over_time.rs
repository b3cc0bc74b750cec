//! All releases of a table at once: an attacker of another make who has one number for each finest cell of each release, and takes them for the
//! same where two releases say the same of a group, if that is so.

use std::collections::{BTreeMap, BTreeSet};

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome};
use phteah_registry::disclosure::earlier::Earlier;
use phteah_registry::disclosure::read::{TableFile, breakdowns};
use phteah_registry::disclosure::release::{Release, ReleaseError};
use phteah_registry::disclosure::rules::Rules;
use phteah_registry::table::Named;

use crate::made::{Random, registries};

type Labels = BTreeMap<String, String>;

/// A release and the true counts of its finest cells.
struct Made {
    release: Earlier,
    truth: BTreeMap<Labels, u64>,
}

/// `keeps`: whether the counts of hidden cells are kept for the next release.
fn release(text: &str, by: &str, before: &[Made], keeps: bool) -> Result<Made, ReleaseError> {
    let named = Named {
        name: "counts.csv",
        text,
    };
    let file = TableFile::read(named, breakdowns(by).expect("breakdowns"), "n").expect("a table");
    let earlier: Vec<Earlier> = before.iter().map(|made| made.release.clone()).collect();
    let made = Release::prepare(&file, Rules::default(), &earlier)?;
    let mut release = made.as_earlier(format!("{}", earlier.len()));
    if !keeps {
        for cell in &mut release.cells {
            cell.was = None;
        }
    }
    let columns: Vec<&String> = file.by().iter().flatten().collect();
    let named = |names: &[String]| {
        columns
            .iter()
            .map(|column| (*column).clone())
            .zip(names.to_vec())
            .collect()
    };
    let truth = file
        .rows()
        .iter()
        .map(|(names, count)| (named(names), *count))
        .collect();
    Ok(Made { release, truth })
}

/// Whether a finest cell is in a cell.
fn is_inside(leaf: &Labels, cell: &Labels) -> bool {
    cell.iter()
        .all(|(column, name)| name == "total" || leaf.get(column) == Some(name))
}

/// The finest cells: those that no column sums up.
fn leaves(releases: &[&Made]) -> Vec<Labels> {
    let all: BTreeSet<&Labels> = releases
        .iter()
        .flat_map(|made| &made.release.cells)
        .map(|cell| &cell.labels)
        .filter(|labels| labels.values().all(|name| name != "total"))
        .collect();
    all.into_iter().cloned().collect()
}

/// The finest cells that somebody takes for unchanged who sees two releases, and rightly so.
fn unchanged(one: &Made, other: &Made, leaves: &[Labels]) -> Vec<usize> {
    let mut found = BTreeSet::new();
    for cell in &one.release.cells {
        let mut same = other
            .release
            .cells
            .iter()
            .filter(|other| other.labels == cell.labels);
        if cell.value.is_none() || same.next().map(|other| other.value) != Some(cell.value) {
            continue;
        }
        let inside = (0..leaves.len()).filter(|&leaf| is_inside(&leaves[leaf], &cell.labels));
        let inside: Vec<usize> = inside.collect();
        let count = |made: &Made, leaf: usize| made.truth.get(&leaves[leaf]).copied().unwrap_or_default();
        if inside.iter().all(|&leaf| count(one, leaf) == count(other, leaf)) {
            found.extend(inside);
        }
    }
    found.into_iter().collect()
}

/// The width of the interval of a hidden cell of one of the releases, given all of them; none if nothing fits what this attacker believes.
fn width(releases: &[&Made], of: usize, cell: &Labels) -> Option<f64> {
    let leaves = leaves(releases);
    let mut ends = Vec::new();
    for direction in [OptimizationDirection::Maximize, OptimizationDirection::Minimize] {
        let mut problem = Problem::new(direction);
        let variables: Vec<Vec<_>> = (0..releases.len())
            .map(|release| {
                let factor = |leaf| {
                    if release == of && is_inside(leaf, cell) {
                        1.0
                    } else {
                        0.0
                    }
                };
                let own = leaves
                    .iter()
                    .map(|leaf| problem.add_var(factor(leaf), (0.0, 100_000.0)));
                own.collect()
            })
            .collect();
        for (release, own) in releases.iter().zip(&variables) {
            for told in &release.release.cells {
                let Some(value) = told.value else { continue };
                let inside = (0..leaves.len()).filter(|&leaf| is_inside(&leaves[leaf], &told.labels));
                let terms: Vec<_> = inside.map(|leaf| (own[leaf], 1.0)).collect();
                problem.add_constraint(&terms[..], ComparisonOp::Eq, value as f64);
            }
        }
        for later in 0..releases.len() {
            for earlier in 0..later {
                for leaf in unchanged(releases[earlier], releases[later], &leaves) {
                    let terms = [(variables[earlier][leaf], 1.0), (variables[later][leaf], -1.0)];
                    problem.add_constraint(&terms[..], ComparisonOp::Eq, 0.0);
                }
            }
        }
        match problem.solve() {
            Ok(SolveOutcome::Solution(solution)) => ends.push(solution.objective()),
            _ => return None,
        }
    }
    let [greatest, least] = ends[..] else { return None };
    Some(if greatest > 50_000.0 {
        f64::INFINITY
    } else {
        greatest - least
    })
}

/// No release narrows what another one hides below the threshold, or further where it was below that before. Answers how many were looked at.
fn check(name: &str, releases: &[Made], random: &mut Random) -> usize {
    let all: Vec<&Made> = releases.iter().collect();
    let before = &all[..all.len() - 1];
    let mut looked = 0;
    for (number, release) in releases.iter().enumerate() {
        let hidden: Vec<&Labels> = release
            .release
            .cells
            .iter()
            .filter(|cell| cell.value.is_none())
            .map(|cell| &cell.labels)
            .collect();
        for _ in 0..4.min(hidden.len()) {
            let cell = hidden[random.below(hidden.len() as u64) as usize];
            let Some(now) = width(&all, number, cell) else {
                continue;
            };
            looked += 1;
            let is_known_of_before = |was: f64| now > was - 1e-6;
            assert!(
                now > 10.0 - 1e-6
                    || (number < before.len() && width(before, number, cell).is_none_or(is_known_of_before)),
                "{name}: {cell:?} of release {number} is {now} wide: {:#?}",
                all.iter().map(|made| &made.truth).collect::<Vec<_>>()
            );
        }
    }
    looked
}

/// In both tables x counts 130, so that nothing seems to have happened in it. If the second told that b has 62, b and x would have at most 62, and
/// b and y of the first 17 to 20.
#[test]
fn a_new_number_does_not_narrow_an_old_one() {
    let first = release(
        "area,kind,n\na,x,68\na,y,3\nb,x,62\nb,y,17\n",
        "area,kind",
        &[],
        false,
    )
    .unwrap();
    let now = "area,kind,n\na,x,68\na,y,0\nb,x,62\nb,y,0\n";
    let Ok(second) = release(now, "area,kind", std::slice::from_ref(&first), false) else {
        return;
    };
    let releases = [first, second];
    for seed in 0..10 {
        assert!(check("the example", &releases, &mut Random(seed)) > 0);
    }
}

fn table(counts: &BTreeMap<(usize, usize), u64>) -> String {
    let mut text = "khan,area,kind,n\n".to_owned();
    for ((area, kind), count) in counts {
        text += &format!(
            "{},{},{},{count}\n",
            ["A", "A", "B", "B"][*area],
            ["a", "b", "c", "d"][*area],
            ["x", "y", "z"][*kind]
        );
    }
    text
}

/// One category falls, or all numbers go up and down, several times.
#[test]
fn no_release_of_several_tells_of_another() {
    let (mut made, mut refused, mut looked) = (0, 0, 0);
    for number in 0..3 * registries() {
        let mut random = Random(9_000 + number);
        let (areas, kinds) = (2 + random.below(3) as usize, 2 + random.below(2) as usize);
        let mut counts = BTreeMap::new();
        for area in 0..areas {
            for kind in 0..kinds {
                let most = if random.below(3) == 0 { 9 } else { 80 };
                counts.insert((area, kind), random.below(most));
            }
        }
        let mut releases: Vec<Made> = Vec::new();
        for step in 0..4 {
            let by = ["area,kind", "khan>area,kind"][usize::from(number % 4 > 1)];
            match release(&table(&counts), by, &releases, number % 2 == 1) {
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
            for ((_, kind), count) in &mut counts {
                match number % 3 {
                    0 if *kind == falls => *count /= 4,
                    1 => *count += [0, 0, 3, 25][random.below(4) as usize],
                    2 if random.below(3) == 0 => *count = random.below(60),
                    _ => {}
                }
            }
        }
    }
    println!("{made} made, {refused} refused, {looked} intervals");
    assert!(
        made > refused && looked > 500,
        "{made} made, {refused} refused, {looked} looked at"
    );
}
