//! A placement as it is being made: which choice every unit has, and what remains of every capacity.

use std::ops::{Add, Sub};

use super::model::Model;

/// What a placement is worth: families placed first, then the sum of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Worth {
    /// Families placed.
    pub(super) placed: i64,
    /// Sum of profits, in the model's steps.
    pub(super) profit: i64,
}

impl Add for Worth {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            placed: self.placed + other.placed,
            profit: self.profit + other.profit,
        }
    }
}

impl Sub for Worth {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            placed: self.placed - other.placed,
            profit: self.profit - other.profit,
        }
    }
}

/// A placement within all capacities; every unit has a choice.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The choice of each unit.
    pub(super) choice: Vec<usize>,
    /// What is left at each site; at "unplaced" it may be below nothing while a plan is being made.
    pub(super) room: Vec<i64>,
    /// What is left of each service.
    pub(super) places: Vec<i64>,
    /// Who is at each site.
    pub(super) members: Vec<Vec<u32>>,
    /// What it is worth.
    pub(super) worth: Worth,
}

impl Plan {
    /// Everybody unplaced.
    pub(super) fn empty(model: &Model) -> Self {
        let mut plan = Self {
            choice: (0..model.len()).map(|unit| model.start[unit + 1] - 1).collect(),
            room: model.capacity.clone(),
            places: model.places.clone(),
            members: vec![Vec::new(); model.capacity.len()],
            worth: Worth::default(),
        };
        let unplaced = model.unplaced() as usize;
        plan.room[unplaced] -= model.families();
        plan.members[unplaced] = (0..model.len() as u32).collect();
        plan
    }

    /// The plan in which every unit has this choice.
    pub(super) fn of(model: &Model, choices: &[usize]) -> Self {
        let mut plan = Self::empty(model);
        for (unit, choice) in choices.iter().enumerate() {
            plan.take(model, unit, *choice);
        }
        plan
    }

    /// What a choice of a unit is worth.
    pub(super) fn worth_of(model: &Model, unit: usize, choice: usize) -> Worth {
        Worth {
            placed: model.placed(unit, choice),
            profit: model.profit[choice],
        }
    }

    /// Whether there is room for a choice beside what is there now.
    pub(super) fn fits(&self, model: &Model, choice: usize) -> bool {
        let site = model.site[choice];
        site == model.unplaced()
            || (model.load[choice] <= self.room[site as usize]
                && model.uses[choice]
                    .iter()
                    .all(|(row, amount)| *amount <= self.places[*row as usize]))
    }

    /// Gives a unit another choice, whether it fits or not.
    pub(super) fn take(&mut self, model: &Model, unit: usize, choice: usize) {
        let old = self.choice[unit];
        if old == choice {
            return;
        }
        self.worth = self.worth + Self::worth_of(model, unit, choice) - Self::worth_of(model, unit, old);
        let (from, to) = (model.site[old] as usize, model.site[choice] as usize);
        self.room[from] += model.load[old];
        self.room[to] -= model.load[choice];
        for (row, amount) in &model.uses[old] {
            self.places[*row as usize] += amount;
        }
        for (row, amount) in &model.uses[choice] {
            self.places[*row as usize] -= amount;
        }
        if from != to {
            if let Some(at) = self.members[from]
                .iter()
                .position(|member| *member as usize == unit)
            {
                self.members[from].swap_remove(at);
            }
            self.members[to].push(unit as u32);
        }
        self.choice[unit] = choice;
    }

    /// Whether every capacity is kept, "unplaced" included.
    pub(super) fn is_within(&self) -> bool {
        self.room.iter().chain(&self.places).all(|left| *left >= 0)
    }
}
