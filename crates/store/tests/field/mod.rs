//! A deployment with teams, workers, devices and a registry. All people here are illustrative.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use phteah_registry::event::{EventId, HouseholdId};
use phteah_store::registry::{
    Clocks, DeploymentKey, Entropy, Incoming, Receipt, ReceiptStatus, Registry, key_file,
};
use phteah_store::{Actor, DeviceToken, NewAccount, Role, Store};

#[cfg(has_postgres)]
#[path = "../cluster/mod.rs"]
pub mod cluster;
pub mod place;

use place::Place;

pub fn now() -> Timestamp {
    "2026-11-20T03:10:00Z".parse().unwrap()
}

pub fn later(by: SignedDuration) -> Timestamp {
    now().checked_add(by).unwrap()
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Bytes that never come twice: a splitmix64 counter.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

fn fill(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(8) {
        let mut z = NEXT
            .fetch_add(1, Ordering::SeqCst)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
    }
}

pub fn entropy() -> Entropy {
    Entropy::new(|bytes| {
        fill(bytes);
        Ok(())
    })
}

pub struct Deployment {
    pub place: Place,
    pub store: Store,
    pub root: Actor,
    pub registry: Arc<Registry>,
}

pub const NORTH: &str = "120101";
pub const SOUTH: &str = "120201";

impl Deployment {
    /// Two teams, North and South, each with a coordinator and a field worker.
    pub fn new() -> Self {
        Self::on(Place::files())
    }

    /// The same, kept in another place.
    pub fn on(place: Place) -> Self {
        let data = place.path();
        let store = place.store();
        let root = store.command_line();
        for (name, area) in [("North", NORTH), ("South", SOUTH), ("All", "everywhere")] {
            store
                .add_team(&root, name, &area.parse().unwrap(), &random(), "opening", now())
                .unwrap();
        }
        key_file::create(
            &key_file::default_path(&data),
            &data,
            &DeploymentKey::new(random()),
        )
        .unwrap();
        let registry = Arc::new(place.registry().unwrap());
        Self {
            place,
            store,
            root,
            registry,
        }
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.place.path()
    }

    /// Closes the registry and opens it again.
    pub fn reopen(&mut self) {
        let other = tempfile::tempdir().unwrap();
        let data = other.path().join("data");
        std::fs::create_dir(&data).unwrap();
        key_file::create(
            &key_file::default_path(&data),
            &data,
            &DeploymentKey::new(random()),
        )
        .unwrap();
        // The one that is open ends before the other is opened.
        self.registry = Arc::new(open(&data).unwrap());
        self.registry = Arc::new(self.place.registry().unwrap());
    }

    /// An account of this role in a team, and its actor at the desk.
    pub fn person(&self, name: &str, role: Role, team: &str) -> Actor {
        let new = NewAccount {
            name,
            roles: &[role],
            teams: &[team],
        };
        let (id, _) = self
            .store
            .add_account(&self.root, &new, &random(), "joins", now())
            .unwrap();
        self.store.in_the_stead_of(&self.root, &id).unwrap()
    }

    /// A worker of this role with a device.
    pub fn device(&self, name: &str, role: Role, team: &str) -> (DeviceToken, Actor) {
        self.person(name, role, team);
        let code = self
            .store
            .make_device_code(&self.root, name, None, &random(), "new phone", now())
            .unwrap();
        let enrolled = self
            .store
            .enrol(code.expose(), "phone", &random(), now())
            .unwrap();
        let actor = self
            .store
            .device_contact(enrolled.token.expose(), now())
            .unwrap()
            .actor;
        (enrolled.token, actor)
    }

    pub fn push(&self, actor: &Actor, events: &[String]) -> Vec<Receipt> {
        let batch = events.iter().map(|event| Incoming::read(event)).collect();
        self.registry.push(actor, batch, clocks()).unwrap()
    }

    /// Pulls all there is, in pages of `limit`.
    pub fn pull(&self, actor: &Actor, after: i64, limit: usize) -> (Vec<String>, Vec<HouseholdId>, i64) {
        let (mut events, mut forget, mut after) = (Vec::new(), Vec::new(), after);
        loop {
            let page = self.registry.changes(actor, after, limit).unwrap();
            assert!(page.events.len() <= limit);
            events.extend(page.events);
            forget.extend(page.households_to_forget);
            after = page.next;
            if !page.more {
                return (events, forget, after);
            }
        }
    }
}

pub fn open(data: &std::path::Path) -> phteah_store::Result<Registry> {
    Registry::open(data, &key_file::default_path(data), entropy())
}

pub fn clocks() -> Clocks {
    Clocks {
        now: now(),
        offset: Some(SignedDuration::ZERO),
    }
}

pub fn household() -> HouseholdId {
    HouseholdId::new(random())
}

pub fn event_id() -> EventId {
    EventId::new(now(), random())
}

/// A survey of a household in a sangkat, with a name.
pub fn survey(household: HouseholdId, sangkat: &str, name: &str) -> (EventId, String) {
    event(
        household,
        "surveyed",
        &[],
        &format!(r#""facts":{{"dwelling.sangkat":"{sangkat}","head.name":"{name}"}}"#),
    )
}

/// An event of any kind; `more` are further fields.
pub fn event(household: HouseholdId, kind: &str, after: &[EventId], more: &str) -> (EventId, String) {
    let id = event_id();
    let after: Vec<String> = after.iter().map(|id| format!("\"{id}\"")).collect();
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(",{more}")
    };
    let json = format!(
        r#"{{"id":"{id}","household":"{household}","kind":"{kind}","after":[{}],"happened_on":"2026-11-20","recorded_at":"2026-11-20T03:10:00Z"{more}}}"#,
        after.join(",")
    );
    (id, json)
}

pub fn code(receipt: &Receipt) -> &str {
    receipt.notes.first().map_or("", |note| note.code.as_str())
}

pub fn all(receipts: &[Receipt], status: ReceiptStatus) -> bool {
    receipts.iter().all(|receipt| receipt.status == status)
}
