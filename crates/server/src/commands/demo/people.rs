//! The people of the illustrative deployment: two teams, an account for each role, phones of field workers.

use std::collections::BTreeSet;

use jiff::Timestamp;
use phteah_city::families::WORKERS;
use phteah_store::{Actor, Area, NewAccount, Role, Store};

use crate::commands::CommandError;
use crate::commands::people::entropy;

/// Why it is all made; stands in the audit.
pub const WHY: &str = "illustrative data";
/// The teams, from north to south.
const TEAMS: [&str; 2] = ["Illustrative Team North", "Illustrative Team South"];
/// Caseworkers, one of each team.
const CASEWORKERS: [&str; 2] = ["Illustrative Caseworker North", "Illustrative Caseworker South"];

/// Accounts whose sign-in links the server prints, one of each role; a field worker has a phone instead.
pub const DOORS: [(Role, &str); 5] = [
    (Role::Administrator, "Illustrative Administrator"),
    (Role::Coordinator, "Illustrative Coordinator"),
    (Role::Caseworker, CASEWORKERS[0]),
    (Role::Planner, "Illustrative Planner"),
    (Role::Partner, "Illustrative Partner"),
];

/// A field worker's name, counted from 0.
pub fn worker(n: u8) -> String {
    format!("Illustrative Field Worker {}", n + 1)
}

/// The phone of a field worker.
const PHONE: &str = "Illustrative phone";

/// Whoever records and accompanies the families of one team.
pub struct Crew {
    /// The team's sangkats.
    pub area: BTreeSet<String>,
    /// Its phones, each in the hands of its worker.
    pub phones: Vec<Actor>,
    /// The accounts of these workers.
    pub workers: Vec<phteah_store::AccountId>,
    /// Its caseworker.
    pub caseworker: Actor,
}

/// Makes what is missing of teams, accounts and phones. `areas` has the sangkats of each team.
pub fn make(store: &Store, areas: &[BTreeSet<String>; 2], now: Timestamp) -> Result<Vec<Crew>, CommandError> {
    let actor = &store.command_line();
    let known: BTreeSet<String> = store.teams(actor)?.into_iter().map(|team| team.name).collect();
    for (team, area) in TEAMS.iter().zip(areas) {
        if !known.contains(*team) && !area.is_empty() {
            let area = Area::Sangkats(area.clone());
            store.add_team(actor, team, &area, &entropy()?, WHY, now)?;
        }
    }
    let teams: Vec<&str> = TEAMS
        .iter()
        .zip(areas)
        .filter(|(_, area)| !area.is_empty())
        .map(|(team, _)| *team)
        .collect();
    let mut wanted: Vec<(String, Role, Vec<&str>)> = DOORS
        .iter()
        .filter(|(role, _)| *role != Role::Caseworker)
        .map(|(role, name)| {
            let teams = if role.needs_team() {
                teams.clone()
            } else {
                Vec::new()
            };
            ((*name).to_owned(), *role, teams)
        })
        .collect();
    // What cannot be undone is confirmed by a second person.
    wanted.push((
        "Illustrative Second Coordinator".to_owned(),
        Role::Coordinator,
        teams.clone(),
    ));
    for (at, (team, area)) in TEAMS.iter().zip(areas).enumerate() {
        if !area.is_empty() {
            wanted.push((CASEWORKERS[at].to_owned(), Role::Caseworker, vec![*team]));
            wanted.extend(of_team(at).map(|n| (worker(n), Role::FieldWorker, vec![*team])));
        }
    }
    let known: BTreeSet<String> = store
        .accounts(actor)?
        .into_iter()
        .map(|account| account.name)
        .collect();
    for (name, role, teams) in &wanted {
        if !known.contains(name) {
            let new = NewAccount {
                name,
                roles: &[*role],
                teams,
            };
            // Its link is void at once: the server makes fresh ones.
            store.add_account(actor, &new, &entropy()?, WHY, now)?;
        }
    }
    let mut crews = Vec::new();
    for (at, area) in areas.iter().enumerate() {
        if !area.is_empty() {
            crews.push(crew(store, at, area, now)?);
        }
    }
    Ok(crews)
}

/// The field workers of a team.
fn of_team(team: usize) -> std::ops::Range<u8> {
    let each = WORKERS / TEAMS.len() as u8;
    team as u8 * each..(team as u8 + 1) * each
}

fn crew(store: &Store, team: usize, area: &BTreeSet<String>, now: Timestamp) -> Result<Crew, CommandError> {
    let actor = &store.command_line();
    let (mut phones, mut workers) = (Vec::new(), Vec::new());
    for n in of_team(team) {
        let name = worker(n);
        workers.push(store.account(actor, &name)?.id);
        let mine = store
            .devices(actor)?
            .into_iter()
            .find(|device| device.worker == name && device.name == PHONE);
        let device = if let Some(device) = mine {
            device.id
        } else {
            let code = store.make_device_code(actor, &name, None, &entropy()?, WHY, now)?;
            store.enrol(code.expose(), PHONE, &entropy()?, now)?.device
        };
        phones.push(store.handed_over_by(actor, &device)?);
    }
    let caseworker = store.account(actor, CASEWORKERS[team])?.id;
    Ok(Crew {
        area: area.clone(),
        phones,
        workers,
        caseworker: store.in_the_stead_of(actor, &caseworker)?,
    })
}
