//! Where every family takes one plot of a site, placing is a transportation problem: solved exactly, at once.
//!
//! Families come one after the other. Each takes the best way in: a plot that is free, or one whose family moves on, and so forth, until
//! somebody finds a free plot or stays unplaced (successive best augmenting paths; Ahuja, Magnanti and Orlin 1993, section 9.7). As being
//! placed is worth more than any sum of scores, the result places as many as possible, and among all such has the greatest sum.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::model::Model;
use super::plan::Plan;

/// More than all sums of profits.
const PLACED: i64 = 1 << 58;

/// No way.
const NEVER: i64 = i64::MIN / 2;

/// The placement of a model whose units are single families, with one load throughout each site and no services.
pub(super) struct Flow {
    /// The model.
    pub(super) model: Model,
    /// The plan, as far as it is.
    pub(super) plan: Plan,
    /// Free plots at each site, and of being unplaced.
    free: Vec<i64>,
    /// For each pair of sites: who would gain most by moving from the first to the second. Entries of those who have left are old.
    movers: Vec<BinaryHeap<(i64, Reverse<u32>)>>,
    choice_at: Vec<Vec<(u32, usize)>>,
}

/// Whether a model is one that a flow solves.
pub(super) fn applies(model: &Model) -> bool {
    let mut loads: Vec<Option<i64>> = vec![None; model.capacity.len()];
    model.places.is_empty()
        && model.units.iter().all(|unit| unit.len() == 1)
        && model.site.iter().zip(&model.load).all(|(site, load)| {
            let first = loads[*site as usize].get_or_insert(*load);
            first == load
        })
}

impl Flow {
    /// Places everybody.
    pub(super) fn solve(model: Model) -> Self {
        let sites = model.capacity.len();
        let mut free: Vec<i64> = vec![0; sites];
        for (site, load) in model.site.iter().zip(&model.load) {
            let site = *site as usize;
            // What takes nothing always fits.
            free[site] = model.capacity[site]
                .checked_div(*load)
                .unwrap_or(model.families());
        }
        let choice_at = (0..model.len())
            .map(|unit| {
                model
                    .choices(unit)
                    .map(|choice| (model.site[choice], choice))
                    .collect()
            })
            .collect();
        let mut flow = Self {
            plan: Plan::empty(&model),
            free,
            movers: (0..sites * sites).map(|_| BinaryHeap::new()).collect(),
            choice_at,
            model,
        };
        for unit in 0..flow.model.len() {
            flow.insert(unit);
        }
        flow
    }

    /// What a choice is worth, being placed included.
    fn worth(&self, choice: usize) -> i64 {
        let placed = if self.model.site[choice] == self.model.unplaced() {
            0
        } else {
            PLACED
        };
        self.model.profit[choice] + placed
    }

    /// The choice of a unit at a site.
    pub(super) fn choice(&self, unit: usize, site: usize) -> Option<usize> {
        let at = self.choice_at[unit].binary_search_by_key(&(site as u32), |(site, _)| *site);
        at.ok().map(|at| self.choice_at[unit][at].1)
    }

    fn is_at(&self, unit: u32, site: usize) -> bool {
        self.model.site[self.plan.choice[unit as usize]] as usize == site
    }

    /// The gain of moving the best one from one site to another.
    fn mover(&mut self, from: usize, to: usize) -> Option<(i64, usize)> {
        let sites = self.free.len();
        while let Some(&(gain, Reverse(unit))) = self.movers[from * sites + to].peek() {
            if self.is_at(unit, from) {
                return Some((gain, unit as usize));
            }
            self.movers[from * sites + to].pop();
        }
        None
    }

    /// The best gain of coming to each site, from the given beginnings, and from which site one comes.
    fn gains(&mut self, gain: Vec<i64>) -> (Vec<i64>, Vec<Option<usize>>) {
        // Where there is a free plot, nobody has to move on.
        let closed: Vec<bool> = self.free.iter().map(|free| *free > 0).collect();
        self.gains_between(gain, &closed)
    }

    /// The same, where everybody may move on who is not at the site that all ways lead to.
    fn gains_into(&mut self, gain: Vec<i64>, end: usize) -> Vec<i64> {
        let closed: Vec<bool> = (0..gain.len()).map(|site| site == end).collect();
        self.gains_between(gain, &closed).0
    }

