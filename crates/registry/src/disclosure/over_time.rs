//! All releases of a table at once, as an attacker puts them together who believes that nothing happened where nothing changed.
//!
//! Every release has its own number for each finest cell. Where two of them say the same of a group, or of what they hid in it, he takes the finest
//! cells inside for the same in both: they are **one** number, and what one release says of it holds for the other too. So a new release can
//! narrow what an old one hid, and the other way round. The published sums of all releases are the rows of one [linear programme](super::programme).
//!
//! A belief that is wrong leads him astray only. So none is counted that we know to be wrong: where a part of the group has changed, as far as what was is
//! known still; of those that contradict what is published, the ones over the longest time are dropped.

use std::collections::HashMap;

use super::attack::{Fact, Together, sums};
use super::programme::{
    AttackError, Each, Groups, Programme, Proved, Target, WHOLE_UP_TO, fitting, hang_together,
};
use super::protect::History;
use super::rules::Rules;
use super::table::{Cell, Table};

/// What the release of now says, and what is known of it besides.
pub struct Now<'a> {
    /// The cells that it tells.
    pub told: &'a [bool],
    /// The cells that an attacker knows, told or not.
    pub known: &'a [bool],
    /// Cells that need no protection.
    pub exempt: &'a [bool],
}

/// A hidden count of one of the releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hidden {
    /// Which release: the number of an earlier one, or how many of those there are for the one of now.
    pub release: usize,
    /// The cell; none: the sum over former boundaries of this number.
    pub cell: Result<Cell, usize>,
}

/// What a release says, as the attacker sees it.
struct Layer<'a> {
    is_now: bool,
    /// What it tells to everybody.
    told: Vec<Option<u64>>,
    /// What he knows of it.
    known: Vec<Option<u64>>,
    /// What we know of it.
    true_counts: Vec<Option<u64>>,
    /// What is not what it was, whatever it was.
    changed_since: &'a [Cell],
    facts: Vec<(&'a Fact, u64)>,
}

/// Two releases between which he believes in no change where he sees none.
type Pair = (usize, usize);

/// All releases together.
pub struct OverTime<'a> {
    table: &'a Table,
    history: &'a History,
    now: Option<&'a Now<'a>>,
    leaves: Vec<Cell>,
    /// For each cell that is a leaf, which it is.
    leaf_number: Vec<u32>,
}

/// One system of equations over all releases.
struct System {
    start: Vec<f64>,
    rows: Vec<(Vec<u32>, f64)>,
    asked: Vec<Asked>,
}

/// A hidden count that is asked for.
struct Asked {
    hidden: Hidden,
    /// The variables that it is the sum of …
    members: Vec<u32>,
    /// … and this.
    known: u64,
}

impl Asked {
    fn sum(&self, of: &[f64]) -> f64 {
        let members = self.members.iter();
        self.known as f64 + members.map(|&member| of[member as usize]).sum::<f64>()
    }
}

/// What stands for a finest cell of one release.
#[derive(Clone, Copy)]
enum Number {
    Known(u64),
    Variable(u32),
}

/// What the attacker finds.
pub struct Found {
    /// Hidden counts that he comes too close to, with the widths of their intervals.
    pub narrow: Vec<(Hidden, f64)>,
    /// The narrowest interval of a hidden cell of now that hangs together with earlier releases, and whether that is exact.
    pub narrowest: Option<(f64, Cell, bool)>,
}

impl<'a> OverTime<'a> {
    /// Earlier releases, and the one of now if it is given.
    pub fn new(table: &'a Table, history: &'a History, now: Option<&'a Now<'a>>) -> Self {
        let leaves: Vec<Cell> = (0..table.len()).filter(|&cell| table.is_leaf(cell)).collect();
        let mut leaf_number = vec![u32::MAX; table.len()];
        for (number, &leaf) in leaves.iter().enumerate() {
            leaf_number[leaf] = number as u32;
        }
        Self {
            table,
            history,
            now,
            leaves,
            leaf_number,
        }
    }

