//! Sentences that the page words in its reader's language: a code with what stands in the sentence.

use std::collections::BTreeMap;

use phteah_planning::mistake::Mistake;
use phteah_planning::notice::Notice;
use phteah_planning::record::RecordMistake;
use phteah_planning::said::{self, Kind, Sentence};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A sentence by its code, with what stands in it; the English words stand beside it as `message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Stable, for programs.
    pub code: String,
    /// What stands in the sentence, by name.
    pub values: BTreeMap<String, Value>,
}

impl From<said::Said> for Said {
    fn from(said: said::Said) -> Self {
        Self {
            code: said.code.to_owned(),
            values: said
                .values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }
}

/// Every sentence that the server can say.
pub fn sentences() -> impl Iterator<Item = &'static Sentence> {
    Mistake::ALL.iter().chain(Notice::ALL).chain(RecordMistake::ALL)
}

impl PartialSchema for Said {
    fn schema() -> RefOr<Schema> {
        let all = sentences().fold(OneOfBuilder::new(), |all, sentence| all.item(described(sentence)));
        RefOr::T(Schema::OneOf(all.build()))
    }
}

impl ToSchema for Said {}

fn described(sentence: &Sentence) -> ObjectBuilder {
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([sentence.code]));
    let values = sentence
        .values
        .iter()
        .fold(ObjectBuilder::new(), |values, (name, kind)| {
            values.property(*name, kind_of(*kind)).required(*name)
        });
    ObjectBuilder::new()
        .property("code", code)
        .required("code")
        .property("values", values)
        .required("values")
}

fn kind_of(kind: Kind) -> RefOr<Schema> {
    let plain = |of: Type| Schema::from(ObjectBuilder::new().schema_type(of).build());
    RefOr::T(match kind {
        Kind::Number => plain(Type::Number),
        Kind::PerhapsNumber => Schema::from(
            ObjectBuilder::new()
                .schema_type(SchemaType::from_iter([Type::Number, Type::Null]))
                .build(),
        ),
        Kind::Text => plain(Type::String),
        Kind::Texts => Schema::from(ArrayBuilder::new().items(RefOr::T(plain(Type::String))).build()),
        Kind::Words => {
            return super::Text::schema();
        }
    })
}
