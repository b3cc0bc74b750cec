//! The JSON of the desk.

use phteah_store::registry::desk::Progress;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::types::Text;

/// The households are still being read after the server's start: ask again in a moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reading {
    /// Households read.
    pub done: usize,
    /// All of them.
    pub all: usize,
}

impl From<Progress> for Reading {
    fn from(progress: Progress) -> Self {
        Self {
            done: progress.done,
            all: progress.all,
        }
    }
}

/// A family's name as it was written; empty where nobody wrote it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Names {
    /// In Khmer.
    pub km: String,
    /// In Latin letters.
    pub latin: String,
}

/// A sangkat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sangkat {
    /// Its code.
    pub code: String,
    /// Its name in Latin letters; null where the gazetteer does not know it.
    pub name: Option<String>,
    /// Its name in Khmer.
    pub name_km: Option<String>,
}

/// Who did something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Author {
    /// The account.
    pub account: Option<String>,
    /// The person's name; null where the person belongs to another team.
    pub name: Option<String>,
    /// By phone, as opposed to at the desk.
    pub by_phone: bool,
    /// By a program at the server.
    pub by_program: bool,
}

/// Somebody in whose hands a household is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Worker {
    /// The account.
    pub account: String,
    /// The person's name; null where it belongs to another team.
    pub name: Option<String>,
}

/// A person of the team.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    /// The account.
    pub account: String,
    /// The person's name.
    pub name: String,
    /// Roles.
    pub roles: Vec<String>,
}

/// A site of a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SiteName {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Text,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// What the page needs once.
#[derive(Debug, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a right that the page asks for by its name"
)]
pub struct DeskSetup {
    /// The person's name.
    pub name: String,
    /// The person's account.
    pub account: String,
    /// The person's roles.
    pub roles: Vec<String>,
    /// The person's teams.
    pub teams: Vec<String>,
    /// May offer, place, merge, decide about quarantine.
    pub may_decide: bool,
    /// May record events.
    pub may_record: bool,
    /// May hide a household that is in the own hands.
    pub may_hide: bool,
    /// May read households.
    pub may_read: bool,
    /// May ask field teams to find something out.
    pub may_ask: bool,
    /// May see phones.
    pub may_see_phones: bool,
    /// May see the planner's map.
    pub may_see_plans: bool,
    /// May prepare releases, and confirm what somebody else has prepared.
    pub may_release: bool,
    /// People of the team to whom households are given.
    pub members: Vec<Member>,
    /// Sangkats of the person's area.
    pub areas: Vec<Sangkat>,
    /// Sites of decisions.
    pub sites: Vec<SiteName>,
    /// The day in Cambodia.
    pub today: String,
    /// Whether all layers are illustrative.
    pub illustrative: bool,
}

/// A visit to be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayDue {
    /// The household.
    pub id: String,
    /// Its name.
    pub names: Names,
    /// The site.
    pub site: Option<String>,
    /// Months after the move.
    pub months: i32,
    /// The last day of the window.
    pub until: String,
    /// `due`, `overdue` or `escalated`.
    pub standing: String,
    /// Looked for on two days and not met since.
    pub not_found_twice: bool,
}

/// A household whose oldest referral has had no answer for too long.
#[derive(Debug, Serialize, ToSchema)]
pub struct DaySilent {
    /// The household.
    pub id: String,
    /// Its name.
    pub names: Names,
    /// The referral.
    pub event: String,
    /// The service.
    pub service: String,
    /// The day.
    pub on: String,
    /// Days without an answer.
    pub days: i32,
}

/// A household by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayNamed {
    /// The household.
    pub id: String,
    /// Its name.
    pub names: Names,
    /// How many, where something is counted.
    pub count: Option<usize>,
}

/// Surveys of one worker on one day that look wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayCrowd {
    /// Whose.
    pub by: Author,
    /// The day.
    pub on: String,
    /// How many.
    pub surveys: usize,
    /// The first twenty.
    pub households: Vec<String>,
}

/// Records that may be of one family.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayTwins {
    /// The name that they share.
    pub names: Names,
    /// The records.
    pub households: Vec<String>,
}

/// A phone that has not been in contact for a week.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayPhone {
    /// What its worker calls it.
    pub name: String,
    /// Whose.
    pub worker: String,
    /// When it was last in contact.
    pub seen_at: String,
    /// Until when it may show what it has.
    pub lease_until: String,
    /// Whether that is over.
    pub lease_over: bool,
}

