//! Which versions of a layer were ever shown, to whom and with which fields.
//!
//! Former versions are kept so that partners can ask what has changed since theirs. One that was current only while the layer was internal is
//! nobody's: its features' ids would tell what was never published.

use crate::sql::{OptionalExtension, params};

use crate::access::Viewer;
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::visibility::Visibility;

impl Store {
    /// Notes that this version of a layer is current under today's rule, so that whoever sees the layer now may compare with it later.
    ///
    /// Noted again with other fields, only those shown each time count: a reader may have got either.
    pub fn note_shown<'a>(
        &self,
        layer: &str,
        version: &str,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Result<()> {
        let rule = self.rule(layer)?;
        let fields: Vec<&str> = fields.into_iter().collect();
        for level in [Visibility::Partner, Visibility::Public] {
            if rule.layer < level {
                continue;
            }
            let shown: Vec<&str> = fields
                .iter()
                .copied()
                .filter(|field| rule.field(field) >= level)
                .collect();
            self.note(layer, version, level, &shown)?;
        }
        Ok(())
    }

    fn note(&self, layer: &str, version: &str, level: Visibility, shown: &[&str]) -> Result<()> {
        let failed = StoreError::sqlite("noting a version that was shown");
        let mut conn = self.lock();
        let change = conn.transaction().map_err(&failed)?;
        let before: Option<String> = change
            .query_row(
                "SELECT fields FROM shown_version WHERE layer = ?1 AND version = ?2 AND visibility = ?3",
                params![layer, version, level.as_str()],
                |row| row.get(0),
            )
            .optional()
            .map_err(&failed)?;
        let kept = match &before {
            None => shown.join("\n"),
            Some(before) => before
                .lines()
                .filter(|field| shown.contains(field))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        if before.as_deref() == Some(kept.as_str()) {
            return Ok(());
        }
        change
            .execute(
                "INSERT INTO shown_version VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (layer, version, visibility) DO UPDATE SET fields = ?4",
                params![layer, version, level.as_str(), kept],
            )
            .map_err(&failed)?;
        change.commit().map_err(&failed)
    }

    /// The fields with which a version was shown to people such as this viewer; `None` if it never was.
    pub fn shown_fields(&self, viewer: &Viewer, layer: &str, version: &str) -> Result<Option<Shown>> {
        let level = match viewer.needs(layer) {
            Visibility::Internal => return Ok(Some(Shown::Everything)),
            level => level,
        };
        let found: Option<String> = self
            .lock()
            .prepare_cached(
                "SELECT fields FROM shown_version WHERE layer = ?1 AND version = ?2 AND visibility = ?3",
            )
            .and_then(|mut s| {
                s.query_row(params![layer, version, level.as_str()], |row| row.get(0))
                    .optional()
            })
            .map_err(StoreError::sqlite("reading which versions were shown"))?;
        Ok(found.map(|fields| Shown::Fields(fields.lines().map(str::to_owned).collect())))
    }
}

/// What of a version was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it: the team sees everything.
    Everything,
    /// These fields.
    Fields(Vec<String>),
}

impl Shown {
    /// Whether a field was shown.
    pub fn has(&self, field: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Fields(fields) => fields.iter().any(|shown| shown == field),
        }
    }
}
