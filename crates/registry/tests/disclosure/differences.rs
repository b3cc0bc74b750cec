//! What two releases say of the same families, in each its own boundaries, must not differ by a small group; whether they tell it or let it be worked out.

use phteah_registry::disclosure::earlier::EarlierError;
use phteah_registry::disclosure::release::ReleaseError;

use crate::made::Random;
use crate::over_time::{self, History, Made, known, release, width};
use crate::registries;

fn is_little(one: u64, other: u64) -> bool {
    (1..10).contains(&one.abs_diff(other))
}

fn true_sum(made: &Made, sum: &[usize]) -> u64 {
    sum.iter().map(|&leaf| made.truth[leaf]).sum()
}

/// What was known before and changed by few is not known closer than ten now; and what is known now is no small change of what could be worked out before.
fn check(name: &str, releases: &History) -> usize {
    let (latest, before) = releases.split_last().expect("one release");
    let mut looked = 0;
    for (number, then) in before.iter().enumerate() {
        for (sum, was) in known(&then[0]) {
            if is_little(true_sum(&latest[0], &sum), was) {
                looked += 1;
                let now = width(&[latest], (0, 0), &sum);
                assert!(
                    now > 10.0 - 1e-6,
                    "{name}: {sum:?} of release {number} was {was} and is known to {now} now"
                );
            }
        }
        for (sum, now) in known(&latest[0]) {
            let was = true_sum(&then[0], &sum);
            if is_little(now, was) {
                looked += 1;
                assert!(
                    width(&[then], (0, 0), &sum) > 1e-6,
                    "{name}: {sum:?} is {now} and could be worked out of release {number} as {was}"
                );
            }
        }
    }
    looked
}

fn text(counts: &[[u64; 3]], khans: &[usize]) -> String {
    let mut text = "khan,sangkat,kind,n\n".to_owned();
    for (sangkat, (counts, khan)) in counts.iter().zip(khans).enumerate() {
        for (kind, count) in ["x", "y", "z"].iter().zip(counts) {
            text += &format!("K{khan},s{sangkat},{kind},{count}\n");
        }
    }
    text
}

/// a and b changed by 5 and by 3, and are hidden for it. Together they changed by 2.
#[test]
fn a_new_sum_of_old_parts_is_a_difference_as_well() {
    let first = "khan,sangkat,n\nK,a,20\nK,b,30\nL,c,80\nL,d,70\nM,e,70\n".to_owned();
    let second = "khan,sangkat,n\nK,a,25\nK,b,27\nL,c,95\nL,d,90\nM,e,90\n".to_owned();
    let mut releases = vec![release(&[(first, "sangkat")], &Vec::new(), true).expect("a first release")];
    let second = release(&[(second, "khan>sangkat")], &releases, true).expect("a second one");
    releases.push(second);
    assert!(check("a and b", &releases) > 0);
}

#[test]
fn no_small_change_shows_where_areas_move() {
    let (mut made, mut refused, mut looked) = (0, 0, 0);
    for number in 0..3 * registries() {
        let mut random = Random(29_000 + number);
        let sangkats = 4 + random.below(3) as usize;
        let mut khans: Vec<usize> = (0..sangkats).map(|_| random.below(3) as usize).collect();
        let mut count = || {
            let most = if random.below(3) == 0 { 9 } else { 90 };
            random.below(most)
        };
        let mut counts: Vec<[u64; 3]> = (0..sangkats).map(|_| [count(), count(), count()]).collect();
        let mut releases = History::new();
        for step in 0..4 {
            let by = ["khan>sangkat,kind", "sangkat,kind", "khan>sangkat", "sangkat"];
            let by = by[random.below(if number % 2 == 0 { 1 } else { 4 }) as usize];
            match release(&[(text(&counts, &khans), by)], &releases, number % 3 == 0) {
                Ok(release) => {
                    made += 1;
                    releases.push(release);
                    let name = format!("history {number}, step {step}");
                    looked += check(&name, &releases);
                    looked += over_time::check(&name, &releases, &mut Random(number));
                }
                Err(
                    ReleaseError::Telling { .. }
                    | ReleaseError::NothingLeft { .. }
                    // Sangkats without the khans that were told is an advice, too: name both.
                    | ReleaseError::Earlier(EarlierError::TakenApart { .. }),
                ) => refused += 1,
                Err(other) => panic!("{other}"),
            }
            if random.below(2) == 0 {
                khans[random.below(sangkats as u64) as usize] = random.below(3) as usize;
            }
            for count in counts.iter_mut().flatten() {
                match random.below(6) {
                    0 => *count += [3, 12, 30][random.below(3) as usize],
                    1 => *count -= (*count).min([2, 11, 40][random.below(3) as usize]),
                    _ => {}
                }
            }
        }
    }
    println!("moved areas: {made} made, {refused} refused, {looked} sums");
    assert!(
        made > 2 * refused && looked > 500,
        "{made} made, {refused} refused, {looked} looked at"
    );
}
