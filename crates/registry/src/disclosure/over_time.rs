//! All releases of a table at once, as an attacker puts them together who believes that nothing happened where nothing changed.
//!
//! Every release has its own number for each finest cell. Where two of them say the same of a group, or of what they hid in it, he takes the finest
//! cells inside for the same in both: they are **one** number, and what one release says of it holds for the other too. So a new release can
//! narrow what an old one hid, and the other way round. The published sums of all releases are the rows of one [linear programme](super::programme).
//!
//! What he believes is in [`super::beliefs`]. Of beliefs that contradict what is published, the ones over the longest time are dropped.

use std::collections::{BTreeSet, HashMap};

use super::attack::{Together, sums};
use super::beliefs::{Layer, Now, layers, unchanged};
use super::history::History;
use super::programme::{
    AttackError, Each, Groups, Programme, Proved, Target, WHOLE_UP_TO, fitting, hang_together,
};
use super::rules::Rules;
use super::table::{Cell, Table};

/// A hidden count of one of the releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hidden {
    /// Which release: the number of an earlier one, or how many of those there are for the one of now.
    pub release: usize,
    /// The cell; none: of an earlier release the sum over former boundaries of this number, of the one of now the watched sum.
    pub cell: Result<Cell, usize>,
}

/// Two releases between which he believes in no change where he sees none.
type Pair = (usize, usize);

/// For pairs of releases, the finest cells that are believed to be unchanged.
type Links = Vec<(Pair, Vec<u32>)>;

/// So many ways out of contradicting beliefs are tried at most.
const MAX_WAYS: usize = 32;

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
    /// Which variables hang together with another release.
    shared: Vec<bool>,
    /// Variables and what they come to together.
    rows: Vec<(Vec<u32>, f64)>,
    /// The finest cells of all releases of which a sum cannot be.
    wrong: Vec<bool>,
    asked: Vec<Asked>,
}

/// A hidden count that is asked for.
struct Asked {
    hidden: Hidden,
    /// The variables that it is the sum of …
    members: Vec<u32>,
    /// … and this.
    known: u64,
    /// Whether some of that is believed only.
    is_believed: bool,
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
    /// That release tells it.
    Known(u64),
    /// Another release tells it, in which it is believed to be the same.
    Believed(u64),
    Variable(u32),
}

/// What the attacker finds.
pub struct Found {
    /// Hidden counts that he comes too close to, with the widths of their intervals.
    pub narrow: Vec<(Hidden, f64)>,
    /// The narrowest interval of a hidden cell of now that hangs together with earlier releases, and whether that is exact.
    pub narrowest: Option<(f64, Cell, bool)>,
}

