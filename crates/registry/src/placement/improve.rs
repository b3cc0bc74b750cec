//! Making a placement better by shifts and chains: one unit moves in, another moves on.

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::model::Model;
use super::plan::{Plan, Worth};
use super::prices::Prices;

/// Choices that are tried for each unit, the most promising ones, beside staying unplaced.
const CANDIDATES: usize = 7;

/// With more units unplaced than this, they are looked at from the sites alone: who would be exchanged for one of them.
const MANY_UNPLACED: usize = 200;

/// The most promising choices of every unit, by what they are worth after paying.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    start: Vec<usize>,
    choices: Vec<usize>,
}

impl Candidates {
    pub(super) fn new(model: &Model, prices: &Prices) -> Self {
        let mut candidates = Self {
            start: vec![0],
            choices: Vec::new(),
        };
        let mut order: Vec<(f64, usize)> = Vec::new();
        for unit in 0..model.len() {
            let all = model.choices(unit);
            let last = all.end - 1;
            order.clear();
            order.extend(
                all.filter(|choice| *choice != last)
                    .map(|choice| (prices.reduced(model, choice), choice)),
            );
            order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            order.truncate(CANDIDATES);
            candidates.choices.extend(order.iter().map(|(_, choice)| *choice));
            candidates.choices.push(last);
            candidates.start.push(candidates.choices.len());
        }
        candidates
    }

    pub(super) fn of(&self, unit: usize) -> &[usize] {
        &self.choices[self.start[unit]..self.start[unit + 1]]
    }
}

/// A first placement: whoever would lose most by waiting chooses first. Where not everybody finds room, those stay out who would take it most
/// dearly.
pub(super) fn first(model: &Model, prices: &Prices) -> Plan {
    let mut plan = Plan::empty(model);
    let mut order: Vec<(f64, usize, Vec<usize>)> = (0..model.len())
        .map(|unit| {
            let mut choices: Vec<(f64, usize)> = model
                .choices(unit)
                .map(|choice| (prices.reduced(model, choice), choice))
                .collect();
            choices.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let regret = match choices.as_slice() {
                [first, second, ..] => first.0 - second.0,
                _ => 0.0,
            };
            (
                regret,
                unit,
                choices.into_iter().map(|(_, choice)| choice).collect(),
            )
        })
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, unit, choices) in order {
        if let Some(choice) = choices.into_iter().find(|choice| plan.fits(model, *choice)) {
            plan.take(model, unit, choice);
        }
    }
    plan
}

/// A move: one unit takes a choice, and perhaps another one goes elsewhere for it.
struct Move {
    gain: Worth,
    unit: usize,
    choice: usize,
    onward: Option<(usize, usize)>,
}

/// The best move that begins with this unit and gains something.
fn best_move(model: &Model, plan: &Plan, candidates: &Candidates, unit: usize) -> Option<Move> {
    let old = plan.choice[unit];
    let mine = Plan::worth_of(model, unit, old);
    let left = model.site[old];
    let mut best: Option<Move> = None;
    let mut offer = |gain: Worth, choice: usize, onward: Option<(usize, usize)>| {
        let least = best.as_ref().map_or(Worth::default(), |best| best.gain);
        if gain > least {
            best = Some(Move {
                gain,
                unit,
                choice,
                onward,
            });
        }
    };
    for &choice in candidates.of(unit) {
        if choice == old {
            continue;
        }
        let gain = Plan::worth_of(model, unit, choice) - mine;
        if fits_after(model, plan, choice, old, None) {
            offer(gain, choice, None);
        }
        let site = model.site[choice] as usize;
        if site == model.unplaced() as usize && left == model.unplaced() {
            continue;
        }
        for &other in &plan.members[site] {
            let other = other as usize;
            let current = plan.choice[other];
            let theirs = Plan::worth_of(model, other, current);
            let tight = model.load[choice] > plan.room[site] + model.load[current];
            if other == unit || (tight && site != model.unplaced() as usize) {
                continue;
            }
            for &next in candidates.of(other) {
                let total = gain + Plan::worth_of(model, other, next) - theirs;
                if next == current || total <= Worth::default() || model.site[next] as usize == site {
                    continue;
                }
                if fits_after(model, plan, choice, old, Some((current, next))) {
                    offer(total, choice, Some((other, next)));
                }
            }
        }
    }
    best
}