/// What needs somebody today. Of each list at most 200, the most urgent first, with the number of all.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Day {
    /// The day in Cambodia.
    pub date: String,
    /// Set while the households are still being read: then all other lists of households are empty.
    pub reading: Option<Reading>,
    /// All households that the person may know of; records that go on in another one are not counted.
    pub households: usize,
    /// Visits that are late.
    pub overdue: usize,
    /// Visits that are due and not late.
    pub due: usize,
    /// Both, late ones first.
    pub visits: Vec<DayDue>,
    /// Households with a referral that has been silent for more than 14 days.
    pub silent: Vec<DaySilent>,
    /// How many.
    pub silent_all: usize,
    /// Households whose events do not agree.
    pub conflicts: Vec<DayNamed>,
    /// How many.
    pub conflicts_all: usize,
    /// Looked for on two days and not met since.
    pub not_found: Vec<DayNamed>,
    /// How many.
    pub not_found_all: usize,
    /// Events that wait in quarantine; 500 stands for as many or more.
    pub quarantine: usize,
    /// Phones without contact for a week.
    pub phones: Vec<DayPhone>,
    /// Records that may be of one family.
    pub twins: Vec<DayTwins>,
    /// How many such groups.
    pub twins_all: usize,
    /// Five surveys or more of one worker on one day at one spot.
    pub crowds: Vec<DayCrowd>,
    /// Three surveys or more of one worker on one day within two minutes of the one before.
    pub hurries: Vec<DayCrowd>,
    /// Households recorded outside the country.
    pub outside: Vec<DayNamed>,
}

/// Which households. What is left out asks for nothing.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a filter of its own")]
pub struct ListRequest {
    /// A name in either script, with mistakes; a telephone number, a card or a code, exactly.
    pub text: String,
    /// In one of these statuses. With none named, records that go on in another one are found by a search alone.
    pub statuses: Vec<String>,
    /// In one of these sangkats, by code.
    pub areas: Vec<String>,
    /// Offered, accepted or moved to one of these sites.
    pub sites: Vec<String>,
    /// With all of these needs: `woman_head`, `under_six`, `school_age`, `difficulty`, `older`, `poor_card`.
    pub needs: Vec<String>,
    /// With a visit due or overdue.
    pub due: bool,
    /// With a visit overdue.
    pub overdue: bool,
    /// Whose events do not agree.
    pub conflicts: bool,
    /// With a referral that nobody has answered.
    pub referrals: bool,
    /// With a referral that nobody has answered for more than 14 days.
    pub silent: bool,
    /// In the own hands.
    pub mine: bool,
    /// In nobody's hands in particular.
    pub unassigned: bool,
    /// `recent`, `name` or `due`.
    pub order: Option<String>,
    /// The last household of the page before.
    pub after: Option<String>,
    /// 1 to 500; 100 if absent.
    pub limit: Option<usize>,
}

/// A visit that is due.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedDue {
    /// Months after the move.
    pub months: i32,
    /// The last day of its window.
    pub until: String,
    /// `due`, `overdue` or `escalated`.
    pub standing: String,
}

/// A household in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedHousehold {
    /// Its id.
    pub id: String,
    /// Its head's name.
    pub names: Names,
    /// The code on its card.
    pub code: Option<String>,
    /// Where it stands.
    pub status: String,
    /// The site that it was offered, accepted or moved to.
    pub site: Option<String>,
    /// Where it lives.
    pub places: Vec<Sangkat>,
    /// How many people; null where nobody said.
    pub size: Option<u16>,
    /// What is known of its needs.
    pub needs: Vec<String>,
    /// The visit that is due.
    pub due: Option<ListedDue>,
    /// Facts in conflict.
    pub conflicts: u8,
    /// Referrals that nobody has answered.
    pub referrals: usize,
    /// The day on which something happened last.
    pub last_on: String,
    /// Degrees east and north.
    pub at: Option<[f64; 2]>,
    /// In whose hands it is.
    pub given: Vec<Worker>,
    /// Nobody but these people may know of it.
    pub hidden: bool,
}

/// A page of the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct HouseholdPage {
    /// Set while the households are still being read: then there is no page yet.
    pub reading: Option<Reading>,
    /// The households.
    pub households: Vec<ListedHousehold>,
    /// Whether more come after them.
    pub more: bool,
    /// All that the question finds.
    pub total: usize,
}

/// Sites that households were offered, have accepted or moved to.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilySites {
    /// Set while the households are still being read: then there are no sites yet.
    pub reading: Option<Reading>,
    /// The sites by id.
    pub sites: Vec<SiteFamilies>,
}

/// How many households a site has.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteFamilies {
    /// The site's id.
    pub id: String,
    /// Households that the reader may know of.
    pub families: usize,
}

