//! `phteah account`: persons who sign in, and their roles.

use clap::{Args, Subcommand};
use phteah_store::{AccountRecord, NewAccount, Role, SignInLink};
use serde::Serialize;

use super::{Common, House, Why, answer, entropy, open, open_or_create, second};
use crate::auth::welcome;
use crate::commands::CommandError;

/// Where people reach a server that nobody has started yet.
const USUAL_ADDRESS: &str = "http://127.0.0.1:8080";

/// What the roles mean, for the help.
const ROLES: &str = "Roles:
  administrator  accounts, teams, devices, backups; reads nobody's records
  coordinator    answers for a team's households: offers, placements, quarantine, its devices
  caseworker     accompanies households: own cases, protected notes
  field-worker   visits households with a phone
  planner        the map: layers, scenarios, decision records
  partner        what is published
Coordinator, caseworker and field-worker need a team. Administrator, coordinator and caseworker also sign in with a code
from an authenticator app, which the page behind the link sets up.

Examples:
  phteah account add \"Sok Dara\" --role planner --data data
  phteah account add \"Keo Neary\" --role field-worker --team North --data data
  phteah account add \"Chan Thy\" --role coordinator,planner --team North --data data";

/// `phteah account`.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Make an account and print its sign-in link, which works once and for two days
    #[command(after_long_help = ROLES)]
    Add(Add),
    /// Print a new sign-in link: for a lost password, a lost phone, or a link that was too old. Former links are void
    Link(Link),
    /// Give an account other roles and teams, in place of those it has
    #[command(after_long_help = ROLES)]
    Change(Change),
    /// Disable an account: signed out everywhere, its phones refused. What it did stays in the audit
    Disable(Named),
    /// Enable a disabled account again and print a sign-in link
    Enable(Link),
    /// List the accounts, their roles and teams
    List(List),
}

/// What an account is.
#[derive(Debug, Args)]
pub struct Rights {
    /// As what the person works; several with commas
    #[arg(long = "role", value_name = "ROLE,…", value_delimiter = ',', required = true)]
    pub roles: Vec<String>,
    /// The team that the person belongs to; repeat it for several
    #[arg(long = "team", value_name = "TEAM")]
    pub teams: Vec<String>,
}

/// Where the link leads.
#[derive(Debug, Args)]
pub struct At {
    /// The address that people use [default: the server's when it last started]
    #[arg(long = "url", value_name = "URL")]
    pub url: Option<String>,
}

/// `phteah account add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The person's name, with which they sign in
    pub name: String,
    /// Roles and teams
    #[command(flatten)]
    pub rights: Rights,
    /// Where the link leads
    #[command(flatten)]
    pub at: At,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah account change`.
#[derive(Debug, Args)]
pub struct Change {
    /// The person's name
    pub name: String,
    /// Roles and teams
    #[command(flatten)]
    pub rights: Rights,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah account link` and `phteah account enable`.
