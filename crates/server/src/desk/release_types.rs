//! The JSON of releases at the desk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::types::Text;

/// Which tables to prepare.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseAsk {
    /// Their ids.
    pub tables: Vec<String>,
    /// Why, for the audit, on one line.
    #[serde(default)]
    pub why: String,
}

/// Counting families anew.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountsAsk {
    /// Why, for the audit, on one line.
    #[serde(default)]
    pub why: String,
}

/// Why something is done to a release.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseWhy {
    /// Kept in the audit, on one line. Needed to withdraw.
    #[serde(default)]
    pub why: String,
}

/// Confirms a release.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseConfirm {
    /// Kept in the audit, on one line.
    #[serde(default)]
    pub why: String,
    /// Who the person saw that each table will be seen by, by the tables' ids: `internal`, `partner` or `public`. Where it is said otherwise by now,
    /// nothing is done.
    #[serde(default)]
    pub seen_by: Option<BTreeMap<String, String>>,
}

/// Withdraws a release, or discards it.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseWithdraw {
    /// Kept in the audit, on one line.
    #[serde(default)]
    pub why: String,
    /// The state in which the person saw it, `prepared` or `confirmed`: where it is another one by now, nothing is done.
    #[serde(default)]
    pub state: Option<String>,
}

/// Who sees the tables of a release.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseAudience {
    /// `internal`: the team alone. `partner`: partners whose keys open them. `public`: everybody.
    pub seen_by: String,
}

/// Somebody who did something, and when.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseBy {
    /// When.
    pub at: String,
    /// The account.
    pub account: Option<String>,
    /// The name; null where the account prepares no releases any more.
    pub name: Option<String>,
}

/// A table that can be released.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseTableAbout {
    /// Its id, which is the layer's name.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// What it says and does not say.
    pub about: Text,
    /// `recorded`: all families. `moved`: those who moved to a site.
    pub over: String,
    /// The columns of its breakdowns, each coarse first.
    pub by: Vec<Vec<String>>,
}

/// A table that cannot be told.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOutTable {
    /// Its id.
    pub id: String,
    /// Why, and what can be done.
    pub why: String,
}

/// The counts that releases are taken from.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskCounts {
    /// The day on which families were counted.
    pub day: String,
    /// When and by whom.
    pub made: ReleaseBy,
    /// The least number that is told.
    pub threshold: u64,
    /// The tables that can be told.
    pub tables: Vec<String>,
    /// Those that cannot.
    pub left_out: Vec<LeftOutTable>,
}

/// Work under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseWork {
    /// `count`, `prepare` or `audit`.
    pub kind: String,
    /// For whom, since when.
    pub by: ReleaseBy,
}

/// What came of the work that was done last.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseWorkEnded {
    /// `count`, `prepare` or `audit`.
    pub kind: String,
    /// For whom, since when.
    pub by: ReleaseBy,
    /// The release that was prepared or audited.
    pub release: Option<i64>,
    /// Of counts: whether they are new; else those of before stand, since too little has changed.
    pub is_new: Option<bool>,
    /// Of an audit: `same`, `changed` or `impossible`.
    pub audit: Option<String>,
    /// Tables that come out differently.
    pub changed: Vec<String>,
    /// Stable, for programs: why nothing was done.
    pub code: Option<String>,
    /// The same as a sentence.
    pub message: Option<String>,
}

/// Releases, and what can be released.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskReleases {
    /// The newest first.
    pub releases: Vec<DeskRelease>,
    /// The tables of this deployment.
    pub tables: Vec<ReleaseTableAbout>,
    /// What is wrong with their files; nothing can be prepared then.
    pub tables_problem: Option<String>,
    /// The least number that is told.
    pub threshold: u64,
    /// The counts that releases are taken from; null where nobody has counted yet.
    pub counts: Option<DeskCounts>,
    /// Work under way: ask again in a moment.
    pub working: Option<ReleaseWork>,
    /// What came of the work that was done last, since the server's start.
    pub worked: Option<ReleaseWorkEnded>,
}

