//! Events of illustrative families.

use jiff::Timestamp;
use phteah_registry::event::{EventId, HouseholdId};

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub fn household() -> HouseholdId {
    HouseholdId::new(random())
}

/// What must be found nowhere on the disk.
pub const NAME: &str = "Sovannarith Illustrative";
pub const KHMER_NAME: &str = "សុវណ្ណារិទ្ធ";
pub const PHONE: &str = "012998877";
pub const NOTE: &str = "a note about somebody in need";
pub const LON: &str = "104.912345";
pub const LAT: &str = "11.567891";

/// A survey with all that is personal.
pub fn survey(household: HouseholdId, sangkat: &str) -> (EventId, String) {
    let facts = format!(
        r#""facts":{{"dwelling.sangkat":"{sangkat}","head.name":"{NAME}","head.name_km":"{KHMER_NAME}","head.phone":"{PHONE}","note":"{NOTE}"}},"location":{{"lon":{LON},"lat":{LAT},"accuracy_m":6,"method":"gps"}}"#
    );
    event(household, "surveyed", &[], &facts)
}

pub fn event(household: HouseholdId, kind: &str, after: &[EventId], more: &str) -> (EventId, String) {
    let now = Timestamp::now();
    let id = EventId::new(now, random());
    let after: Vec<String> = after.iter().map(|id| format!("\"{id}\"")).collect();
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(",{more}")
    };
    let json = format!(
        r#"{{"id":"{id}","household":"{household}","kind":"{kind}","after":[{}],"happened_on":"2026-01-20","recorded_at":"{now:.0}"{more}}}"#,
        after.join(",")
    );
    (id, json)
}

pub fn batch(events: &[String]) -> String {
    format!("{{\"events\":[{}]}}", events.join(","))
}
