//! `phteah device`: the phones of field workers.

use clap::{Args, Subcommand};
use phteah_store::{DeviceId, DeviceRecord};
use serde::Serialize;

use super::account::address;
use super::{Common, Why, answer, entropy, open, second};
use crate::auth::{phones, qr};
use crate::commands::CommandError;

/// `phteah device`.
#[derive(Debug, Subcommand)]
pub enum Device {
    /// Print a code with which a worker's phone is enrolled, and its QR code; it works once and for an hour
    #[command(
        after_long_help = "The worker scans the QR code with the phone's camera, or opens the field app and types the code; the phone then has a key of its own, which \"phteah device revoke\" ends.\n\n\
                     Examples:\n  phteah device code --worker \"Keo Neary\" --data data\n  phteah device code --worker \"Keo Neary\" --team North --json --data data"
    )]
    Code(Code),
    /// List the phones, their workers and how long they may go without contact
    List(List),
    /// Revoke a phone: it is refused from now on. What it has not sent stays on it, to be handed over
    Revoke(Revoke),
}

/// `phteah device code`.
#[derive(Debug, Args)]
pub struct Code {
    /// Whose phone it is: the name of an account
    #[arg(long, value_name = "NAME")]
    pub worker: String,
    /// For which team, of a worker of several
    #[arg(long, value_name = "TEAM")]
    pub team: Option<String>,
    /// The address that phones reach the server at [default: the server's when it last started]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah device list`.
#[derive(Debug, Args)]
pub struct List {
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

/// `phteah device revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// Its id, as "phteah device list" shows it
    pub id: String,
    /// Why
    #[command(flatten)]
    pub why: Why,
    /// The rest
    #[command(flatten)]
    pub common: Common,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    name: String,
    worker: String,
    team: String,
    enrolled_at: String,
    seen_at: String,
    lease_until: String,
    revoked_at: Option<String>,
}

fn shown(device: DeviceRecord) -> Shown {
    Shown {
        id: device.id.to_string(),
        name: device.name,
        worker: device.worker,
        team: device.team,
        enrolled_at: second(device.enrolled_at),
        seen_at: second(device.seen_at),
        lease_until: second(device.lease_until),
        revoked_at: device.revoked_at.map(second),
    }
}

/// Does it.
pub fn run(command: &Device) -> Result<(), CommandError> {
    match command {
        Device::Code(args) => {
            let house = open(&args.common)?;
            let code = house.store.make_device_code(
                &house.actor,
                &args.worker,
                args.team.as_deref(),
                &entropy()?,
                &args.why.text,
                house.now,
            )?;
            let until = second(code.expires_at);
            let base = address(&house, args.public_url.as_deref())?;
            let link = phones::enrolment(&base, code.expose());
            let warning = if phones::is_trusted_by_browsers(&base) {
                ""
            } else {
                "\nThis address is not https: a phone refuses it the camera, the position and work without network."
            };
            let words = format!(
                "{}\n{}\n{link}\nWith this code {} enrols one phone. It works once, until {until}.{warning}",
                code.expose(),
                qr::in_terminal(&link),
                args.worker.trim()
            );
            let json = serde_json::json!({"code": code.expose(), "expires_at": until, "address": link});
            answer(&args.common, &json, &words)
        }
        Device::List(args) => {
            let house = open(&args.common)?;
            let devices = house.store.devices(&house.actor)?;
            let lines: Vec<String> = devices
                .iter()
                .map(|device| {
                    let state = match device.revoked_at {
                        Some(at) => format!("revoked {}", second(at)),
                        None => format!(
                            "last contact {}, may go without until {}",
                            second(device.seen_at),
                            second(device.lease_until)
                        ),
                    };
                    format!(
                        "{}  {} of {} in {}: {state}",
                        device.id, device.name, device.worker, device.team
                    )
                })
                .collect();
            let none = "No phone is enrolled yet: phteah device code --worker NAME --data DIR";
            let text = if lines.is_empty() {
                none.to_owned()
            } else {
                lines.join("\n")
            };
            answer(
                &args.common,
                &devices.into_iter().map(shown).collect::<Vec<_>>(),
                &text,
            )
        }
        Device::Revoke(args) => {
            let house = open(&args.common)?;
            let id: DeviceId = args
                .id
                .trim()
                .parse()
                .map_err(|error: phteah_store::NoId| CommandError::Usage(error.to_string()))?;
            house
                .store
                .revoke_device(&house.actor, &id, &args.why.text, house.now)?;
            let words = format!("The phone {id} is refused from now on. What it has not sent stays on it.");
            answer(
                &args.common,
                &serde_json::json!({"id": id.as_str(), "revoked": true}),
                &words,
            )
        }
    }
}
