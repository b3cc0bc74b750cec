//! The decision record: what was decided on which evidence, frozen and sealed, so that anybody can run it again and
//! see the same result.

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::decision::{Ranking, RowStatus, Standing};
use crate::problem::Warning;
use crate::scenario::{Edition, Order, Scenario};

/// The form of record that this version writes: under the rule `lowest`, sites of which it is not known whether they are
/// excluded stand behind all that pass for certain.
pub const FORMAT: u32 = 3;

/// The form before that: it says by which rule sites were ordered where facts are missing, and these stood by score alone.
const FORMAT_BY_SCORE_ALONE: u32 = 2;

/// The form before there was a choice of rule: what was not known counted with the middle of its bounds.
const FORMAT_BEFORE_RULES: u32 = 1;

/// A layer that went in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Input {
    /// Name of the layer.
    pub layer: String,
    /// Its role.
    pub role: String,
    /// Its content's hash.
    pub hash: String,
    /// Whether it is illustrative data.
    pub illustrative: bool,
}

/// One alternative's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// Id.
    pub id: String,
    /// Rank.
    pub rank: Option<u32>,
    /// Score.
    pub score: Option<f64>,
    /// Lowest possible score.
    pub lowest: f64,
    /// Highest possible score.
    pub highest: f64,
    /// Best and worst possible rank.
    pub standing: Option<Standing>,
    /// Whether it is excluded.
    pub status: RowStatus,
    /// Whether it has no rank because too little is known of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub too_little_known: bool,
}

/// A decision that departs from the ranking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Id of the alternative.
    pub alternative: String,
    /// What was decided instead.
    pub decision: String,
    /// Why; never empty.
    pub reason: String,
    /// Who decided it.
    pub who: String,
    /// When, RFC 3339.
    pub when: String,
}

/// An alternative that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its id.
    pub alternative: String,
    /// Why; never empty.
    pub reason: String,
}

/// A sealed decision. It comes from [`Record::seal`] or is read back; whether it was changed in between is judged by what
/// was read, word for word, so that a later version that knows more keys still finds an old record intact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub struct Record {
    /// The form of this record.
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// Who decided.
    pub who: String,
    /// When, RFC 3339.
    pub when: String,
    /// Under which scenario.
    pub scenario: Scenario,
    /// On which layers, in order of their names.
    pub inputs: Vec<Input>,
    /// The result, from best to worst.
    pub result: Vec<Placed>,
    /// What the ranking warned of.
    pub warnings: Vec<Warning>,
    /// Notes.
    pub notes: String,
    /// What was chosen; records of before there was a place for it have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<Choice>,
    /// Departures from the ranking.
    pub overrides: Vec<Override>,
    /// SHA-256 over the canonical encoding of everything above.
    pub seal: String,
    /// The digest of what was sealed or read.
    #[serde(skip)]
    digest: String,
}

/// The fields of a [`Record`] as they are stored.
#[derive(Deserialize)]
struct Stored {
    format: u32,
    version: String,
    who: String,
    when: String,
    scenario: Scenario,
    inputs: Vec<Input>,
    result: Vec<Placed>,
    warnings: Vec<Warning>,
    notes: String,
    #[serde(default)]
    chosen: Vec<Choice>,
    overrides: Vec<Override>,
    seal: String,
}

impl TryFrom<serde_json::Value> for Record {
    type Error = serde_json::Error;

    fn try_from(mut read: serde_json::Value) -> Result<Self, Self::Error> {
        let mut stored: Stored = serde_json::from_value(read.clone())?;
        match stored.format {
            FORMAT_BEFORE_RULES if read["scenario"].get("order").is_none() => {
                stored.scenario.order = Order::before();
            }
            FORMAT_BEFORE_RULES | FORMAT_BY_SCORE_ALONE => {
                stored.scenario.order.edition = Edition::ByScoreAlone;
            }
            _ => {}
        }
        read["seal"] = "".into();
        Ok(Self {
            format: stored.format,
            version: stored.version,
            who: stored.who,
            when: stored.when,
            scenario: stored.scenario,
            inputs: stored.inputs,
            result: stored.result,
            warnings: stored.warnings,
            notes: stored.notes,
            chosen: stored.chosen,
            overrides: stored.overrides,
            seal: stored.seal,
            digest: canonical::digest(&read),
        })
    }
}

/// What a person adds to a ranking to make it a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Version of the program.
    pub version: String,
    /// Who decided.
    pub who: String,
    /// When, RFC 3339.
    pub when: String,
    /// Notes.
    pub notes: String,
    /// What was chosen.
    pub chosen: Vec<Choice>,
    /// Departures from the ranking.
    pub overrides: Vec<Override>,
}

/// Why a record cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// An override without a reason.
    #[error("the override of {0} gives no reason: say why the ranking was not followed")]
    NoReason(String),
    /// An override of something that was not ranked.
    #[error("the override of {0} names no site of this ranking")]
    UnknownAlternative(String),
    /// A choice without a reason.
    #[error("nothing says why {0} was chosen: give a reason")]
    NoReasonToChoose(String),
    /// A choice of something that was not ranked.
    #[error("the chosen {0} is no site of this ranking")]
    UnknownChoice(String),
    /// One alternative chosen more than once.
    #[error("{0} is chosen more than once: name it once")]
    ChosenTwice(String),
}

/// One way in which a record and what was found differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What differs: `seal`, `format`, `version`, `input roads`, `result site-7`.
    pub what: String,
    /// What the record says.
    pub recorded: String,
    /// What was found.
    pub found: String,
}