/// Who said something, and when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CaseSaid {
    /// The event.
    pub event: String,
    /// Who.
    pub author: Author,
    /// The day on which it happened.
    pub on: String,
    /// When it was written down, by the device's clock.
    pub recorded_at: String,
    /// When the server received it.
    pub received_at: Option<String>,
}

/// A value of a fact, and who says it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseValue {
    /// The value.
    #[schema(value_type = Value)]
    pub value: serde_json::Value,
    /// Who says it.
    pub said: Vec<CaseSaid>,
}

/// A fact with all its values that nothing came after.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseFact {
    /// Its path.
    pub path: String,
    /// Its values: more than one is a conflict.
    pub values: Vec<CaseValue>,
}

/// A consent.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseConsent {
    /// For what.
    pub purpose: String,
    /// `unknown`, `given`, `withdrawn` or `in_conflict`.
    pub state: String,
    /// Who wrote it down last.
    pub said: Vec<CaseSaid>,
}

/// A visit of the schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseVisit {
    /// Months after the move.
    pub months: i32,
    /// The day that it is meant for.
    pub on: String,
    /// The first day of its window.
    pub from: String,
    /// The last day.
    pub until: String,
    /// `upcoming`, `due`, `overdue`, `escalated`, `missed`, `done` or `not_needed`.
    pub standing: String,
    /// The day on which it was made.
    pub made_on: Option<String>,
    /// Attempts without success.
    pub attempts: usize,
}

/// A referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseReferral {
    /// The event.
    pub event: String,
    /// The service.
    pub service: String,
    /// Whom the family was sent to.
    pub to: Option<String>,
    /// What for.
    pub reason: Option<String>,
    /// Facts that the family agreed to have told to this service; null where nobody recorded that it agreed to anything.
    pub told: Option<Vec<String>>,
    /// `given` with this referral, `withdrawn` since, or `unknown`: nobody recorded it. A consent for anything else is none for this.
    pub consent: String,
    /// The day.
    pub on: String,
    /// `sent`, `escalated`, `accepted`, `refused`, `done`, `no_show`, `other` or `in_conflict`.
    pub standing: String,
}

/// An event of the story.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseEvent {
    /// Its id.
    pub event: String,
    /// Its kind.
    pub kind: String,
    /// Who and when.
    pub said: CaseSaid,
    /// The record that it was written to, where that is not this one.
    pub household: Option<String>,
    /// `holds`, `replaced`, `kept` or `inherited`.
    pub effect: String,
    /// What is strange about it.
    pub marks: Vec<String>,
    /// The form and its version.
    pub form: Option<String>,
    /// What its kind tells: `site`, `plot`, `reason`, `service`, `to`, `answer`, `note`, `last_there`, `first_gone`, `decision`, `purposes`.
    #[schema(value_type = Object)]
    pub more: serde_json::Map<String, serde_json::Value>,
    /// The facts that it set.
    #[schema(value_type = Object)]
    pub facts: serde_json::Map<String, serde_json::Value>,
    /// Photos and sound.
    pub files: usize,
    /// Degrees and metres: east, north, accuracy.
    pub location: Option<[f64; 3]>,
}

/// A record that may be of the same family.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseTwin {
    /// The record.
    pub id: String,
    /// From 0 to 1: a judgement for putting in order.
    pub score: f64,
    /// Why: `same_member`, `same_tag`, `same_name`, `similar_name`, `same_age`, `second_name`, `same_place`.
    pub reasons: Vec<String>,
    /// Its head's name.
    pub names: Names,
    /// The code on its card.
    pub code: Option<String>,
    /// Where it lives.
    pub places: Vec<Sangkat>,
    /// How many people; null where nobody said.
    pub size: Option<u16>,
    /// Where it stands.
    pub status: String,
    /// The day on which something happened last.
    pub last_on: String,
}

/// Something for the coordinator.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseQuestion {
    /// `not_found_twice`, `visit_escalated` or `referral_silent`.
    pub question: String,
    /// Months after the move, of a visit.
    pub months: Option<i32>,
}

/// A member of the household.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseMember {
    /// The member's id.
    pub id: String,
    /// The facts: their names without the member's id.
    pub facts: Vec<CaseFact>,
}

