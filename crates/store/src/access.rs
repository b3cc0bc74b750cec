//! The one check that decides who sees what.

use std::fmt;

use crate::error::Result;
use crate::keys::{KeyRecord, KeyScope};
use crate::store::Store;
use crate::visibility::Visibility;

/// Who asks. A partner is made from a valid key by [`Store::viewer`] and in no other way.
#[derive(Clone, PartialEq, Eq)]
pub struct Viewer {
    who: Who,
}

#[derive(Clone, PartialEq, Eq)]
enum Who {
    Anyone,
    Partner {
        id: String,
        name: String,
        scope: KeyScope,
    },
    /// `id` is the key's, where a key proved it.
    Team {
        id: Option<String>,
    },
    /// A person of the team who has signed in.
    Member {
        id: String,
    },
}

impl Viewer {
    /// Somebody without a key.
    pub fn anyone() -> Self {
        Self { who: Who::Anyone }
    }

    /// The team itself: whoever may run programs on the data directory.
    pub fn team() -> Self {
        Self {
            who: Who::Team { id: None },
        }
    }

    /// A person of the team, whom the log names by this id.
    pub(crate) fn team_member(id: String) -> Self {
        Self {
            who: Who::Member { id },
        }
    }

    /// A partner's person, whom the log names by this id: every layer that is shown to partners.
    pub(crate) fn partner_account(id: String) -> Self {
        Self {
            who: Who::Partner {
                name: id.clone(),
                id,
                scope: KeyScope::EveryPartnerLayer,
            },
        }
    }

    pub(crate) fn of_key(record: &KeyRecord) -> Self {
        let who = match &record.scope {
            KeyScope::Team => Who::Team {
                id: Some(record.id.clone()),
            },
            scope => Who::Partner {
                id: record.id.clone(),
                name: record.name.clone(),
                scope: scope.clone(),
            },
        };
        Self { who }
    }

    /// The name on the partner's key; `None` for anyone and the team.
    pub fn key_name(&self) -> Option<&str> {
        match &self.who {
            Who::Partner { name, .. } => Some(name),
            Who::Anyone | Who::Team { .. } | Who::Member { .. } => None,
        }
    }

    /// The part of the viewer's key that proves nothing, of partners and the team alike, or the id of the account; `None` for a stranger.
    pub fn key_id(&self) -> Option<&str> {
        match &self.who {
            Who::Partner { id, .. } | Who::Member { id } => Some(id),
            Who::Team { id } => id.as_deref(),
            Who::Anyone => None,
        }
    }

    /// Whether it is the team.
    pub fn is_team(&self) -> bool {
        matches!(self.who, Who::Team { .. } | Who::Member { .. })
    }

    /// The least visibility that a layer (and each field of it) must have to be seen.
    pub(crate) fn needs(&self, layer: &str) -> Visibility {
        match &self.who {
            Who::Team { .. } | Who::Member { .. } => Visibility::Internal,
            Who::Partner {
                scope: KeyScope::EveryPartnerLayer | KeyScope::Team,
                ..
            } => Visibility::Partner,
            Who::Partner {
                scope: KeyScope::Layers(layers),
                ..
            } if layers.iter().any(|name| name == layer) => Visibility::Partner,
            Who::Partner { .. } | Who::Anyone => Visibility::Public,
        }
    }
}

/// How the log names a viewer.
impl fmt::Display for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Who::Anyone => f.write_str("anyone"),
            Who::Partner { name, .. } => write!(f, "key {name}"),
            Who::Team { .. } => f.write_str("team"),
            Who::Member { id } => f.write_str(id),
        }
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Viewer({self})")
    }
}

/// The right of one viewer to see one layer, and which of its fields. Made by [`Store::grant`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    layer: String,
    fields: Vec<String>,
    visibility: Visibility,
    viewer: Viewer,
}

impl Grant {
    /// The layer's name.
    pub fn layer(&self) -> &str {
        &self.layer
    }

    /// The fields that may be seen, in the layer's order. Any other field does not exist for this viewer.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Whether a field may be seen.
    pub fn shows(&self, field: &str) -> bool {
        self.fields.iter().any(|name| name == field)
    }

    /// Whether everybody sees the layer, so that answers may be kept by caches that many people share.
    pub fn is_public(&self) -> bool {
        self.visibility == Visibility::Public && self.viewer.who == Who::Anyone
    }

    /// Who it was made for.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }
}

impl Store {
    /// The check. `None` says that, for this viewer, the layer does not exist; whether it exists for others is not to be learnt from it.
    ///
    /// `fields` are the fields that the layer has. A feature's id and shape are seen by whoever sees the layer.
    pub fn grant<'a>(
        &self,
        viewer: &Viewer,
        layer: &str,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<Grant>> {
        let rule = self.rule(layer)?;
        let needed = viewer.needs(layer);
        if rule.layer < needed {
            return Ok(None);
        }
        let fields = fields
            .into_iter()
            .filter(|field| rule.field(field) >= needed)
            .map(str::to_owned)
            .collect();
        Ok(Some(Grant {
            layer: layer.to_owned(),
            fields,
            visibility: rule.layer,
            viewer: viewer.clone(),
        }))
    }
}