impl Record {
    /// Freezes and seals a decision.
    ///
    /// # Errors
    /// If an override or a choice gives no reason or names no alternative of the ranking, or one is chosen twice.
    pub fn seal(
        scenario: &Scenario,
        mut inputs: Vec<Input>,
        ranking: &Ranking,
        signature: Signature,
    ) -> Result<Self, RecordError> {
        for one in &signature.overrides {
            if one.reason.trim().is_empty() {
                return Err(RecordError::NoReason(one.alternative.clone()));
            }
            if !ranking.ids.contains(&one.alternative) {
                return Err(RecordError::UnknownAlternative(one.alternative.clone()));
            }
        }
        for (index, one) in signature.chosen.iter().enumerate() {
            if one.reason.trim().is_empty() {
                return Err(RecordError::NoReasonToChoose(one.alternative.clone()));
            }
            if !ranking.ids.contains(&one.alternative) {
                return Err(RecordError::UnknownChoice(one.alternative.clone()));
            }
            let before = &signature.chosen[..index];
            if before.iter().any(|other| other.alternative == one.alternative) {
                return Err(RecordError::ChosenTwice(one.alternative.clone()));
            }
        }
        inputs.sort();
        let mut record = Self {
            format: FORMAT,
            version: signature.version,
            who: signature.who,
            when: signature.when,
            scenario: scenario.clone(),
            inputs,
            result: placed(ranking),
            warnings: ranking.warnings.clone(),
            notes: signature.notes,
            chosen: signature.chosen,
            overrides: signature.overrides,
            seal: String::new(),
            digest: String::new(),
        };
        record.digest = canonical::digest(&record);
        record.seal.clone_from(&record.digest);
        Ok(record)
    }

    /// Whether the record is as it was sealed.
    pub fn is_intact(&self) -> bool {
        self.seal == self.digest
    }

    /// What differs between this record and a fresh ranking under its scenario: nothing where they are identical.
    ///
    /// Checked are the seal, the input layers' hashes and every alternative's rank, score and bounds, bit for bit.
    /// Another version of the program is no difference by itself: whether it gives the same result is the question.
    pub fn differences(&self, inputs: &[Input], ranking: &Ranking) -> Vec<Difference> {
        let mut all = Vec::new();
        if !self.is_intact() {
            all.push(difference("seal", &self.seal, &self.digest));
        }
        if ![FORMAT, FORMAT_BY_SCORE_ALONE, FORMAT_BEFORE_RULES].contains(&self.format) {
            all.push(difference(
                "format",
                &self.format.to_string(),
                &FORMAT.to_string(),
            ));
        }
        compare(
            &self.inputs,
            inputs,
            "input",
            |one| &one.layer,
            |one| format!("{} {}", one.role, one.hash),
            &mut all,
        );
        let say = |one: &Placed| canonical_words(one);
        compare(
            &self.result,
            &self.as_recorded(placed(ranking)),
            "result",
            |one| &one.id,
            say,
            &mut all,
        );
        all
    }
}

impl Record {
    /// What was found, in the form of this record: the one before there were rules does not tell sites of which too little
    /// is known from others without a rank.
    fn as_recorded(&self, mut found: Vec<Placed>) -> Vec<Placed> {
        if self.format == FORMAT_BEFORE_RULES {
            for one in &mut found {
                one.too_little_known = false;
            }
        }
        found
    }
}

fn placed(ranking: &Ranking) -> Vec<Placed> {
    let one = |row: &u32| {
        let row = *row as usize;
        Placed {
            id: ranking.ids[row].clone(),
            rank: ranking.rank[row],
            score: ranking.score[row],
            lowest: ranking.lowest[row],
            highest: ranking.highest[row],
            standing: ranking.standing[row],
            status: ranking.status[row],
            too_little_known: ranking.too_little_known(row),
        }
    };
    ranking.order.iter().map(one).collect()
}

fn difference(what: &str, recorded: &str, found: &str) -> Difference {
    Difference {
        what: what.into(),
        recorded: recorded.into(),
        found: found.into(),
    }
}

/// A result in words that tell every bit of its numbers apart.
fn canonical_words(one: &Placed) -> String {
    let rank = one.rank.map_or("no rank".into(), |rank| format!("rank {rank}"));
    let score = one
        .score
        .map_or("no score".into(), |score| format!("score {score}"));
    let standing = one.standing.map_or(String::new(), |standing| {
        format!(", {} to {}", standing.best, standing.worst)
    });
    let apart = if one.too_little_known {
        ", too little known"
    } else {
        ""
    };
    format!(
        "{rank}{standing}, {score} ({} to {}), {:?}{apart}",
        one.lowest, one.highest, one.status
    )
}

/// Compares two lists by key: changed, gone and new ones.
fn compare<T>(
    recorded: &[T],
    found: &[T],
    what: &str,
    key: impl Fn(&T) -> &String,
    say: impl Fn(&T) -> String,
    all: &mut Vec<Difference>,
) {
    let by_key = |list: &[T]| -> std::collections::BTreeMap<String, String> {
        list.iter().map(|one| (key(one).clone(), say(one))).collect()
    };
    let (before, now) = (by_key(recorded), by_key(found));
    for (key, before) in &before {
        match now.get(key) {
            Some(now) if now == before => {}
            Some(now) => all.push(difference(&format!("{what} {key}"), before, now)),
            None => all.push(difference(&format!("{what} {key}"), before, "is not there")),
        }
    }
    for (key, now) in now.iter().filter(|(key, _)| !before.contains_key(*key)) {
        all.push(difference(&format!("{what} {key}"), "was not there", now));
    }
}