impl Found {
    /// Notes a narrow interval: the narrowest of each.
    fn note(&mut self, hidden: Hidden, width: f64) {
        match self.narrow.iter_mut().find(|(other, _)| *other == hidden) {
            Some((_, least)) => *least = least.min(width),
            None => self.narrow.push((hidden, width)),
        }
    }
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
        for system in self.fitting_systems(only)? {
            self.attack_system(system, rules, &mut found)?;
        }
        Ok(found)
    }

    /// The attack with one set of beliefs.
    fn attack_system(&self, system: System, rules: Rules, found: &mut Found) -> Result<(), AttackError> {
        let System {
            start, rows, asked, ..
        } = system;
        let (known, asked): (Vec<Asked>, Vec<Asked>) =
            asked.into_iter().partition(|asked| asked.members.is_empty());
        for asked in known {
            found.note(asked.hidden, 0.0);
        }
        if asked.is_empty() {
            return Ok(());
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
                found.note(asked[number].hidden, width);
            }
        }
        let latest = self.history.past.len();
        let of_now = |&number: &usize| asked[number].hidden.release == latest;
        if let Some((_, number)) = proved.narrowest_of((0..asked.len()).filter(of_now)) {
            let (interval, certain) = programme(&[number])?.interval(number);
            let width = interval.width().max(proved.width(number));
            let is_narrower = found.narrowest.is_none_or(|(least, _, _)| width < least);
            if let (true, Ok(cell)) = (is_narrower, asked[number].hidden.cell) {
                found.narrowest = Some((width, cell, certain));
            }
        }
        Ok(())
    }

    /// The equations with all beliefs that can be held together, in each way that they can; none if nothing hangs together over time.
    fn fitting_systems(&self, only: Option<&[Hidden]>) -> Result<Vec<System>, AttackError> {
        let layers = layers(self.table, self.history, self.now);
        let count = layers.len();
        let mut pairs: Vec<Pair> = (0..count)
            .flat_map(|later| (0..later).map(move |earlier| (earlier, later)))
            .collect();
        // What is nearest in time is believed first.
        pairs.sort_by_key(|&(earlier, later)| (later - earlier, std::cmp::Reverse(later)));
        let links: Links = pairs
            .into_iter()
            .map(|pair| (pair, self.unchanged(&layers[pair.0], &layers[pair.1])))
            .filter(|(_, leaves)| !leaves.is_empty())
            .collect();
        if links.is_empty() {
            return Ok(Vec::new());
        }
        if let Ok(system) = self.system(&layers, &links, only)? {
            return Ok(vec![system]);
        }
        let ways = self.ways(&layers, &links)?;
        ways.into_iter()
            .map(|links| self.without_contradictions(&layers, links, only))
            .collect()
    }

    /// The equations with these beliefs, less those that contradict what is published.
    fn without_contradictions(
        &self,
        layers: &[Layer<'_>],
        mut links: Links,
        only: Option<&[Hidden]>,
    ) -> Result<System, AttackError> {
        loop {
            let wrong = match self.system(layers, &links, only)? {
                Ok(system) => return Ok(system),
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

    /// The finest cells that he believes to be unchanged.
    fn unchanged(&self, one: &Layer<'_>, other: &Layer<'_>) -> Vec<u32> {
        let groups = unchanged(self.table, one, other);
        let leaves: BTreeSet<u32> = groups.iter().flat_map(|group| self.leaves_of(group)).collect();
        leaves.into_iter().collect()
    }

    fn leaves_of<'b>(&'b self, cells: &'b [Cell]) -> impl Iterator<Item = u32> + 'b {
        let leaves = cells.iter().flat_map(|&cell| self.table.leaves_of(cell));
        leaves.map(|leaf| self.leaf_number[leaf])
    }

    /// The ways in which the beliefs about the time up to now can be true together: an earlier release with what is true now where nothing is believed
    /// to have happened. In one of them the coarsest groups come first; each group that it leaves out comes first in two others, with the rest in this
    /// order and in the other.
    fn ways(&self, layers: &[Layer<'_>], links: &Links) -> Result<BTreeSet<Links>, AttackError> {
        let truth = Layer::truth(self.table);
        let mut first = links.clone();
        let mut others: Vec<(usize, Vec<u32>)> = Vec::new();
        for (number, ((earlier, later), leaves)) in first.iter_mut().enumerate() {
            if !layers[*later].is_now {
                continue;
            }
            let two = [layers[*earlier].clone(), truth.clone()];
            let groups: Vec<Vec<u32>> = unchanged(self.table, &layers[*earlier], &layers[*later])
                .iter()
                .map(|group| self.leaves_of(group).collect())
                .collect();
            let mut groups: Vec<&Vec<u32>> = groups.iter().collect();
            let (held, left) = self.hold(&two, &groups)?;
            *leaves = held.into_iter().collect();
            for group in left {
                let (alone, _) = self.hold(&two, &[group])?;
                if alone.is_empty() || others.len() >= MAX_WAYS {
                    continue;
                }
                for _ in 0..2 {
                    groups.reverse();
                    let order: Vec<&Vec<u32>> =
                        std::iter::once(group).chain(groups.iter().copied()).collect();
                    let (held, _) = self.hold(&two, &order)?;
                    others.push((number, held.into_iter().collect()));
                }
            }
        }
        let mut ways = BTreeSet::from([first.clone()]);
        for (number, leaves) in others {
            let mut way = first.clone();
            way[number].1 = leaves;
            ways.insert(way);
        }
        Ok(ways)
    }

    /// As many of these groups as can be what they are now in an earlier release, one after the other, and those that cannot.
    fn hold<'b>(
        &self,
        two: &[Layer<'_>; 2],
        groups: &[&'b Vec<u32>],
    ) -> Result<(BTreeSet<u32>, Vec<&'b Vec<u32>>), AttackError> {
        let mut held: BTreeSet<u32> = BTreeSet::new();
        let mut left = Vec::new();
        let mut open = vec![groups];
        while let Some(some) = open.pop() {
            let mut more = held.clone();
            more.extend(some.iter().copied().flatten());
            if more.len() == held.len() {
                continue;
            }
            let numbers = self.numbers(two, &[((0, 1), more.iter().copied().collect())]);
            let made = self.equations(&two[..1], &numbers);
            if !made.wrong.contains(&true) && fitting(&made.rows, &made.start)?.is_ok() {
                held = more;
            } else if let [one] = some {
                left.push(*one);
            } else {
                let (first, last) = some.split_at(some.len() / 2);
                open.extend([last, first]);
            }
        }
        Ok((held, left))
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
        let mut made = self.equations(layers, &numbers);
        made.asked = self.asked(&numbers);
        let mut wrong = std::mem::take(&mut made.wrong);
        if !wrong.contains(&true) {
            let renumbered = made.keep_what_is_shared(only);
            match fitting(&made.rows, &made.start)? {
                Ok(fits) => {
                    made.start = fits;
                    return Ok(Ok(made));
                }
                Err(contradict) => {
                    for (wrong, number) in wrong.iter_mut().zip(&numbers) {
                        if let Number::Variable(variable) = number {
                            let number = renumbered[*variable as usize];
                            *wrong = number.is_some_and(|one| contradict.contains(&one));
                        }
                    }
                }
            }
        }
        let both = wrong.into_iter().zip(&numbers);
        Ok(Err(both
            .map(|(wrong, number)| (wrong || !matches!(number, Number::Believed(_))).then_some(wrong))
            .collect()))
    }

    /// All that is published.
    fn equations(&self, layers: &[Layer<'_>], numbers: &[Number]) -> System {
        let count = self.leaves.len();
        let mut made = System {
            start: Vec::new(),
            shared: Vec::new(),
            rows: Vec::new(),
            wrong: vec![false; numbers.len()],
            asked: Vec::new(),
        };
        let mut stands_in: Vec<usize> = Vec::new();
        for (at, number) in numbers.iter().enumerate() {
            let Number::Variable(variable) = *number else {
                continue;
            };
            let (release, cell) = (at / count, self.leaves[at % count]);
            let kept = self
                .history
                .past
                .get(release)
                .and_then(|past| past.counts.get(&cell));
            let guess = kept.copied().unwrap_or(self.table.values()[cell]) as f64;
            // Variables are numbered in the order in which they stand here.
            if variable as usize == stands_in.len() {
                stands_in.push(release);
                made.start.push(guess);
                made.shared.push(false);
            } else {
                made.shared[variable as usize] |= stands_in[variable as usize] != release;
                // What is known of the latest release is the best guess.
                made.start[variable as usize] = guess;
            }
        }
        for (release, layer) in layers.iter().enumerate() {
            self.rows(release, layer, numbers, &mut made);
        }
        made.rows.sort_by_key(|(row, _)| row.len());
        made.rows.dedup();
        made
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
                let (layer, leaf) = (&layers[one as usize / count], self.leaves[one as usize % count]);
                let top = same.top(one);
                match (layer.known[leaf], known[top as usize]) {
                    (Some(value), _) => Number::Known(value),
                    (None, Some(value)) => Number::Believed(value),
                    (None, None) => {
                        let next = variable_of.len() as u32;
                        Number::Variable(*variable_of.entry(top).or_insert(next))
                    }
                }
            })
            .collect()
    }

    /// Adds what one release says as equations, and marks the finest cells of which it cannot be.
    fn rows(&self, release: usize, layer: &Layer<'_>, numbers: &[Number], made: &mut System) {
        let (table, count) = (self.table, self.leaves.len());
        let own = &numbers[release * count..][..count];
        let mut values: Vec<Option<u64>> = layer.known.clone();
        let mut hidden_inside = vec![0_u32; table.len()];
        for (&cell, number) in self.leaves.iter().zip(own) {
            match number {
                Number::Known(value) | Number::Believed(value) => values[cell] = Some(*value),
                Number::Variable(_) => hidden_inside[cell] = 1,
            }
        }
        table.add_up(&mut hidden_inside);
        let joint = self.history.joint.as_ref().filter(|_| layer.is_now);
        let together = Together::new(joint, &hidden_inside, &mut made.start);
        made.shared.resize(made.start.len(), false);
        for row in &together.rows {
            let sum = row.iter().map(|&variable| made.start[variable as usize]).sum();
            made.rows.push((row.clone(), sum));
        }
        let mut add = |cells: Vec<Cell>, sum: u64, known: &[Cell], further: &[u32]| {
            let mut left = sum as f64;
            let mut row = Vec::new();
            let mut is_shared = false;
            for &cell in known {
                left -= values[cell].unwrap_or_default() as f64;
                is_shared |= layer.known[cell].is_none();
            }
            for &cell in &cells {
                match own[self.leaf_number[cell] as usize] {
                    Number::Known(value) => left -= value as f64,
                    Number::Believed(value) => {
                        left -= value as f64;
                        is_shared = true;
                    }
                    Number::Variable(variable) => row.push(variable),
                }
            }
            for &variable in further {
                row.push(variable);
                left += made.start[variable as usize];
            }
            row.sort_unstable();
            if left < 0.0 || (row.is_empty() && left != 0.0) {
                for cell in cells {
                    made.wrong[release * count + self.leaf_number[cell] as usize] = true;
                }
            } else if let Some(&first) = row.first() {
                made.shared[first as usize] |= is_shared;
                made.rows.push((row, left));
            }
        };
        let mut come_to: Vec<u64> = vec![0; table.len()];
        for &leaf in &self.leaves {
            come_to[leaf] = values[leaf].unwrap_or_default();
        }
        table.add_up(&mut come_to);
        for cell in (0..table.len()).filter(|&cell| hidden_inside[cell] == 0) {
            if layer.known[cell].is_some_and(|told| told != come_to[cell]) {
                // All is known in it, and is not what it comes to.
                add(
                    table.leaves_of(cell),
                    layer.known[cell].unwrap_or_default(),
                    &[],
                    &[],
                );
            }
        }
        let is_known: Vec<bool> = values.iter().map(Option::is_some).collect();
        for sum in sums(table, &is_known, &hidden_inside) {
            let parts = sum.hidden.iter();
            let cells = parts.flat_map(|&child| table.leaves_of(child)).collect();
            let further = together.of.get(&sum.whole).map_or(&[][..], Vec::as_slice);
            add(cells, values[sum.whole].unwrap_or_default(), &sum.known, further);
        }
        for (fact, sum) in &layer.facts {
            add(fact.cells(table), *sum, &[], &[]);
        }
    }

    /// Every hidden count of every release.
    fn asked(&self, numbers: &[Number]) -> Vec<Asked> {
        let (table, count) = (self.table, self.leaves.len());
        let mut all = Vec::new();
        let mut ask = |release: usize, cell: Result<Cell, usize>, leaves: Vec<Cell>| {
            let mut asked = Asked {
                hidden: Hidden { release, cell },
                members: Vec::new(),
                known: 0,
                is_believed: false,
            };
            for leaf in leaves {
                match numbers[release * count + self.leaf_number[leaf] as usize] {
                    Number::Known(value) => asked.known += value,
                    Number::Believed(value) => {
                        asked.known += value;
                        asked.is_believed = true;
                    }
                    Number::Variable(variable) => asked.members.push(variable),
                }
            }
            if asked.is_believed || !asked.members.is_empty() {
                all.push(asked);
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
            for (number, sum) in self.history.watched.iter().enumerate() {
                ask(self.history.past.len(), Err(number), sum.cells(table));
            }
        }
        all
    }
}

impl System {
    /// Leaves away what has nothing to do with another release, or with the counts that are asked for only. Answers with the new numbers of the
    /// variables.
    fn keep_what_is_shared(&mut self, only: Option<&[Hidden]>) -> Vec<Option<u32>> {
        let (group_of, groups) =
            hang_together(self.start.len(), self.rows.iter().map(|(row, _)| row.as_slice()));
        let group = |variable: &u32| group_of[*variable as usize];
        let mut kept = vec![false; groups];
        for (variable, &shared) in self.shared.iter().enumerate() {
            kept[group_of[variable]] |= shared;
        }
        self.asked
            .retain(|asked| asked.is_believed || asked.members.iter().any(|member| kept[group(member)]));
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