/// A release. In the list without its tables.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskRelease {
    /// Its number.
    pub number: i64,
    /// `prepared`, `discarded`, `confirmed` or `withdrawn`.
    pub state: String,
    /// Prepared, it can be confirmed no more: another one was confirmed since, or the threshold was raised. It is prepared anew.
    pub overtaken: bool,
    /// The day on which families were counted.
    pub day: String,
    /// The least number that is told.
    pub threshold: u64,
    /// SHA-256 of what readers get.
    pub sha256: String,
    /// Who prepared it.
    pub prepared: ReleaseBy,
    /// Who confirmed it.
    pub confirmed: Option<ReleaseBy>,
    /// Who withdrew or discarded it.
    pub withdrawn: Option<ReleaseBy>,
    /// How many cells of its tables are not told as 0. 0 in the list.
    pub cells: usize,
    /// How many of them are hidden.
    pub cells_hidden: usize,
    /// Nobody in it exists.
    pub illustrative: bool,
    /// Its tables.
    pub tables: Vec<ReleaseTableCost>,
    /// Tables that were asked for and cannot be told.
    pub left_out: Vec<LeftOutTable>,
    /// The layers that hold its tables now.
    pub layers: Vec<ReleaseLayer>,
    /// Who took which of its tables, from the log.
    pub readers: Vec<ReleaseReader>,
}

/// What a table of a release costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseTableCost {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// How many cells are not told as 0.
    pub cells: usize,
    /// How many of them are hidden.
    pub cells_hidden: usize,
    /// For which reasons.
    pub hidden_for: Vec<ReleaseReason>,
    /// Who sees its layer once the release is confirmed, by what was said of an earlier one: `internal`, `partner` or `public`.
    pub seen_by: String,
    /// The release that the layer of this name holds now; null where there is none.
    pub layer_of: Option<i64>,
    /// An attacker knows no hidden number closer than this; null where he finds no upper bound, or nothing is hidden.
    pub narrowest: Option<f64>,
    /// Whether that is the very width; else no interval is narrower.
    pub narrowest_is_exact: bool,
    /// So many cells have to be hidden, whatever the method.
    pub at_least_hidden: usize,
}

/// Cells that are hidden for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseReason {
    /// `small`, `group`, `difference` or `complementary`.
    pub reason: String,
    /// How many.
    pub cells: usize,
}

/// A layer that holds a table of a release.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseLayer {
    /// The layer's name.
    pub layer: String,
    /// `internal`, `partner` or `public`.
    pub seen_by: String,
}

/// Somebody who took a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseReader {
    /// By the words of the log.
    pub who: String,
    /// The person's name, where it is known.
    pub name: Option<String>,
    /// The table.
    pub layer: String,
    /// How often.
    pub times: usize,
    /// When last.
    pub last: String,
}

/// A place by its code.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasePlace {
    /// In Latin letters.
    pub name: String,
    /// In Khmer.
    pub name_km: String,
}

/// A table of a release.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseTable {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// What it says and does not say.
    pub about: Text,
    /// `recorded` or `moved`.
    pub over: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Names of its shares.
    pub shares: Vec<String>,
    /// What its median is of.
    pub median_of: Option<String>,
    /// The unit.
    pub median_unit: Option<String>,
    /// Names of khans and sangkats by their codes.
    pub places: BTreeMap<String, ReleasePlace>,
    /// Its cells, in order.
    pub cells: Vec<ReleaseCell>,
}

/// A cell of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseCell {
    /// A category for each column, `total` for sums.
    pub names: Vec<String>,
    /// How many families; null: hidden.
    pub families: Option<u64>,
    /// Why it is hidden. Readers are not told.
    pub reason: Option<String>,
    /// Shares, 0 to 1; null where one cannot be told. Empty where the cell has none.
    pub shares: Vec<Option<f64>>,
    /// The median.
    pub median: Option<f64>,
    /// The day of which the median is.
    pub median_day: Option<String>,
}
