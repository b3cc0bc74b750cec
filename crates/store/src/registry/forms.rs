//! What was recorded by one form, to be given out as that form's filled forms.

use jiff::Timestamp;
use phteah_registry::event::HouseholdId;

use super::export::Exported;
use super::read::{StoredEvent, events_of};
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::trail;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct FormExport<'a> {
    /// The form.
    pub form: &'a str,
    /// As what it is given out, for the record.
    pub shape: &'a str,
    /// Whether the file is open to everybody who gets it.
    pub open: bool,
    /// Why; it must be said where the file is open.
    pub why: &'a str,
}

/// The events of a household that one form has made, by number.
#[derive(Debug)]
pub struct OfForm {
    /// The household.
    pub household: HouseholdId,
    /// Its events.
    pub events: Vec<StoredEvent>,
}

impl Registry {
    /// Hands on what a form has recorded of each household that an actor may read. Hidden households are left out, whoever asks, and protected
    /// notes are made by no form. That it was given out is written down before the first household is handed on.
    pub fn export_form(
        &self,
        actor: &Actor,
        asked: &FormExport<'_>,
        now: Timestamp,
        each: &mut dyn FnMut(OfForm) -> Result<()>,
    ) -> Result<Exported> {
        actor.require(Right::DecideCases)?;
        if asked.open && asked.why.trim().is_empty() {
            return Err(StoreError::Usage(
                "Say why the file must be open: everybody who gets it can read it. The reason is kept."
                    .into(),
            ));
        }
        self.refresh()?;
        let mut entries: Vec<_> = {
            let directory = self.directory();
            let visible = directory
                .iter()
                .filter(|entry| entry.is_visible(actor, Right::ReadHouseholds) && !entry.summary.hidden);
            visible.cloned().collect()
        };
        entries.sort_unstable_by_key(|entry| entry.n);
        let (log, why) = (actor.clone(), asked.why.to_owned());
        let subject = format!("form {}", asked.form);
        let detail = format!(
            "{}, {}, of {} households",
            asked.shape,
            if asked.open { "open" } else { "sealed" },
            entries.len()
        );
        self.write(move |change| {
            let row = trail::Entry {
                what: "form_exported",
                subject: &subject,
                why: &why,
                detail: &detail,
            };
            trail::append(change.transaction(), &log, &row, now)
        })?;
        let mut done = Exported {
            households: 0,
            notes_left_out: 0,
            events: 0,
        };
        for entry in entries {
            let mut events = self.read(|conn| events_of(conn, &entry))?;
            events.retain(|stored| {
                stored
                    .event
                    .form
                    .as_ref()
                    .is_some_and(|form| *form.id == *asked.form)
            });
            if events.is_empty() {
                continue;
            }
            done.households += 1;
            done.events += events.len();
            each(OfForm {
                household: entry.id,
                events,
            })?;
        }
        Ok(done)
    }
}
