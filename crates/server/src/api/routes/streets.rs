//! Streets by name.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::insight::within;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::json::QueryParts;
use crate::api::types::StreetList;
use crate::state::AppState;

/// The most streets of an answer.
const MOST: usize = 20;

/// How many there are where nobody asks for more or fewer.
const USUAL: usize = 8;

/// The most characters of a name that is searched for.
const LONGEST: usize = 100;

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct StreetQuery {
    /// A name or a part of it, in English letters or in Khmer, with or without a word for "street": `Street 271`, `St. 271`, `ផ្លូវ ២៧១`,
    /// `Monivong`. At most 100 characters.
    q: String,
    /// The most streets of the answer, 1 to 20; 8 if absent.
    limit: Option<usize>,
}

/// Streets by name, from the roads that are loaded. Roads of one name that lie apart are several.
#[utoipa::path(get, path = "/api/streets", operation_id = "streets", params(StreetQuery),
    responses((status = 200, body = StreetList), (status = "default", body = ErrorBody)))]
pub async fn streets(
    State(state): State<Arc<AppState>>,
    QueryParts(query): QueryParts<StreetQuery>,
) -> Result<Json<StreetList>, ApiError> {
    if query.q.chars().count() > LONGEST {
        return Err(ApiError::bad_parameter(
            "q",
            format!("q must have {LONGEST} characters at the most."),
        ));
    }
    let limit = within("limit", query.limit.unwrap_or(USUAL), MOST)?;
    let reader = Arc::clone(&state);
    let answer = state.work(move || {
        let streets = reader.streets()?;
        Ok(StreetList {
            streets: streets
                .find(&query.q, limit)
                .into_iter()
                .map(Into::into)
                .collect(),
        })
    });
    Ok(Json(answer.await?))
}