/// Whether a choice fits once its unit has left `old`, and another unit has gone from one choice to the next.
fn fits_after(model: &Model, plan: &Plan, choice: usize, old: usize, onward: Option<(usize, usize)>) -> bool {
    let freed = |site: u32, at: usize| if model.site[at] == site { model.load[at] } else { 0 };
    let room = |site: u32| {
        plan.room[site as usize] + freed(site, old) + onward.map_or(0, |(current, _)| freed(site, current))
    };
    let fits_site = |choice: usize, taken: i64| {
        let site = model.site[choice];
        site == model.unplaced() || model.load[choice] + taken <= room(site)
    };
    let fits = fits_site(choice, 0)
        && onward.is_none_or(|(_, next)| fits_site(next, freed(model.site[next], choice)));
    if !fits || model.places.is_empty() {
        return fits;
    }
    (0..model.places.len() as u32).all(|row| {
        let amount = |choice: usize| -> i64 {
            let of_row = model.uses[choice].iter().filter(|(used, _)| *used == row);
            of_row.map(|(_, amount)| amount).sum()
        };
        let (current, next) = onward.map_or((0, 0), |(current, next)| (amount(current), amount(next)));
        let more = amount(choice) + next;
        more == 0 || more <= plan.places[row as usize] + amount(old) + current
    })
}

/// Who is at a site; nobody where too many are unplaced.
fn looked_at<'a>(model: &Model, plan: &'a Plan, site: u32) -> impl Iterator<Item = usize> + 'a {
    let members = &plan.members[site as usize];
    let all = site != model.unplaced() || members.len() <= MANY_UNPLACED;
    members.iter().filter(move |_| all).map(|unit| *unit as usize)
}

/// Moves until no move gains anything, beginning with these units.
pub(super) fn improve(
    model: &Model,
    plan: &mut Plan,
    candidates: &Candidates,
    begin: impl IntoIterator<Item = usize>,
) {
    let mut waiting: VecDeque<usize> = begin.into_iter().collect();
    let mut is_waiting = vec![false; model.len()];
    for &unit in &waiting {
        is_waiting[unit] = true;
    }
    while let Some(unit) = waiting.pop_front() {
        is_waiting[unit] = false;
        let Some(found) = best_move(model, plan, candidates, unit) else {
            continue;
        };
        let mut touched = vec![model.site[plan.choice[unit]], model.site[found.choice]];
        // The one who goes makes room first.
        if let Some((other, next)) = found.onward {
            touched.push(model.site[next]);
            plan.take(model, other, next);
        }
        plan.take(model, found.unit, found.choice);
        for site in touched {
            for member in looked_at(model, plan, site) {
                if !is_waiting[member] {
                    is_waiting[member] = true;
                    waiting.push_back(member);
                }
            }
        }
        if !is_waiting[unit] {
            is_waiting[unit] = true;
            waiting.push_back(unit);
        }
    }
}

/// Forces a choice on one unit after another, makes room for it, and improves what is around; keeps what is no worse. So many times, the
/// same for the same input.
pub(super) fn shake(
    model: &Model,
    plan: &mut Plan,
    candidates: &Candidates,
    times: usize,
    stop: &dyn Fn() -> bool,
) {
    let mut generator = ChaCha8Rng::seed_from_u64(0x5eed);
    let mut below = |n: usize| (generator.next_u64() % n.max(1) as u64) as usize;
    if model.len() == 0 {
        return;
    }
    let mut trial = plan.clone();
    for time in 0..times {
        if time % 16 == 15 && stop() {
            return;
        }
        let unit = below(model.len());
        let options = candidates.of(unit);
        // The last one is to be unplaced: nothing to force.
        let choice = options[below(options.len())];
        let site = model.site[choice] as usize;
        if choice == plan.choice[unit] || site == model.unplaced() as usize {
            continue;
        }
        trial.clone_from(plan);
        let left = model.site[trial.choice[unit]];
        trial.take(model, unit, choice);
        while !(trial.room[site] >= 0 && trial.places.iter().all(|left| *left >= 0)) {
            let others: Vec<u32> = trial.members[site]
                .iter()
                .copied()
                .filter(|other| *other as usize != unit)
                .collect();
            let Some(&out) = others.get(below(others.len())) else {
                break;
            };
            trial.take(model, out as usize, model.choices(out as usize).end - 1);
        }
        if !(trial.room[site] >= 0 && trial.places.iter().all(|left| *left >= 0)) {
            continue;
        }
        let around: Vec<usize> = [left, site as u32, model.unplaced()]
            .iter()
            .flat_map(|site| looked_at(model, &trial, *site))
            .filter(|other| *other != unit)
            .collect();
        improve(model, &mut trial, candidates, around);
        if trial.worth >= plan.worth {
            std::mem::swap(plan, &mut trial);
        }
    }
}
