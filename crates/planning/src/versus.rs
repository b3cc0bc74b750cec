//! Two alternatives head to head: by what one is ahead, by what the other, and which weights would swap them.
//!
//! What is not exactly known counts by the rule of order, as in the score, so that the differences of the
//! criteria add up to the difference of the scores under the weighted sum.

use serde::Serialize;

use crate::decision::Ranking;
use crate::measure::plain_number;
use crate::methods::Method;
use crate::robustness::swap::{Swap, smallest_swap};
use crate::text::Text;

/// Criteria named in a sentence for each side.
const NAMED: usize = 2;

/// A criterion in which one of two is ahead of the other by so much of the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lead {
    /// Index of the criterion in the ranking.
    pub criterion: usize,
    /// Share of the weight × difference of the values, above 0.
    pub difference: f64,
}

/// Two alternatives of a ranking head to head.
#[derive(Clone, Debug, PartialEq)]
pub struct Versus {
    /// Row of the one that stands before the other in the ranking's order.
    pub ahead: usize,
    /// Row of the other.
    pub behind: usize,
    /// Difference of their scores; `None` where one of them has no score. Below 0 only where the one behind has the higher
    /// score and stands behind all the same (`undecided`).
    pub difference: Option<f64>,
    /// Whether the one behind stands there because it may yet be excluded and the other may not.
    pub undecided: bool,
    /// Criteria in which the one ahead leads, widest first.
    pub ahead_by: Vec<Lead>,
    /// Criteria in which the one behind leads, widest first.
    pub behind_by: Vec<Lead>,
    /// How changed weights make them tie, weights by criterion of the ranking. `None` where none do, where the one behind may
    /// yet be excluded and the other may not, where one of them has
    /// no score, and under methods other than the weighted sum, whose ranks are not straight lines in the weights.
    pub swap: Option<Swap>,
}

impl Versus {
    /// Compares two rows of a ranking.
    pub fn of(ranking: &Ranking, one: usize, other: usize) -> Self {
        let place = |row: usize| {
            let score = ranking.score[row];
            // Without a score comes last, as in the order.
            (score.is_none(), ranking.rank[row], row)
        };
        let (ahead, behind) = if place(one) <= place(other) {
            (one, other)
        } else {
            (other, one)
        };
        let values = |row: usize| -> Vec<f64> {
            ranking
                .criteria
                .iter()
                .map(|criterion| criterion.counted(row))
                .collect()
        };
        let (first, second) = (values(ahead), values(behind));
        let weights: Vec<f64> = ranking
            .criteria
            .iter()
            .map(|criterion| criterion.weight)
            .collect();
        let leads = |sign: f64| -> Vec<Lead> {
            let mut leads: Vec<Lead> = (0..weights.len())
                .map(|criterion| Lead {
                    criterion,
                    difference: sign * weights[criterion] * (first[criterion] - second[criterion]),
                })
                .filter(|lead| lead.difference > 0.0)
                .collect();
            leads.sort_by(|a, b| {
                b.difference
                    .total_cmp(&a.difference)
                    .then(a.criterion.cmp(&b.criterion))
            });
            leads
        };
        let difference = ranking.score[ahead]
            .zip(ranking.score[behind])
            .map(|(ahead, behind)| ahead - behind);
        let undecided = difference.is_some() && ranking.is_behind(behind) && !ranking.is_behind(ahead);
        let swap = match (difference, ranking.method) {
            (Some(_), Method::WeightedSum) if !undecided => swap_of_weighing(&weights, &first, &second),
            _ => None,
        };
        Self {
            ahead,
            behind,
            difference,
            undecided,
            ahead_by: leads(1.0),
            behind_by: leads(-1.0),
            swap,
        }
    }

    /// The comparison in a sentence or two; `names` are those of the one ahead and the one behind.
    pub fn in_words(&self, ranking: &Ranking, (ahead, behind): (&Text, &Text)) -> Text {
        let mut words = self.leads_in_words(ranking, ahead, behind);
        if let Some((en, km)) = self.swap_in_words(ranking, ahead, behind) {
            words.en.push_str(&format!(" {en}"));
            words.km.push_str(&format!(" {km}"));
        }
        words
    }

    fn leads_in_words(&self, ranking: &Ranking, ahead: &Text, behind: &Text) -> Text {
        let (gains, losses) = (listed(ranking, &self.ahead_by), listed(ranking, &self.behind_by));
        if self.difference.is_none() {
            return without_score(ranking, (self.ahead, ahead), (self.behind, behind));
        }
        if self.undecided {
            return stands_behind(ranking, self.behind, ahead, behind);
        }
        if self.difference == Some(0.0) {
            return Text::new(
                format!("{} and {} are level.", ahead.en, behind.en),
                format!("{} និង {} មានពិន្ទុស្មើគ្នា។", ahead.km, behind.km),
            );
        }
        let Some(gains) = gains else {
            return Text::new(
                format!("{} is ahead of {}.", ahead.en, behind.en),
                format!("{} នាំមុខ {}។", ahead.km, behind.km),
            );
        };
        match losses {
            Some(losses) => Text::new(
                format!(
                    "{} is ahead by {}, {} by {}.",
                    ahead.en, gains.en, behind.en, losses.en
                ),
                format!(
                    "{} នាំមុខខាង{} ចំណែក {} នាំមុខខាង{}។",
                    ahead.km, gains.km, behind.km, losses.km
                ),
            ),
            None => Text::new(
                format!(
                    "{} is at least as good in everything, and ahead by {}.",
                    ahead.en, gains.en
                ),
                format!("{} យ៉ាងហោចណាស់ល្អស្មើគ្នាគ្រប់ចំណុច ហើយនាំមុខខាង{}។", ahead.km, gains.km),
            ),
        }
    }

