//! Who may see the tables of a release, who has taken them, and taking them away again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use phteah_layers::{Catalogue, LayerEntry, LayersError};
use phteah_store::registry::ReleaseRecord;
use phteah_store::{Actor, Change, LayerRule, Store, StoreError, Visibility};

use super::release_of;

/// Somebody who took a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Who, by the words of the log: the name of a key, an account, an address.
    pub who: String,
    /// The table.
    pub layer: String,
    /// How often.
    pub times: usize,
    /// When last.
    pub last: Timestamp,
}

/// Why something was not done: the layers or the store.
#[derive(Debug, thiserror::Error)]
pub enum ReadersError {
    /// The layers.
    #[error(transparent)]
    Layers(#[from] LayersError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The layers that hold tables of a release now. Those that a later release has taken the place of are not among them.
///
/// # Errors
/// If the catalogue cannot be read.
pub fn layers_of(catalogue: &Catalogue, release: i64) -> Vec<LayerEntry> {
    let layers = catalogue.layers().iter();
    let own = layers.filter(|entry| release_of(entry) == Some(release));
    own.cloned().collect()
}

/// The release that each table's layer holds now, by the tables' ids.
pub fn standing(catalogue: &Catalogue) -> BTreeMap<String, i64> {
    let layers = catalogue.layers().iter();
    let held = layers.filter_map(|entry| Some((entry.name.clone(), release_of(entry)?)));
    held.collect()
}

/// Says who may see the tables of a release: the team alone, partners whose keys open them, or everybody. Tells which layers these are.
///
/// # Errors
/// If the actor may not, or the rule cannot be written.
pub fn show(
    catalogue: &Catalogue,
    store: &Store,
    actor: &Actor,
    (release, to): (i64, Visibility),
    now: Timestamp,
) -> Result<Vec<String>, ReadersError> {
    let mut shown = Vec::new();
    for entry in layers_of(catalogue, release) {
        let fields = entry
            .fields
            .iter()
            .map(|field| {
                let is_working = phteah_layers::schema::is_working(&field.name);
                let to = if is_working { Visibility::Internal } else { to };
                (field.name.clone(), to)
            })
            .collect();
        store.show_release(actor, &entry.name, &LayerRule { layer: to, fields }, now)?;
        shown.push(entry.name);
    }
    Ok(shown)
}

/// Removes the layers that hold the tables of a release now, and lets the team alone see what will stand in their place: who withdraws has a reason,
/// and the next release is not seen before somebody says so. Tells which.
///
/// # Errors
/// If the actor may not, or a layer cannot be removed.
pub fn take_away(
    catalogue: &Catalogue,
    store: &Store,
    actor: &Actor,
    release: i64,
    now: Timestamp,
) -> Result<Vec<String>, ReadersError> {
    let mut removed = Vec::new();
    for entry in layers_of(catalogue, release) {
        let change = Change {
            what: "layer_removed",
            layer: &entry.name,
            version: &entry.hash,
            detail: &format!("{}, release {release} withdrawn", entry.role),
        };
        store.with_release_change(actor, &change, now, || {
            Catalogue::open(catalogue.dir())?
                .remove(&entry.name)
                .map_err(ReadersError::from)
        })?;
        store.show_release(actor, &entry.name, &LayerRule::default(), now)?;
        removed.push(entry.name);
    }
    Ok(removed)
}

/// Who took which table of a release, from the log of downloads: between its confirmation and that of the next one.
///
/// # Errors
/// If the log cannot be read.
pub fn readers(
    store: &Store,
    (release, tables): (&ReleaseRecord, &[&str]),
    all: &[ReleaseRecord],
) -> Result<Vec<Reader>, StoreError> {
    let confirmed = |release: &ReleaseRecord| release.confirmed.as_ref().map(|(at, _)| *at);
    let Some(from) = confirmed(release) else {
        return Ok(Vec::new());
    };
    let until = all
        .iter()
        .filter(|other| other.n != release.n)
        .filter_map(confirmed)
        .filter(|at| *at > from)
        .min();
    let mut found: BTreeMap<(String, String), (usize, Timestamp)> = BTreeMap::new();
    let mut before = None;
    loop {
        let page = store.downloads(before, phteah_store::MAX_DOWNLOADS_PAGE)?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        let is_over = last.at < from;
        for row in page {
            let within = row.at >= from && until.is_none_or(|until| row.at < until);
            if within && tables.contains(&row.layer.as_str()) {
                let entry = found.entry((row.who, row.layer)).or_insert((0, row.at));
                entry.0 += 1;
                entry.1 = entry.1.max(row.at);
            }
        }
        if is_over {
            break;
        }
    }
    let readers = found.into_iter().map(|((who, layer), (times, last))| Reader {
        who,
        layer,
        times,
        last,
    });
    Ok(readers.collect())
}
