//! The description of the API, generated from the types and the routes.

use axum::Json;
use utoipa::OpenApi;

use crate::auth::account;
use crate::desk::{
    cases, decisions, households, map, outcomes, placement, quarantine, releases, setup as desk_setup, sheet,
    tasks, today,
};
use crate::field::packs::serve;
use crate::field::{enrol, files, forms, setup, sync};

use super::routes::{
    deployment, doubt, ground, here, insight, rankings, scenarios, streets, take_away, tiles,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Phteah",
        description = "Where climate-migrant families can live next: layers, candidate sites, rankings and tiles. All numbers carry their unit in \
            their name or beside them; null is unknown, never zero.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        deployment::health,
        deployment::deployment,
        deployment::layers,
        deployment::work,
        scenarios::list,
        scenarios::one,
        scenarios::save,
        scenarios::delete,
        scenarios::plots,
        scenarios::save_plots,
        rankings::create,
        rankings::one,
        rankings::sites,
        rankings::site,
        rankings::matrix,
        ground::settlements,
        here::here,
        streets::streets,
        ground::routes,
        ground::flood,
        ground::drawn,
        insight::robustness,
        insight::compare,
        doubt::methods,
        doubt::unknowns,
        take_away::download,
        take_away::record,
        tiles::layer,
        tiles::sites,
        account::me,
        enrol::enrol,
        setup::setup,
        serve::pack,
        forms::form,
        forms::media,
        forms::list,
        sync::push,
        sync::changes,
        files::options,
        files::begin,
        files::state,
        files::append,
        desk_setup::setup,
        today::today,
        households::list,
        households::sites,
        cases::one,
        cases::record,
        cases::give,
        cases::hide,
        cases::audit,
        map::household,
        quarantine::list,
        quarantine::decide,
        decisions::list,
        placement::propose,
        sheet::sheets,
        outcomes::outcomes,
        releases::list,
        releases::prepare,
        releases::one,
        releases::table,
        releases::audit,
        releases::confirm,
        releases::audience,
        releases::withdraw,
        releases::count,
        tasks::list,
        tasks::ask,
        tasks::change,
        tasks::of_phone,
        tasks::file,
    )
)]
struct Description;

/// The description as a document.
pub fn document() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// Serves it.
pub async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