    /// Looks for hidden counts of any release, or for those of these only, that can be known closer than the threshold.
    pub fn attack(&self, rules: Rules, only: Option<&[Hidden]>) -> Result<Found, AttackError> {
        let mut found = Found {
            narrow: Vec::new(),
            narrowest: None,
        };
        let Some(system) = self.fitting_system(only)? else {
            return Ok(found);
        };
        let System { start, rows, asked } = system;
        let (known, asked): (Vec<Asked>, Vec<Asked>) =
            asked.into_iter().partition(|asked| asked.members.is_empty());
        found
            .narrow
            .extend(known.into_iter().map(|asked| (asked.hidden, 0.0)));
        if asked.is_empty() {
            return Ok(found);
        }
        let is_whole = start.iter().all(|value| (value - value.round()).abs() < 1e-6);
        let mut proved = Proved::at(asked.iter().map(|asked| asked.sum(&start)).collect());
        proved.ask_for_whole(is_whole && start.len() <= WHOLE_UP_TO);
        let rows: Vec<Vec<u32>> = rows.into_iter().map(|(row, _)| row).collect();
        let programme = |numbers: &[usize]| {
            let targets = numbers.iter().map(|&number| Target {
                number,
                start: asked[number].sum(&start),
                members: asked[number].members.clone(),
            });
            Programme::new(&start, rows.clone(), targets.collect())
        };
        let width = rules.threshold() as f64;
        let mut open: Vec<usize> = (0..asked.len()).collect();
        // From another start the way may lead over other corners, and over whole numbers.
        loop {
            let before = open.len();
            programme(&open)?.widen(&mut open, width, Each::All, &mut proved);
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        for number in std::mem::take(&mut open) {
            let mut one = programme(&[number])?;
            let mut left = vec![number];
            one.widen(&mut left, width, Each::Only, &mut proved);
            if !left.is_empty() {
                let (interval, _) = one.interval(number);
                let width = interval.width().max(proved.width(number));
                found.narrow.push((asked[number].hidden, width));
            }
        }
        let latest = self.history.past.len();
        let of_now = |&number: &usize| asked[number].hidden.release == latest;
        if let Some((_, number)) = proved.narrowest_of((0..asked.len()).filter(of_now)) {
            let (interval, certain) = programme(&[number])?.interval(number);
            let width = interval.width().max(proved.width(number));
            found.narrowest = asked[number].hidden.cell.ok().map(|cell| (width, cell, certain));
        }
        Ok(found)
    }

    /// The equations with all beliefs that can be held together; none if nothing hangs together over time.
    fn fitting_system(&self, only: Option<&[Hidden]>) -> Result<Option<System>, AttackError> {
        let layers = self.layers();
        let count = layers.len();
        let mut pairs: Vec<Pair> = (0..count)
            .flat_map(|later| (0..later).map(move |earlier| (earlier, later)))
            .collect();
        // What is nearest in time is believed first.
        pairs.sort_by_key(|&(earlier, later)| (later - earlier, std::cmp::Reverse(later)));
        let mut links: Vec<(Pair, Vec<u32>)> = pairs
            .into_iter()
            .map(|pair| (pair, self.unchanged(&layers[pair.0], &layers[pair.1])))
            .filter(|(_, leaves)| !leaves.is_empty())
            .collect();
        if links.is_empty() {
            return Ok(None);
        }
        loop {
            let wrong = match self.system(&layers, &links, only)? {
                Ok(system) => return Ok(Some(system)),
                Err(wrong) => wrong,
            };
            // Some beliefs contradict what is published: of those he drops the ones over the longest time.
            let count = self.leaves.len();
            let mut drop = |is_wrong: &dyn Fn(usize) -> bool| {
                links.iter_mut().rev().find_map(|((earlier, later), leaves)| {
                    let before = leaves.len();
                    leaves.retain(|&leaf| {
                        !is_wrong(*earlier * count + leaf as usize)
                            && !is_wrong(*later * count + leaf as usize)
                    });
                    (leaves.len() < before).then_some(())
                })
            };
            // Those of what contradicts itself; or else those by which something there is known.
            let dropped = drop(&|one| wrong[one].is_some_and(|wrong| wrong))
                .or_else(|| drop(&|one| wrong[one].is_none()));
            if dropped.is_none() {
                let mut releases = (0..self.history.past.len())
                    .filter(|release| wrong[release * count..][..count].contains(&Some(true)));
                let release = releases
                    .next()
                    .map(|release| self.history.past[release].name.clone());
                return Err(AttackError::DoesNotAddUp {
                    release: release.unwrap_or_default(),
                });
            }
        }
    }

    fn layers(&self) -> Vec<Layer<'a>> {
        let table = self.table;
        let mut layers: Vec<Layer<'a>> = self
            .history
            .past
            .iter()
            .map(|past| {
                let told: Vec<Option<u64>> = past.said.iter().map(|said| said.flatten()).collect();
                let mut true_counts = told.clone();
                for (&cell, &count) in &past.counts {
                    true_counts[cell] = Some(count);
                }
                Layer {
                    is_now: false,
                    known: told.clone(),
                    told,
                    true_counts,
                    changed_since: &past.changed,
                    facts: past.sums.iter().map(|(fact, sum)| (fact, *sum)).collect(),
                }
            })
            .collect();
        if let Some(now) = self.now {
            let of = |mask: &[bool]| -> Vec<Option<u64>> {
                let values = table.values().iter().zip(mask);
                values.map(|(&value, &is)| is.then_some(value)).collect()
            };
            layers.push(Layer {
                is_now: true,
                told: of(now.told),
                known: of(now.known),
                true_counts: table.values().iter().copied().map(Some).collect(),
                changed_since: &[],
                facts: self
                    .history
                    .facts
                    .iter()
                    .map(|fact| (fact, fact.sum(table)))
                    .collect(),
            });
        }
        for layer in &mut layers {
            // Where nobody is, nobody is in any part.
            for cell in 0..table.len() {
                let empty = |above: Cell| layer.known[above] == Some(0);
                let mut above =
                    (0..table.dimensions().len()).filter_map(|dimension| table.parent(cell, dimension));
                if above.any(empty) {
                    layer.known[cell] = Some(0);
                }
            }
        }
        layers
    }

