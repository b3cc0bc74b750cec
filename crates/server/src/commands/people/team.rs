//! `phteah team`: teams and where they work.

use clap::{Args, Subcommand};
use phteah_layers::gazetteer::{self, Division};
use phteah_store::{Area, TeamRecord};
use serde::Serialize;

use super::{Common, Why, answer, entropy, open, open_or_create, second};
use crate::commands::CommandError;

/// `phteah team`.
#[derive(Debug, Subcommand)]
pub enum Team {
    /// Make a team
    #[command(
        after_long_help = "A coordinator, a caseworker and a field worker see households in the area of their teams alone, so the team comes first.\n\n\
                     Examples:\n  phteah team add North --area everywhere --data data\n  phteah team add Riverside --area 120101,120102 --data data"
    )]
    Add(Add),
    /// Give a team another area; its phones learn of it when they next send
    Area(Add),
    /// List the teams, where they work and how many belong to them
    List(List),
}

/// `phteah team add` and `phteah team area`.
#[derive(Debug, Args)]
pub struct Add {
    /// Its name
    pub name: String,
    /// Where it works: everywhere, or codes of sangkats
    #[arg(long, value_name = "everywhere|SANGKAT,…")]
    pub area: String,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah team list`.
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
    /// `everywhere`, or codes.
    area: serde_json::Value,
    members: u32,
    made_at: String,
}

fn shown(team: TeamRecord) -> Shown {
    Shown {
        area: match &team.area {
            Area::Sangkats(codes) => serde_json::json!(codes),
            other => serde_json::json!(other.to_string()),
        },
        id: team.id.to_string(),
        name: team.name,
        members: team.members,
        made_at: second(team.made_at),
    }
}

/// How many sangkats are named to somebody who has named one that there is not.
const NEAREST: usize = 3;

/// Reads an area. A name in the place of a code, and a khan's code, would each be an area in which nobody lives: they are refused with what may have
/// been meant. Other codes cannot be judged: those of other cities, and of other years, are not in the list that comes with the program.
fn area(text: &str) -> Result<Area, CommandError> {
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| *part != "everywhere")
    {
        let has_digit = part.chars().any(char::is_numeric);
        let is_khan = part.len() == 4 && gazetteer::division(part).is_some();
        if part.is_empty() || (has_digit && !is_khan) {
            continue;
        }
        let meant: Vec<&Division> = if is_khan {
            gazetteer::sangkats()
                .filter(|sangkat| sangkat.code.starts_with(part))
                .collect()
        } else {
            gazetteer::nearest_sangkats(part, NEAREST)
        };
        let meant: Vec<String> = meant
            .iter()
            .map(|sangkat| format!("{} ({})", sangkat.code, sangkat.en))
            .collect();
        return Err(CommandError::Usage(format!(
            "{} An area is written as everywhere, or as codes of sangkats with commas between them. {}: {}.",
            if is_khan {
                format!("'{part}' is a khan.")
            } else {
                format!("There is no sangkat '{part}'.")
            },
            if is_khan {
                "Its sangkats are"
            } else {
                "The nearest are"
            },
            meant.join(", ")
        )));
    }
    Ok(text.parse()?)
}

/// Does it.
pub fn run(command: &Team) -> Result<(), CommandError> {
    match command {
        Team::Add(args) => {
            let house = open_or_create(&args.common)?;
            let area = area(&args.area)?;
            let id = house.store.add_team(
                &house.actor,
                &args.name,
                &area,
                &entropy()?,
                &args.why.text,
                house.now,
            )?;
            let made = house
                .store
                .teams(&house.actor)?
                .into_iter()
                .find(|team| team.id == id);
            let words = format!("The team {} works {}.", args.name.trim(), words(&area));
            answer(&args.common, &made.map(shown), &words)
        }
        Team::Area(args) => {
            let house = open(&args.common)?;
            let area = area(&args.area)?;
            house
                .store
                .change_area(&house.actor, &args.name, &area, &args.why.text, house.now)?;
            let words = format!(
                "The team {} works {} from now on.",
                args.name.trim(),
                words(&area)
            );
            answer(
                &args.common,
                &serde_json::json!({"name": args.name.trim(), "area": args.area}),
                &words,
            )
        }
        Team::List(args) => {
            let house = open(&args.common)?;
            let teams = house.store.teams(&house.actor)?;
            let lines: Vec<String> = teams
                .iter()
                .map(|team| format!("{}: {}, {} accounts", team.name, words(&team.area), team.members))
                .collect();
            let none = "There is no team yet: phteah team add NAME --area everywhere --data DIR";
            let text = if lines.is_empty() {
                none.to_owned()
            } else {
                lines.join("\n")
            };
            answer(
                &args.common,
                &teams.into_iter().map(shown).collect::<Vec<_>>(),
                &text,
            )
        }
    }
}

fn words(area: &Area) -> String {
    match area {
        Area::Everywhere => "everywhere".to_owned(),
        Area::Nowhere => "nowhere".to_owned(),
        Area::Sangkats(_) => format!("in {area}"),
    }
}