/// A household, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct Household {
    /// Its id.
    pub id: String,
    /// Its head's name.
    pub names: Names,
    /// The code on its card.
    pub code: Option<String>,
    /// Where it stands; several where they exclude each other.
    pub statuses: Vec<String>,
    /// Nobody but those in whose hands it is may know of it.
    pub hidden: bool,
    /// In whose hands it is.
    pub given: Vec<Worker>,
    /// Those of the reader's own teams that work with it: in whose area it lives, or who recorded it where nobody knows where it lives.
    pub teams: Vec<String>,
    /// Where it lives.
    pub places: Vec<Sangkat>,
    /// All sangkats that anybody has named for it, by which an answer is read.
    pub named_places: Vec<Sangkat>,
    /// The site that it was offered, accepted or moved to.
    pub site: Option<String>,
    /// The site of the offer that it has not answered yet.
    pub offered: Option<String>,
    /// How many people.
    pub size: Option<i64>,
    /// What is known of its needs.
    pub needs: Vec<String>,
    /// Degrees east and north.
    pub at: Option<[f64; 2]>,
    /// Its people.
    pub members: Vec<CaseMember>,
    /// All other facts.
    pub facts: Vec<CaseFact>,
    /// What stands in conflict, with both sides.
    pub conflicts: Vec<CaseFact>,
    /// Consents.
    pub consents: Vec<CaseConsent>,
    /// Visits that the schedule asks for.
    pub visits: Vec<CaseVisit>,
    /// Referrals.
    pub referrals: Vec<CaseReferral>,
    /// Its story, the newest last.
    pub events: Vec<CaseEvent>,
    /// The events that a new one names in `after`.
    pub heads: Vec<String>,
    /// What to ask the coordinator.
    pub questions: Vec<CaseQuestion>,
    /// Records that may be of the same family, by the rule of the day's list.
    pub likely: Vec<CaseTwin>,
    /// Protected notes that the reader may not read.
    pub notes_withheld: usize,
    /// Whether the reader may write protected notes.
    pub may_note: bool,
    /// The record that this one goes on in.
    pub merged_into: Option<String>,
    /// Records that are read together with this one.
    pub records: Vec<String>,
    /// The household that its members came from.
    pub split_from: Vec<String>,
    /// Events that wait for others which have not come.
    pub waiting: usize,
}

/// Into whose hands.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveRequest {
    /// Accounts; none for the whole team.
    pub accounts: Vec<String>,
    /// Why, on one line.
    #[serde(default)]
    pub why: String,
}

/// Hide or show.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HideRequest {
    /// Whether nobody else may know of it.
    pub hidden: bool,
    /// Why, on one line.
    pub why: String,
}

/// Events to be recorded.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsRequest {
    /// At most 500 events, each whole, as a phone would send it. An `offered` event names the decision.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<serde_json::Value>,
    /// Why, for the audit, on one line.
    #[serde(default)]
    pub why: String,
}

/// What became of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventResult {
    /// The event, where its id could be read.
    pub event: Option<String>,
    /// The household, where it could be read.
    pub household: Option<String>,
    /// `stored`, `duplicate` or `refused`.
    pub status: String,
    /// Stable, for programs: why it was refused, or what is strange about it.
    pub code: Option<String>,
    /// The same as a sentence.
    pub message: Option<String>,
    /// Facts that several events now set differently.
    pub conflicts: Vec<String>,
}

/// What became of the events, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventResults {
    /// One for each.
    pub results: Vec<EventResult>,
}

/// A row of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRow {
    /// When.
    pub at: String,
    /// Who.
    pub by: Author,
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// From what to what.
    pub detail: String,
}

/// Who has read and changed a household, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRows {
    /// The rows.
    pub rows: Vec<AuditRow>,
}

/// An event that lies in quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quarantined {
    /// Its number.
    pub n: i64,
    /// When it came.
    pub received_at: String,
    /// Who sent it.
    pub by: Author,
    /// What is against it: codes and sentences.
    pub notes: Vec<QuarantineNote>,
    /// What it tells, where that can be read.
    pub kind: Option<String>,
    /// The day on which it happened, where that can be read.
    pub on: Option<String>,
    /// The household that it is about, where the reader may know of it.
    pub household: Option<DayNamed>,
    /// The head's name that it tells itself.
    pub names: Names,
    /// The event as it came: an object, or a text where it is no JSON.
    #[schema(value_type = Value)]
    pub event: serde_json::Value,
}

/// What is against an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineNote {
    /// Stable, for programs.
    pub code: String,
    /// The field or the fact's path that it is about, where it is about one.
    pub field: Option<String>,
    /// A sentence.
    pub message: String,
}

/// Events that nobody has decided about.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuarantineList {
    /// By number, at most 200.
    pub entries: Vec<Quarantined>,
    /// The number to go on after, where there may be more.
    pub next: Option<i64>,
}

/// What to do with a quarantined event.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuarantineDecision {
    /// Whether it counts from now on; else it never will.
    pub release: bool,
    /// Why, on one line. It is kept.
    pub why: String,
}