    /// The finest cells that somebody takes for unchanged who sees these two releases.
    fn unchanged(&self, one: &Layer<'_>, other: &Layer<'_>) -> Vec<u32> {
        let table = self.table;
        let both = |cell: Cell| one.told[cell].zip(other.told[cell]);
        // To believe it of what has changed leads him astray only.
        let mut has_changed: Vec<bool> = (0..table.len())
            .map(|cell| {
                let counts = one.true_counts[cell].zip(other.true_counts[cell]);
                counts.is_some_and(|(one, other)| one != other)
            })
            .collect();
        if other.is_now {
            for &cell in one.changed_since {
                has_changed[cell] = true;
            }
        }
        let mut part_has_changed = vec![false; table.len()];
        for cell in (0..table.len()).rev() {
            has_changed[cell] |= part_has_changed[cell];
            if has_changed[cell] {
                for dimension in 0..table.dimensions().len() {
                    if let Some(above) = table.parent(cell, dimension) {
                        part_has_changed[above] = true;
                    }
                }
            }
        }
        let mut unchanged = vec![false; table.len()];
        for cell in 0..table.len() {
            let Some((first, second)) = both(cell) else {
                continue;
            };
            unchanged[cell] |= first == second && !has_changed[cell];
            for dimension in 0..table.dimensions().len() {
                // What is left of a group without the parts that both tell.
                let (mut left, mut left_other) = (first as i64, second as i64);
                let mut rest = Vec::new();
                let mut parts = 0;
                for child in table.children(cell, dimension) {
                    parts += 1;
                    match both(child) {
                        Some((one, other)) => {
                            left -= one as i64;
                            left_other -= other as i64;
                        }
                        None => rest.push(child),
                    }
                }
                let is_same = left == left_other && rest.len() < parts;
                if is_same && !rest.iter().any(|&child| has_changed[child]) {
                    for child in rest {
                        unchanged[child] = true;
                    }
                }
            }
        }
        for cell in 0..table.len() {
            let mut above =
                (0..table.dimensions().len()).filter_map(|dimension| table.parent(cell, dimension));
            if above.any(|above| unchanged[above]) {
                unchanged[cell] = true;
            }
        }
        (0..self.leaves.len() as u32)
            .filter(|&leaf| unchanged[self.leaves[leaf as usize]])
            .collect()
    }