#[derive(Debug, Args)]
pub struct Link {
    /// The person's name
    pub name: String,
    /// Where the link leads
    #[command(flatten)]
    pub at: At,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah account disable`.
#[derive(Debug, Args)]
pub struct Named {
    /// The person's name
    pub name: String,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah account list`.
#[derive(Debug, Args)]
pub struct List {
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    name: String,
    roles: Vec<&'static str>,
    teams: Vec<String>,
    made_at: String,
    disabled_at: Option<String>,
    signed_in_at: Option<String>,
    has_password: bool,
    has_codes: bool,
}

fn shown(account: AccountRecord) -> Shown {
    Shown {
        id: account.id.to_string(),
        name: account.name,
        roles: account.roles.into_iter().map(Role::as_str).collect(),
        teams: account.teams,
        made_at: second(account.made_at),
        disabled_at: account.disabled_at.map(second),
        signed_in_at: account.signed_in_at.map(second),
        has_password: account.has_password,
        has_codes: account.has_codes,
    }
}

#[derive(Serialize)]
struct Linked {
    id: String,
    name: String,
    link: String,
    expires_at: String,
}

/// Does it.
pub fn run(command: &Account) -> Result<(), CommandError> {
    match command {
        Account::Add(args) => add(args),
        Account::Change(args) => {
            let house = open(&args.common)?;
            let (roles, teams) = read(&args.rights)?;
            house.store.change_account(
                &house.actor,
                &args.name,
                &roles,
                &teams,
                &args.why.text,
                house.now,
            )?;
            let account = house.store.account(&house.actor, &args.name)?;
            let words = described(&account);
            answer(&args.common, &shown(account), &words)
        }
        Account::Link(args) => {
            let house = open(&args.common)?;
            let link =
                house
                    .store
                    .make_link(&house.actor, &args.name, &entropy()?, &args.why.text, house.now)?;
            linked(&house, &args.common, &args.at, &args.name, &link)
        }
        Account::Enable(args) => {
            let house = open(&args.common)?;
            let link = house.store.enable_account(
                &house.actor,
                &args.name,
                &entropy()?,
                &args.why.text,
                house.now,
            )?;
            linked(&house, &args.common, &args.at, &args.name, &link)
        }
        Account::Disable(args) => {
            let house = open(&args.common)?;
            house
                .store
                .disable_account(&house.actor, &args.name, &args.why.text, house.now)?;
            let account = house.store.account(&house.actor, &args.name)?;
            let words = format!(
                "The account of {} is disabled: signed out everywhere, its phones refused.",
                account.name
            );
            answer(&args.common, &shown(account), &words)
        }
        Account::List(args) => {
            let house = open(&args.common)?;
            let accounts = house.store.accounts(&house.actor)?;
            let lines: Vec<String> = accounts.iter().map(described).collect();
            let none = "There is no account yet: phteah account add NAME --role administrator --data DIR";
            let text = if lines.is_empty() {
                none.to_owned()
            } else {
                lines.join("\n")
            };
            answer(
                &args.common,
                &accounts.into_iter().map(shown).collect::<Vec<_>>(),
                &text,
            )
        }
    }
}

fn read(rights: &Rights) -> Result<(Vec<Role>, Vec<&str>), CommandError> {
    let roles = rights
        .roles
        .iter()
        .map(|word| word.trim().parse())
        .collect::<Result<_, _>>()?;
    Ok((roles, rights.teams.iter().map(String::as_str).collect()))
}

fn add(args: &Add) -> Result<(), CommandError> {
    let house = open_or_create(&args.common)?;
    let (roles, teams) = read(&args.rights)?;
    let new = NewAccount {
        name: &args.name,
        roles: &roles,
        teams: &teams,
    };
    let (_, link) = house
        .store
        .add_account(&house.actor, &new, &entropy()?, &args.why.text, house.now)?;
    linked(&house, &args.common, &args.at, &args.name, &link)
}

fn linked(
    house: &House,
    common: &Common,
    at: &At,
    name: &str,
    link: &SignInLink,
) -> Result<(), CommandError> {
    let account = house.store.account(&house.actor, name)?;
    let base = address(house, at.url.as_deref())?;
    let address = format!(
        "{}{}",
        base.trim_end_matches('/'),
        welcome::address(link.expose())
    );
    let until = second(link.expires_at);
    let words = format!(
        "{address}\nWith this link {} chooses a password. It works once, until {until}; hand it over safely.",
        account.name
    );
    let json = Linked {
        id: account.id.to_string(),
        name: account.name,
        link: address,
        expires_at: until,
    };
    answer(common, &json, &words)
}

fn described(account: &AccountRecord) -> String {
    let roles: Vec<&str> = account.roles.iter().map(|role| role.as_str()).collect();
    let teams = if account.teams.is_empty() {
        String::new()
    } else {
        format!(" in {}", account.teams.join(", "))
    };
    let state = match (account.disabled_at, account.signed_in_at, account.has_password) {
        (Some(at), ..) => format!("disabled {}", second(at)),
        (None, Some(at), true) => format!("last signed in {}", second(at)),
        (None, ..) => "has not used the sign-in link yet".to_owned(),
    };
    format!("{}: {}{teams}; {state}", account.name, roles.join(", "))
}

/// Where people reach the server: as told, else as it was when it last started.
pub(super) fn address(house: &House, told: Option<&str>) -> Result<String, CommandError> {
    match told {
        Some(url) => Ok(url.to_owned()),
        None => Ok(house.store.address()?.unwrap_or_else(|| USUAL_ADDRESS.to_owned())),
    }
}