    /// Nobody moves on from a closed site.
    fn gains_between(&mut self, mut gain: Vec<i64>, closed: &[bool]) -> (Vec<i64>, Vec<Option<usize>>) {
        let sites = self.free.len();
        let mut before: Vec<Option<usize>> = vec![None; sites];
        let mut changed: Vec<bool> = gain.iter().map(|gain| *gain > NEVER).collect();
        // Nobody gains by going round in circles; as many rounds as sites suffice.
        for _ in 0..sites {
            let mut any = false;
            for from in 0..sites {
                if !std::mem::take(&mut changed[from]) || closed[from] {
                    continue;
                }
                for to in 0..sites {
                    if to == from {
                        continue;
                    }
                    let Some((more, _)) = self.mover(from, to) else {
                        continue;
                    };
                    if gain[from] + more > gain[to] {
                        gain[to] = gain[from] + more;
                        before[to] = Some(from);
                        changed[to] = true;
                        any = true;
                    }
                }
            }
            if !any {
                break;
            }
        }
        (gain, before)
    }

    fn insert(&mut self, unit: usize) {
        let sites = self.free.len();
        let mut gain = vec![NEVER; sites];
        for &(site, choice) in &self.choice_at[unit] {
            gain[site as usize] = self.worth(choice);
        }
        // No way is worth more than the family's first wish.
        let first = (0..sites)
            .max_by_key(|site| (gain[*site], Reverse(*site)))
            .unwrap_or(sites - 1);
        if self.free[first] > 0 {
            self.free[first] -= 1;
            return self.settle(unit, first);
        }
        let (gain, before) = self.gains(gain);
        // "Unplaced" is always free; of equal ways the one to the first site.
        let end = (0..sites)
            .filter(|site| self.free[*site] > 0)
            .max_by_key(|site| (gain[*site], Reverse(*site)))
            .unwrap_or(sites - 1);
        self.free[end] -= 1;
        let mut to = end;
        // From the end backwards, so that everybody who is moved is found where he was.
        let mut moves = Vec::new();
        while let Some(from) = before[to] {
            if let Some((_, mover)) = self.mover(from, to) {
                moves.push((mover, to));
            }
            to = from;
        }
        moves.push((unit, to));
        for (mover, to) in moves {
            self.settle(mover, to);
        }
    }

    fn settle(&mut self, unit: usize, site: usize) {
        let Some(choice) = self.choice(unit, site) else {
            return;
        };
        self.plan.take(&self.model, unit, choice);
        let sites = self.free.len();
        for at in 0..self.choice_at[unit].len() {
            let (other, there) = self.choice_at[unit][at];
            if other as usize != site {
                let gain = self.worth(there) - self.worth(choice);
                self.movers[site * sites + other as usize].push((gain, Reverse(unit as u32)));
            }
        }
    }

    /// What it costs, in steps of profit and in families placed, to give a unit the choice of a site instead of its own: exactly.
    pub(super) fn cost(&mut self, unit: usize, site: usize) -> Option<(i64, i64)> {
        let wanted = self.choice(unit, site)?;
        let own = self.plan.choice[unit];
        let mine = self.model.site[own] as usize;
        if mine == site {
            return Some((0, 0));
        }
        // Its own plot becomes free. Whoever must leave the site goes there, by whatever way, or to a free plot; in that case
        // somebody else may gain by the plot that became free.
        self.free[mine] += 1;
        let mut gain = vec![NEVER; self.free.len()];
        gain[site] = self.worth(wanted) - self.worth(own);
        let (mut gain, _) = self.gains(gain);
        let direct = gain[mine];
        let elsewhere = (0..self.free.len())
            .filter(|site| self.free[*site] > 0 && *site != mine)
            .map(|site| gain[site])
            .max();
        let elsewhere = elsewhere.unwrap_or(NEVER);
        if elsewhere > NEVER {
            for gain in &mut gain {
                *gain = (*gain).max(elsewhere);
            }
            // Only ways that begin where somebody is left; moving on from a free plot gains nothing but into this one.
            gain = self.gains_into(gain, mine);
        }
        let best = [direct, elsewhere, gain[mine]]
            .into_iter()
            .max()
            .filter(|gain| *gain > NEVER);
        self.free[mine] -= 1;
        let loss = -best?;
        let placed = (loss + PLACED / 2).div_euclid(PLACED);
        Some((loss - placed * PLACED, placed))
    }
}
