//! What the page needs once: who is there, which sites, places and people there are.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use phteah_layers::gazetteer;
use phteah_store::{Area, Reach, Right, Role};

use super::Person;
use super::decisions;
use super::types::{DeskSetup, Member, Sangkat, SiteName};
use crate::api::error::{ApiError, ErrorBody};
use crate::state::AppState;

/// Who is there, and what there is to choose from.
#[utoipa::path(get, path = "/api/desk/setup", operation_id = "deskSetup", responses((status = 200, body = DeskSetup), (status = "default", body = ErrorBody)))]
pub async fn setup(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<DeskSetup>, ApiError> {
    let reader = Arc::clone(&state);
    let setup = state.work(move || {
        let store = reader.partner.store();
        let actor = &person.actor;
        let may = |right| actor.reach(right).is_some();
        let members = if may(Right::DecideCases) {
            let accounts = store.accounts(actor)?;
            accounts
                .into_iter()
                .filter(|account| {
                    account.disabled_at.is_none()
                        && account.roles.iter().any(|role| works_with_families(*role))
                })
                .map(|account| Member {
                    account: account.id.to_string(),
                    name: account.name,
                    roles: account.roles.iter().map(ToString::to_string).collect(),
                })
                .collect()
        } else {
            Vec::new()
        };
        let areas: Vec<Sangkat> = match &actor.scope().area {
            Area::Everywhere => gazetteer::sangkats()
                .map(|sangkat| super::answers::place(&sangkat.code))
                .collect(),
            Area::Sangkats(codes) => codes.iter().map(|code| super::answers::place(code)).collect(),
            Area::Nowhere => Vec::new(),
        };
        let sites = match decisions::sites(&reader) {
            Ok(sites) => sites,
            Err(error) => {
                tracing::warn!(%error, "the sites of decisions cannot be read");
                Vec::<SiteName>::new()
            }
        };
        let account = store.account(actor, &person.name)?;
        Ok(DeskSetup {
            name: person.name,
            account: actor.account().map(ToString::to_string).unwrap_or_default(),
            roles: actor.roles().iter().map(ToString::to_string).collect(),
            teams: account.teams,
            may_decide: may(Right::DecideCases),
            may_record: may(Right::SeeCaseDecisions) && may(Right::RecordEvents),
            may_hide: may(Right::ReadProtected),
            may_read: may(Right::SeeCaseDecisions),
            may_ask: may(Right::DecideCases) || may(Right::ProposePlacements),
            may_see_phones: may(Right::ManageDevices)
                && actor.reach(Right::SeeCaseDecisions) == Some(Reach::OwnTeams),
            may_see_plans: may(Right::SeePlans),
            may_release: may(Right::PrepareReleases),
            members,
            areas,
            sites,
            today: super::today::day(reader.partner.now()).to_string(),
            illustrative: crate::auth::planner::is_illustrative(&*reader.catalogue()?),
        })
    });
    Ok(Json(setup.await?))
}

fn works_with_families(role: Role) -> bool {
    matches!(role, Role::FieldWorker | Role::Caseworker | Role::Coordinator)
}
