//! Finding households by what somebody types: a name in either script, a telephone number, the code on a card. The index is in memory, never on
//! the disk.

use phteah_planning::text::search_form;
use phteah_registry::event::HouseholdId;

use super::facts::{Identifier, blind_of};
use super::store::Registry;
use crate::actor::Actor;
use crate::error::Result;
use crate::rights::Right;

/// The most households that a search finds.
pub const MAX_FOUND: usize = 100;
/// The longest text that is searched for, in characters.
const MAX_TEXT: usize = 200;

/// A household that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The household.
    pub household: HouseholdId,
    /// Names of its people, as they were written.
    pub names: Vec<String>,
}

impl Registry {
    /// Households that an actor may know of and in which somebody's name holds all words of `text`, or that have it as their telephone number,
    /// card or code; the best first: names that begin with it, then the others.
    pub fn search(&self, actor: &Actor, text: &str, limit: usize) -> Result<Vec<Found>> {
        actor.require(Right::ReadHouseholds)?;
        self.refresh()?;
        let text: String = text.chars().take(MAX_TEXT).collect();
        let form = search_form(&text);
        let words: Vec<&str> = form.split_whitespace().collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let key = &self.inner().blind;
        let hashes: Vec<u64> = [Identifier::Phone, Identifier::Card]
            .into_iter()
            .filter_map(|kind| blind_of(kind, &text, key))
            .collect();
        let code = card_code(&text);
        let directory = self.directory();
        let mut found: Vec<(u8, HouseholdId)> = directory
            .iter()
            .filter_map(|entry| {
                let exact = entry.summary.blind.iter().any(|hash| hashes.contains(hash))
                    || (entry.summary.code.is_some() && entry.summary.code == code);
                let rank = if exact {
                    0
                } else {
                    entry
                        .forms
                        .split('\n')
                        .filter(|name| words.iter().all(|word| name.contains(word)))
                        .map(|name| if name.starts_with(&form) { 1 } else { 2 })
                        .min()?
                };
                entry
                    .is_visible(actor, Right::ReadHouseholds)
                    .then_some((rank, entry.id))
            })
            .collect();
        found.sort_unstable();
        found.truncate(limit.min(MAX_FOUND));
        let named = found.into_iter().filter_map(|(_, id)| {
            let entry = directory.find(id)?;
            Some(Found {
                household: id,
                names: entry.summary.names.clone(),
            })
        });
        Ok(named.collect())
    }

    /// Households that an actor may know of with this code on their card.
    pub fn find_code(&self, actor: &Actor, code: &str) -> Result<Vec<HouseholdId>> {
        actor.require(Right::ReadHouseholds)?;
        self.refresh()?;
        let code = card_code(code);
        let directory = self.directory();
        let mut found: Vec<HouseholdId> = directory
            .iter()
            .filter(|entry| {
                code.is_some() && entry.summary.code == code && entry.is_visible(actor, Right::ReadHouseholds)
            })
            .map(|entry| entry.id)
            .collect();
        found.sort_unstable();
        Ok(found)
    }
}

/// A card's code as it is compared: letters and digits, in capitals; `None` where the text has none.
pub(super) fn card_code(text: &str) -> Option<String> {
    let signs = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase());
    let plain: String = signs.take(40).collect();
    (!plain.is_empty()).then_some(plain)
}

/// Names as they are searched, one a line.
pub(super) fn forms(names: &[String]) -> Box<str> {
    let forms: Vec<String> = names.iter().map(|name| search_form(name)).collect();
    forms.join("\n").into()
}
