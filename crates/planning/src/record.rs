//! The decision record: what was decided on which evidence, frozen and sealed, so that anybody can run it again and
//! see the same result.

use std::collections::HashSet;

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

/// The most characters of the name of whoever decided.
pub const LONGEST_NAME: usize = 200;

/// The most characters of a reason, and of what was decided of one site.
pub const LONGEST_REASON: usize = 2_000;

/// The most characters of the notes.
pub const LONGEST_NOTES: usize = 20_000;

/// The most departures from a ranking, and the most chosen sites.
pub const MOST_SITES: usize = 1_000;

crate::sentences! {
    /// What is wrong with a decision record.
    RecordMistake {
        NobodyDecided = "nobody_decided", "must say who decided";
        TooLong { most: usize } = "too_long", "must have {most} characters at the most";
        TooMany { most: usize } = "too_many_overrides", "must be {most} at the most";
        StrangeSite = "strange_site", "names no site of this ranking";
        NoReason = "no_reason", "must say why the ranking was not followed";
        NoReasonToChoose = "no_reason_to_choose", "must say why the site was chosen";
        ChosenTwice = "chosen_twice", "names a site that is chosen already";
    }
}

/// One mistake and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordFault {
    /// Where: `decided_by`, `notes`, `chosen[0].reason`.
    pub field: String,
    /// The site that it is about.
    pub site: Option<String>,
    /// What is wrong.
    pub what: RecordMistake,
}

impl std::fmt::Display for RecordFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.site {
            Some(site) => write!(f, "{} ({site}) {}.", self.field, self.what),
            None => write!(f, "{} {}.", self.field, self.what),
        }
    }
}

/// Why a record cannot be made: every mistake at once.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordError(pub Vec<RecordFault>);

impl std::fmt::Display for RecordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for RecordError {}

impl Signature {
    /// Whether somebody has decided, gives a reason for each site, and keeps to the limits.
    ///
    /// # Errors
    /// With every mistake at once.
    pub fn check(&self, ranking: &Ranking) -> Result<(), RecordError> {
        let mut faults = Vec::new();
        let mut fault = |field: String, site: Option<&String>, what: RecordMistake| {
            faults.push(RecordFault {
                field,
                site: site.cloned(),
                what,
            });
        };
        let is_long = |text: &str, most: usize| text.chars().count() > most;
        if self.who.trim().is_empty() {
            fault("decided_by".to_owned(), None, RecordMistake::NobodyDecided);
        } else if is_long(&self.who, LONGEST_NAME) {
            let most = LONGEST_NAME;
            fault("decided_by".to_owned(), None, RecordMistake::TooLong { most });
        }
        if is_long(&self.notes, LONGEST_NOTES) {
            let most = LONGEST_NOTES;
            fault("notes".to_owned(), None, RecordMistake::TooLong { most });
        }
        for (list, count) in [("overrides", self.overrides.len()), ("chosen", self.chosen.len())] {
            if count > MOST_SITES {
                let most = MOST_SITES;
                fault(list.to_owned(), None, RecordMistake::TooMany { most });
            }
        }
        let mut named = HashSet::new();
        for (index, one) in self.chosen.iter().enumerate() {
            if !named.insert(&one.alternative) {
                let field = format!("chosen[{index}].site");
                fault(field, Some(&one.alternative), RecordMistake::ChosenTwice);
            }
        }
        let chosen = self.chosen.iter().map(|one| {
            let missing = RecordMistake::NoReasonToChoose;
            ("chosen", &one.alternative, &one.reason, missing)
        });
        let overridden = self.overrides.iter().map(|one| {
            let missing = RecordMistake::NoReason;
            ("overrides", &one.alternative, &one.reason, missing)
        });
        let known: HashSet<&String> = ranking.ids.iter().collect();
        for (index, (list, site, reason, missing)) in chosen.enumerate().chain(overridden.enumerate()) {
            if !known.contains(site) {
                fault(
                    format!("{list}[{index}].site"),
                    Some(site),
                    RecordMistake::StrangeSite,
                );
            }
            let field = format!("{list}[{index}].reason");
            if reason.trim().is_empty() {
                fault(field, Some(site), missing);
            } else if is_long(reason, LONGEST_REASON) {
                let most = LONGEST_REASON;
                fault(field, Some(site), RecordMistake::TooLong { most });
            }
        }
        for (index, one) in self.overrides.iter().enumerate() {
            if is_long(&one.decision, LONGEST_REASON) {
                let most = LONGEST_REASON;
                let field = format!("overrides[{index}].decision");
                fault(field, Some(&one.alternative), RecordMistake::TooLong { most });
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(RecordError(faults))
        }
    }
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
    /// If nobody has decided, if an override or a choice gives no reason or names no alternative of the ranking, if one is chosen twice, or
    /// if something is longer than it may be.
    pub fn seal(
        scenario: &Scenario,
        mut inputs: Vec<Input>,
        ranking: &Ranking,
        signature: Signature,
    ) -> Result<Self, RecordError> {
        signature.check(ranking)?;
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