    /// The equations with these beliefs, and numbers that fit. If no numbers do, which finest cells of which releases contradict each other; of those
    /// that are known by a belief alone, none.
    fn system(
        &self,
        layers: &[Layer<'_>],
        links: &[(Pair, Vec<u32>)],
        only: Option<&[Hidden]>,
    ) -> Result<Result<System, Vec<Option<bool>>>, AttackError> {
        let numbers = self.numbers(layers, links);
        let count = self.leaves.len();
        let variables = numbers.iter().filter_map(|number| match number {
            Number::Variable(variable) => Some(*variable as usize + 1),
            Number::Known(_) => None,
        });
        let mut start = vec![f64::NAN; variables.max().unwrap_or_default()];
        for layer in (0..layers.len()).rev() {
            for (leaf, &cell) in self.leaves.iter().enumerate() {
                if let Number::Variable(variable) = numbers[layer * count + leaf]
                    && start[variable as usize].is_nan()
                {
                    let kept = self
                        .history
                        .past
                        .get(layer)
                        .and_then(|past| past.counts.get(&cell));
                    let guess = kept.copied().unwrap_or(self.table.values()[cell]);
                    start[variable as usize] = guess as f64;
                }
            }
        }
        let mut rows = Vec::new();
        let mut wrong = vec![false; numbers.len()];
        for (number, layer) in layers.iter().enumerate() {
            let wrong = &mut wrong[number * count..][..count];
            self.rows(number, layer, &numbers, &mut start, &mut rows, wrong);
        }
        let by_belief = |wrong: Vec<bool>| {
            let known = layers
                .iter()
                .flat_map(|layer| self.leaves.iter().map(|&leaf| layer.known[leaf].is_some()));
            let by_belief = known
                .zip(&numbers)
                .map(|(is_known, number)| !is_known && matches!(number, Number::Known(_)));
            let both = wrong.into_iter().zip(by_belief);
            both.map(|(wrong, by_belief)| (wrong || !by_belief).then_some(wrong))
                .collect()
        };
        if wrong.contains(&true) {
            return Ok(Err(by_belief(wrong)));
        }
        rows.sort_by_key(|(row, _)| row.len());
        rows.dedup();
        let mut made = System {
            start,
            rows,
            asked: self.asked(layers, &numbers),
        };
        let renumbered = made.keep_what_is_shared(&shared(&numbers, count), only);
        match fitting(&made.rows, &made.start)? {
            Ok(fits) => {
                made.start = fits;
                Ok(Ok(made))
            }
            Err(contradict) => {
                for (wrong, number) in wrong.iter_mut().zip(&numbers) {
                    if let Number::Variable(variable) = number {
                        *wrong = renumbered[*variable as usize].is_some_and(|one| contradict.contains(&one));
                    }
                }
                Ok(Err(by_belief(wrong)))
            }
        }
    }

    /// One number for each finest cell of each release: what is believed to be the same is the same.
    fn numbers(&self, layers: &[Layer<'_>], links: &[(Pair, Vec<u32>)]) -> Vec<Number> {
        let count = self.leaves.len();
        let mut same = Groups::new(layers.len() * count);
        let mut known: Vec<Option<u64>> = layers
            .iter()
            .flat_map(|layer| self.leaves.iter().map(|&leaf| layer.known[leaf]))
            .collect();
        for ((earlier, later), leaves) in links {
            for &leaf in leaves {
                let one = same.top((earlier * count) as u32 + leaf);
                let other = same.top((later * count) as u32 + leaf);
                let counts = (known[one as usize], known[other as usize]);
                if !matches!(counts, (Some(one), Some(other)) if one != other) {
                    same.join(one, other);
                    known[same.top(one) as usize] = counts.0.or(counts.1);
                }
            }
        }
        let mut variable_of: HashMap<u32, u32> = HashMap::new();
        (0..known.len() as u32)
            .map(|one| {
                let top = same.top(one);
                known[top as usize].map_or_else(
                    || {
                        let next = variable_of.len() as u32;
                        Number::Variable(*variable_of.entry(top).or_insert(next))
                    },
                    Number::Known,
                )
            })
            .collect()
    }

    /// Adds what one release says as equations, and marks the finest cells of which it cannot be.
    fn rows(
        &self,
        number: usize,
        layer: &Layer<'_>,
        numbers: &[Number],
        start: &mut Vec<f64>,
        rows: &mut Vec<(Vec<u32>, f64)>,
        wrong: &mut [bool],
    ) {
        let table = self.table;
        let own = &numbers[number * self.leaves.len()..][..self.leaves.len()];
        let mut values: Vec<Option<u64>> = layer.known.clone();
        let mut hidden_inside = vec![0_u32; table.len()];
        for (&cell, number) in self.leaves.iter().zip(own) {
            match number {
                Number::Known(value) => values[cell] = Some(*value),
                Number::Variable(_) => hidden_inside[cell] = 1,
            }
        }
        table.add_up(&mut hidden_inside);
        let joint = self.history.joint.as_ref().filter(|_| layer.is_now);
        let together = Together::new(joint, &hidden_inside, start);
        for row in &together.rows {
            let sum = row.iter().map(|&variable| start[variable as usize]).sum();
            rows.push((row.clone(), sum));
        }
        let of = |cell: Cell| own[self.leaf_number[cell] as usize];
        let mut add = |cells: Vec<Cell>, sum: i64, further: &[u32]| {
            let mut left = sum as f64;
            let mut row = Vec::new();
            for &cell in &cells {
                match of(cell) {
                    Number::Known(value) => left -= value as f64,
                    Number::Variable(variable) => row.push(variable),
                }
            }
            for &variable in further {
                row.push(variable);
                left += start[variable as usize];
            }
            row.sort_unstable();
            if left < 0.0 || (row.is_empty() && left != 0.0) {
                for cell in cells {
                    wrong[self.leaf_number[cell] as usize] = true;
                }
            } else if !row.is_empty() {
                rows.push((row, left));
            }
        };
        let is_known: Vec<bool> = values.iter().map(Option::is_some).collect();
        for sum in sums(table, &is_known, &hidden_inside) {
            let value = |cell: Cell| values[cell].unwrap_or_default() as i64;
            let told: i64 = sum.known.iter().map(|&cell| value(cell)).sum();
            let cells = sum
                .hidden
                .iter()
                .flat_map(|&child| table.leaves_of(child))
                .collect();
            let further = together.of.get(&sum.whole).map_or(&[][..], Vec::as_slice);
            add(cells, value(sum.whole) - told, further);
        }
        for (fact, sum) in &layer.facts {
            add(fact.cells(table), *sum as i64, &[]);
        }
    }

    /// Every hidden count of every release.
    fn asked(&self, layers: &[Layer<'_>], numbers: &[Number]) -> Vec<Asked> {
        let (table, count) = (self.table, self.leaves.len());
        let mut all = Vec::new();
        let mut ask = |release: usize, cell: Result<Cell, usize>, leaves: Vec<Cell>| {
            let (mut members, mut known) = (Vec::new(), 0);
            let mut is_by_itself_known = true;
            for leaf in leaves {
                is_by_itself_known &= layers[release].known[leaf].is_some();
                match numbers[release * count + self.leaf_number[leaf] as usize] {
                    Number::Known(value) => known += value,
                    Number::Variable(variable) => members.push(variable),
                }
            }
            if !is_by_itself_known {
                let hidden = Hidden { release, cell };
                all.push(Asked {
                    hidden,
                    members,
                    known,
                });
            }
        };
        for (release, past) in self.history.past.iter().enumerate() {
            for cell in (0..table.len()).filter(|&cell| past.said[cell] == Some(None)) {
                ask(release, Ok(cell), table.leaves_of(cell));
            }
            for (number, fact) in past.hidden_sums.iter().enumerate() {
                ask(release, Err(number), fact.cells(table));
            }
        }
        if let Some(now) = self.now {
            let protected =
                |&cell: &Cell| !now.known[cell] && !now.exempt.get(cell).copied().unwrap_or_default();
            for cell in (0..table.len()).filter(protected) {
                ask(self.history.past.len(), Ok(cell), table.leaves_of(cell));
            }
        }
        all
    }
}

/// Which variables stand in several releases; `count`: the finest cells of one.
fn shared(numbers: &[Number], count: usize) -> Vec<bool> {
    let mut first: Vec<Option<usize>> = Vec::new();
    let mut shared = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        if let Number::Variable(variable) = number {
            let variable = *variable as usize;
            if first.len() <= variable {
                first.resize(variable + 1, None);
                shared.resize(variable + 1, false);
            }
            let release = *first[variable].get_or_insert(at / count);
            shared[variable] |= release != at / count;
        }
    }
    shared
}

impl System {
    /// Leaves away what has nothing to do with another release, or with the counts that are asked for only. Answers with the new numbers of the
    /// variables.
    fn keep_what_is_shared(&mut self, shared: &[bool], only: Option<&[Hidden]>) -> Vec<Option<u32>> {
        let (group_of, groups) =
            hang_together(self.start.len(), self.rows.iter().map(|(row, _)| row.as_slice()));
        let group = |variable: &u32| group_of[*variable as usize];
        let mut kept = vec![false; groups];
        for (variable, &shared) in shared.iter().enumerate() {
            kept[group_of[variable]] |= shared;
        }
        self.asked.retain(|asked| {
            asked.members.is_empty() || asked.members.iter().any(|member| kept[group(member)])
        });
        if let Some(only) = only {
            self.asked.retain(|asked| only.contains(&asked.hidden));
            kept.fill(false);
        }
        for member in self.asked.iter().flat_map(|asked| &asked.members) {
            kept[group(member)] = true;
        }
        self.rows.retain(|(row, _)| kept[group(&row[0])]);
        let mut start = Vec::new();
        let renumbered: Vec<Option<u32>> = self
            .start
            .iter()
            .zip(&group_of)
            .map(|(value, &group)| {
                kept[group].then(|| {
                    start.push(*value);
                    start.len() as u32 - 1
                })
            })
            .collect();
        self.start = start;
        let rows = self.rows.iter_mut().map(|(row, _)| row);
        for row in rows.chain(self.asked.iter_mut().map(|asked| &mut asked.members)) {
            for variable in row {
                *variable = renumbered[*variable as usize].unwrap_or_default();
            }
        }
        renumbered
    }
}
