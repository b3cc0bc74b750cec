//! What is shown to whom, per layer and per field.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::sql::{Connection, OptionalExtension, params};
use jiff::Timestamp;

use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::store::Store;
use crate::trail::{Entry, append};

/// Who may see a layer or a field. Ordered: what is shown to more people is greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// The team alone.
    #[default]
    Internal,
    /// The team and partners whose key opens the layer.
    Partner,
    /// Everybody.
    Public,
}

impl Visibility {
    /// The word used in commands, files and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Partner => "partner",
            Self::Public => "public",
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Visibility {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "internal" => Ok(Self::Internal),
            "partner" => Ok(Self::Partner),
            "public" => Ok(Self::Public),
            other => Err(StoreError::Usage(format!(
                "'{}' is no visibility: write internal, partner or public.",
                other.chars().take(40).collect::<String>()
            ))),
        }
    }
}

/// What has been said about a layer. The default, for a layer nothing has been said about, is internal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerRule {
    /// Who may see that the layer exists, its features' ids and shapes.
    pub layer: Visibility,
    /// Who may see each field. A field that is not listed is internal, so a column that a later import brings is shown to nobody until
    /// somebody says so.
    pub fields: BTreeMap<String, Visibility>,
}

impl LayerRule {
    /// Who may see a field: never more people than see its layer.
    pub fn field(&self, name: &str) -> Visibility {
        self.fields.get(name).copied().unwrap_or_default().min(self.layer)
    }
}

impl Store {
    /// The rule of a layer. Costs the same whether the layer exists or not.
    ///
    /// A rule that another program has changed is seen at once: the file says in a moment whether it is still the same.
    pub fn rule(&self, layer: &str) -> Result<Arc<LayerRule>> {
        self.readers().rule(layer)
    }

    /// Says who may see a layer, replacing all that was said before: `fields` are those shown and to whom, all others become internal.
    pub fn publish(
        &self,
        actor: &Actor,
        layer: &str,
        rule: &LayerRule,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::ChangePlans)?;
        self.write_rule(actor, layer, rule, why, now)
    }

    /// The same for a layer that holds a table of a confirmed release: whoever confirms releases says who sees them.
    pub fn show_release(&self, actor: &Actor, layer: &str, rule: &LayerRule, now: Timestamp) -> Result<()> {
        actor.require(Right::PrepareReleases)?;
        self.write_rule(actor, layer, rule, "", now)
    }

    fn write_rule(
        &self,
        actor: &Actor,
        layer: &str,
        rule: &LayerRule,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        let failed = StoreError::sqlite("writing the access rules");
        if layer.is_empty() || layer.len() > 200 {
            return Err(StoreError::Usage("Name the layer that the rule is about.".into()));
        }
        let mut conn = self.lock();
        let change = conn.transaction().map_err(&failed)?;
        let before = read(&change, layer)?;
        change
            .execute("DELETE FROM field_rule WHERE layer = ?1", [layer])
            .map_err(&failed)?;
        change
            .execute(
                "INSERT INTO layer_rule VALUES (?1, ?2, ?3)
                 ON CONFLICT (layer) DO UPDATE SET visibility = ?2, changed_at = ?3",
                params![layer, rule.layer.as_str(), now.to_string()],
            )
            .map_err(&failed)?;
        for (field, visibility) in &rule.fields {
            change
                .execute(
                    "INSERT INTO field_rule VALUES (?1, ?2, ?3)",
                    params![layer, field, visibility.as_str()],
                )
                .map_err(&failed)?;
        }
        let entry = Entry {
            what: "layer_published",
            subject: &format!("layer {layer}"),
            why,
            detail: &format!("{} → {}", counted(&before), counted(rule)),
        };
        append(&change, actor, &entry, now)?;
        change.commit().map_err(&failed)?;
        Ok(())
    }
}

/// A rule as the audit has it: `public, 12 fields public, 1 partner`.
fn counted(rule: &LayerRule) -> String {
    let mut text = rule.layer.to_string();
    for level in [Visibility::Public, Visibility::Partner] {
        let count = rule
            .fields
            .keys()
            .filter(|name| rule.field(name) == level)
            .count();
        if count > 0 {
            text.push_str(&format!(", {count} fields {level}"));
        }
    }
    text
}

/// What the file says about a layer.
pub(crate) fn read(conn: &Connection, layer: &str) -> Result<LayerRule> {
    let failed = StoreError::sqlite("reading the access rules");
    let damaged = |_| StoreError::Damaged(format!("the visibility of '{layer}'"));
    let stored: Option<String> = conn
        .prepare_cached("SELECT visibility FROM layer_rule WHERE layer = ?1")
        .and_then(|mut s| s.query_row([layer], |row| row.get(0)).optional())
        .map_err(&failed)?;
    let mut rule = LayerRule::default();
    if let Some(word) = stored {
        rule.layer = word.parse().map_err(damaged)?;
    }
    let mut statement = conn
        .prepare_cached("SELECT field, visibility FROM field_rule WHERE layer = ?1")
        .map_err(&failed)?;
    let mut rows = statement.query([layer]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let (field, word): (String, String) = row
            .get(0)
            .and_then(|field| Ok((field, row.get(1)?)))
            .map_err(&failed)?;
        rule.fields.insert(field, word.parse().map_err(damaged)?);
    }
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_order() {
        for v in [Visibility::Internal, Visibility::Partner, Visibility::Public] {
            assert_eq!(v.as_str().parse::<Visibility>().unwrap(), v);
        }
        assert!("Public".parse::<Visibility>().unwrap_err().is_usage());
        assert!(Visibility::Internal < Visibility::Partner && Visibility::Partner < Visibility::Public);
    }

    #[test]
    fn a_field_is_never_shown_to_more_people_than_its_layer() {
        let fields = BTreeMap::from([("price".to_owned(), Visibility::Public)]);
        let rule = LayerRule {
            layer: Visibility::Partner,
            fields,
        };
        assert_eq!(rule.field("price"), Visibility::Partner);
        assert_eq!(rule.field("anything else"), Visibility::Internal);
    }
}