    fn swap_in_words(&self, ranking: &Ranking, ahead: &Text, behind: &Text) -> Option<(String, String)> {
        if self.undecided {
            return None;
        }
        let swap = self.swap.as_ref().filter(|_| self.difference > Some(0.0));
        let Some(swap) = swap else {
            let settled = self.difference > Some(0.0) && ranking.method == Method::WeightedSum;
            return settled.then(|| {
                (
                    "No other weights would change that.".to_owned(),
                    "គ្មានទម្ងន់ណាផ្សេងអាចផ្លាស់ប្ដូរលំដាប់នេះទេ។".to_owned(),
                )
            });
        };
        let Some(one) = swap.one_weight.first() else {
            let en = format!(
                "No single weight alone brings {} level; several together do.",
                behind.en
            );
            let km = format!("គ្មានទម្ងន់តែមួយធ្វើឱ្យ {} ទាន់បានទេ ត្រូវប្ដូរច្រើនរួមគ្នា។", behind.km);
            return Some((en, km));
        };
        let label = &ranking.criteria[one.criterion].label;
        let (from, to) = (percent(one.from), percent(one.to));
        let (en, km) = if one.to > one.from {
            ("Raising", "បង្កើន")
        } else {
            ("Lowering", "បន្ថយ")
        };
        Some(if swap.can_overtake {
            (
                format!("{en} {} from {from} to {to}% of the weight swaps them.", label.en),
                format!("ការ{km}ទម្ងន់{} ពី {from}% ទៅ {to}% នឹងប្ដូរលំដាប់ទាំងពីរ។", label.km),
            )
        } else {
            (
                format!(
                    "{en} {} from {from} to {to}% of the weight puts {} level with {}, never before it.",
                    label.en, behind.en, ahead.en
                ),
                format!(
                    "ការ{km}ទម្ងន់{} ពី {from}% ទៅ {to}% ធ្វើឱ្យ {} ស្មើ {} ប៉ុន្តែមិនលើសទេ។",
                    label.km, behind.km, ahead.km
                ),
            )
        })
    }
}

/// The smallest swap among criteria that weigh: one that is switched off stays off.
fn swap_of_weighing(weights: &[f64], first: &[f64], second: &[f64]) -> Option<Swap> {
    let weighing: Vec<usize> = (0..weights.len()).filter(|&index| weights[index] > 0.0).collect();
    let of = |all: &[f64]| -> Vec<f64> { weighing.iter().map(|&index| all[index]).collect() };
    let mut swap = smallest_swap(&of(weights), &of(first), &of(second))?;
    let mut all = vec![0.0; weights.len()];
    for (&index, weight) in weighing.iter().zip(&swap.weights) {
        all[index] = *weight;
    }
    swap.weights = all;
    for one in &mut swap.one_weight {
        one.criterion = weighing[one.criterion];
    }
    Some(swap)
}

fn without_score(ranking: &Ranking, (one, first): (usize, &Text), (other, second): (usize, &Text)) -> Text {
    let mut words = Text::new(String::new(), String::new());
    for (row, name) in [(one, first), (other, second)] {
        if ranking.score[row].is_some() {
            continue;
        }
        let reasons: Vec<Text> = ranking
            .excluded(row)
            .into_iter()
            .map(|excluded| excluded.text)
            .collect();
        let join = |pick: fn(&Text) -> &str| reasons.iter().map(pick).collect::<Vec<_>>().join("; ");
        if !words.en.is_empty() {
            words.en.push(' ');
            words.km.push(' ');
        }
        if reasons.is_empty() {
            words
                .en
                .push_str(&format!("{} has no rank: too little is known of it.", name.en));
            words
                .km
                .push_str(&format!("{} គ្មានចំណាត់ថ្នាក់ទេ ព្រោះមិនទាន់ដឹងច្បាស់អំពីវា។", name.km));
        } else {
            words
                .en
                .push_str(&format!("{} has no rank: {}.", name.en, join(|text| &text.en)));
            words
                .km
                .push_str(&format!("{} គ្មានចំណាត់ថ្នាក់៖ {}។", name.km, join(|text| &text.km)));
        }
    }
    words
}

/// One stands before the other because of that one it is not known whether a limit excludes it.
fn stands_behind(ranking: &Ranking, row: usize, ahead: &Text, behind: &Text) -> Text {
    let open = ranking.excluded(row).into_iter().map(|excluded| excluded.text);
    let (en, km): (Vec<String>, Vec<String>) = open.map(|text| (text.en, text.km)).unzip();
    Text::new(
        format!(
            "{} stands before {}, which a limit may yet exclude. {}: {}.",
            ahead.en,
            behind.en,
            behind.en,
            en.join("; ")
        ),
        format!(
            "{} ឈរមុន {} ព្រោះមិនទាន់ដឹងថាត្រូវដក {} ចេញពីចំណាត់ថ្នាក់ឬទេ។ {}។",
            ahead.km,
            behind.km,
            behind.km,
            km.join("; ")
        ),
    )
}

/// The first few leads by name, "a and b".
fn listed(ranking: &Ranking, leads: &[Lead]) -> Option<Text> {
    let labels: Vec<&Text> = leads
        .iter()
        .take(NAMED)
        .map(|lead| &ranking.criteria[lead.criterion].label)
        .collect();
    let join = |pick: fn(&Text) -> &str, and: &str| {
        labels
            .iter()
            .map(|label| pick(label))
            .collect::<Vec<_>>()
            .join(and)
    };
    (!labels.is_empty()).then(|| Text::new(join(|label| &label.en, " and "), join(|label| &label.km, " និង")))
}

/// A share in per cent, in no more digits than a planner can set.
fn percent(share: f64) -> String {
    plain_number((share * 1000.0).round() / 10.0)
}
