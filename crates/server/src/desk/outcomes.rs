//! `GET /api/desk/outcomes`: how long families stayed, and what came of what the decision had promised.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use phteah_registry::survival::{AtRisk, Curve, Ends, Observation, at_risk, bootstrap, fit, followed};
use phteah_registry::vocabulary::path::SCHOOL_ATTENDS;
use phteah_registry::vocabulary::{Answers, UNKNOWN, outcomes as asked_outcomes};
use phteah_store::Right;
use phteah_store::registry::desk::{Stay, Told};
use serde::Serialize;
use utoipa::ToSchema;

use super::Person;
use super::decisions;
use super::outcomes_counted;
use super::placement::{PlacementCriterion, criteria};
use super::types::Reading;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::types::Text;
use crate::state::AppState;

/// Days in a month, on average.
const MONTH_DAYS: f64 = 30.4375;
/// Months at which it is said how many are still there.
const MONTHS: [f64; 5] = [6.0, 12.0, 24.0, 36.0, 60.0];
/// Draws for the bands, and their seed: the same families always have the same bands.
const DRAWS: usize = 200;
const SEED: u64 = 2_001;
/// Families of a group from which on fewer draws do: the bands hardly move any more.
const MANY: usize = 5_000;
/// With fewer families still followed no curve is drawn and no share is told: it would fall to nothing after the last visit of all.
const LEAST_FOLLOWED: usize = 10;

/// A stretch of time and what is known of the share still there.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeSegment {
    /// Months after the move.
    pub from: f64,
    /// Null for ever after.
    pub to: Option<f64>,
    /// Not below this.
    pub low: f64,
    /// Not above this.
    pub high: f64,
}

/// The share still there after some months.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeAt {
    /// Months after the move.
    pub months: f64,
    /// Between this …
    pub low: f64,
    /// … and this, as far as visits tell.
    pub high: f64,
    /// With so few families it may by chance be as low as this … Null in counts of the gate.
    pub band_low: Option<f64>,
    /// … or as high as this (95 %).
    pub band_high: Option<f64>,
    /// Families known to be there then or later.
    pub certain: u64,
    /// Families who may have been.
    pub possible: u64,
}

/// How many gave an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomeCount {
    /// The answer: `yes`, `no`, or one of the words of the question.
    pub answer: String,
    /// How many families; of children in school, how many children.
    pub count: u64,
}

/// What visits told in answer to a question. Who was not asked, and who does not know, is in no count.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomeAnswers {
    /// The fact, as in the list of facts; in counts of the gate, `school_after_move` for families by whether all of their children go to school.
    pub fact: String,
    /// Families who were asked since their move. Null in counts of the gate, which do not tell who was asked and did not know.
    pub asked: Option<u64>,
    /// Those of whom the answer is known; of children in school, so many children.
    pub of: u64,
    /// By answer, in the order of the question; none for a number.
    pub counts: Vec<OutcomeCount>,
    /// The middle one of the numbers; null for other answers.
    pub median: Option<f64>,
}

/// What a decision had promised of a site.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomePromise {
    /// The criterion, by its place in the list.
    pub criterion: usize,
    /// The number then; null where it was not known.
    pub raw: Option<f64>,
    /// The value, 0 to 1; null where it was not known.
    pub value: Option<f64>,
}

/// Families who moved to one site, or in one year, or all.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeGroup {
    /// The site's id or the year; empty for all.
    pub key: String,
    /// What people call the site; null where no decision knows it.
    pub name: Option<Text>,
    /// How many families moved.
    pub families: u64,
    /// How many are known to have left. Null where that cannot be told.
    pub left: Option<u64>,
    /// Months after the move until which enough families are still followed; null where too few are from the start.
    pub followed: Option<f64>,
    /// The curve until then, where it may be told.
    pub curve: Vec<OutcomeSegment>,
    /// The share still there after 6, 12, 24, 36 and 60 months, as far as enough families are followed.
    pub at: Vec<OutcomeAt>,
    /// What visits told since the move, question by question; of counts of the gate, what may be told.
    pub answers: Vec<OutcomeAnswers>,
    /// What the decision had promised; none where no decision knows the site.
    pub promised: Vec<OutcomePromise>,
}

/// A reason for leaving.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeReason {
    /// The words; empty where nobody wrote one.
    pub reason: String,
    /// How many.
    pub count: usize,
}

/// How moves went.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outcomes {
    /// Set while the households are still being read.
    pub reading: Option<Reading>,
    /// All families who moved.
    pub all: Option<OutcomeGroup>,
    /// By site, the largest first.
    pub sites: Vec<OutcomeGroup>,
    /// By year of the move.
    pub years: Vec<OutcomeGroup>,
    /// Why families left, the most frequent first.
    pub reasons: Vec<OutcomeReason>,
    /// With fewer families still followed nothing more is told of how many stayed.
    pub least_followed: usize,
    /// Criteria of the newest decision.
    pub criteria: Vec<PlacementCriterion>,
    /// The person may not read the households: these are the counts of the gate, which previews and releases are taken from.
    pub protected: bool,
    /// The day on which families were counted for that; null where nobody has counted yet, and for whoever reads the households.
    pub counted: Option<String>,
    /// Sites and years whose number of families is hidden.
    pub withheld: usize,
}

impl Outcomes {
    pub(super) fn nothing(protected: bool) -> Self {
        Self {
            reading: None,
            all: None,
            sites: Vec::new(),
            years: Vec::new(),
            reasons: Vec::new(),
            least_followed: LEAST_FOLLOWED,
            criteria: Vec::new(),
            protected,
            counted: None,
            withheld: 0,
        }
    }
}

/// How moves went: who stayed, why others left, what came of what was promised. Hidden households are in no count. Who may not read households is
/// told the latest counts of the gate and nothing else.
#[utoipa::path(get, path = "/api/desk/outcomes", operation_id = "deskOutcomes",
    responses((status = 200, body = Outcomes), (status = "default", body = ErrorBody)))]
pub async fn outcomes(
    State(state): State<Arc<AppState>>,
    Extension(person): Person,
) -> Result<Json<Outcomes>, ApiError> {
    let (now, actor) = (state.partner.now(), person.actor.clone());
    let worker = Arc::clone(&state);
    if person.actor.reach(Right::SeeCaseDecisions).is_none() {
        let found = state
            .registry
            .ask(move |registry| registry.counts(&actor))
            .await?;
        let Some(counts) = found else {
            return Ok(Json(Outcomes::nothing(true)));
        };
        let answer = state.work(move || Ok(outcomes_counted::of(&counts.set, &known_sites(&worker))));
        return Ok(Json(answer.await?));
    }
    let found = state
        .registry
        .ask(move |registry| registry.stays(&actor, now))
        .await?;
    let stays = match found {
        Ok(stays) => stays,
        Err(progress) => {
            return Ok(Json(Outcomes {
                reading: Some(Reading::from(progress)),
                ..Outcomes::nothing(false)
            }));
        }
    };
    let answer = state.work(move || Ok(of(&stays, &known_sites(&worker))));
    Ok(Json(answer.await?))
}

/// What the newest decision knows of its sites.
#[derive(Default)]
pub(super) struct KnownSites {
    pub criteria: Vec<PlacementCriterion>,
    pub sites: BTreeMap<String, (Text, Vec<OutcomePromise>)>,
}

fn known_sites(state: &AppState) -> KnownSites {
    let Some(decision) = decisions::all(state.dir()).into_iter().next() else {
        return KnownSites::default();
    };
    let ranked = match decisions::ranked(state, &decision) {
        Ok(ranked) => ranked,
        Err(error) => {
            tracing::warn!(%error, "what was promised cannot be worked out");
            return KnownSites::default();
        }
    };
    let promised = |row: usize| {
        let criteria = ranked.ranking.criteria.iter().enumerate();
        criteria
            .filter(|(_, criterion)| criterion.weight > 0.0)
            .map(|(i, criterion)| OutcomePromise {
                criterion: i,
                raw: match criterion.raw(row) {
                    phteah_planning::matrix::Cell::Known(number) => Some((number * 100.0).round() / 100.0),
                    _ => None,
                },
                value: criterion.value(row).map(|value| (value * 1e4).round() / 1e4),
            })
            .collect()
    };
    let sites = (0..ranked.ranking.ids.len())
        .map(|row| {
            (
                ranked.site(row).id.clone(),
                (Text::from(&ranked.name(row)), promised(row)),
            )
        })
        .collect();
    KnownSites {
        criteria: criteria(&ranked),
        sites,
    }
}

fn of(stays: &[Stay], known: &KnownSites) -> Outcomes {
    let mut by_site: BTreeMap<&str, Vec<&Stay>> = BTreeMap::new();
    let mut by_year: BTreeMap<i16, Vec<&Stay>> = BTreeMap::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for stay in stays {
        by_site.entry(&stay.site).or_default().push(stay);
        by_year.entry(stay.moved_on.year()).or_default().push(stay);
        if stay.first_gone.is_some() {
            *reasons
                .entry(stay.reason.as_deref().unwrap_or_default().to_owned())
                .or_default() += 1;
        }
    }
    let mut sites: Vec<OutcomeGroup> = by_site
        .into_iter()
        .map(|(site, stays)| group(site.to_owned(), &stays, known))
        .collect();
    sites.sort_by(|a, b| b.families.cmp(&a.families).then(a.key.cmp(&b.key)));
    let years = by_year
        .into_iter()
        .map(|(year, stays)| group(year.to_string(), &stays, known));
    let all: Vec<&Stay> = stays.iter().collect();
    let mut reasons: Vec<OutcomeReason> = reasons
        .into_iter()
        .map(|(reason, count)| OutcomeReason { reason, count })
        .collect();
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then(a.reason.cmp(&b.reason)));
    reasons.truncate(30);
    Outcomes {
        all: Some(group(String::new(), &all, known)),
        sites,
        years: years.collect(),
        reasons,
        criteria: known.criteria.clone(),
        ..Outcomes::nothing(false)
    }
}

fn group(key: String, stays: &[&Stay], known: &KnownSites) -> OutcomeGroup {
    // Visits are by months: the visit of a year is the one made a few days before it or after. To the nearest month, as rounding down would say of
    // whoever was met on the 360th day that nobody knows of a year, and rounding up would keep those who left longer than they stayed.
    let observations: Vec<Observation> = stays
        .iter()
        .filter_map(|stay| {
            let months = |days: i32| (f64::from(days) / MONTH_DAYS).round();
            let left = months(stay.last_there);
            let right = stay.first_gone.map(|days| months(days).max(left + 1.0));
            Observation::new(left, right).ok()
        })
        .collect();
    let until = followed(&observations, LEAST_FOLLOWED);
    let curve = Curve::of(&fit(&observations, Ends::LeftOpen));
    let months: Vec<f64> = MONTHS
        .into_iter()
        .filter(|months| until.is_some_and(|until| *months <= until))
        .collect();
    let draws = if observations.len() > MANY {
        DRAWS / 8
    } else {
        DRAWS
    };
    let bands = bootstrap(&observations, Ends::LeftOpen, &months, draws, SEED);
    let at = bands.iter().filter_map(|band| {
        let (low, high) = curve.at(band.time)?;
        let AtRisk { certain, possible } = at_risk(&observations, band.time);
        let shown = |share: f64| (share * 1e4).round() / 1e4;
        Some(OutcomeAt {
            months: band.time,
            low: shown(low),
            high: shown(high),
            band_low: Some(shown(band.low)),
            band_high: Some(shown(band.high)),
            certain: certain as u64,
            possible: possible as u64,
        })
    });
    let left = stays.iter().filter(|stay| stay.first_gone.is_some()).count();
    let site = known.sites.get(&key);
    OutcomeGroup {
        name: site.map(|(name, _)| name.clone()),
        families: stays.len() as u64,
        left: Some(left as u64),
        at: at.collect(),
        followed: until,
        curve: until.map_or_else(Vec::new, |until| segments(&curve.until(until))),
        answers: answers(stays),
        promised: site.map_or_else(Vec::new, |(_, promised)| promised.clone()),
        key,
    }
}

/// What visits told of some families.
fn answers(stays: &[&Stay]) -> Vec<OutcomeAnswers> {
    let of_facts = asked_outcomes()
        .iter()
        .enumerate()
        .map(|(at, fact)| of_fact(&fact.path, fact.answers, stays.iter().map(|stay| stay.told[at])));
    of_facts.chain([of_school(stays)]).collect()
}

fn of_fact(path: &str, answers: Answers, told: impl Iterator<Item = Told>) -> OutcomeAnswers {
    let words: Vec<&str> = match answers {
        Answers::YesNo { .. } => vec!["yes", "no"],
        Answers::OneOf(choices) => {
            let words = choices.iter().map(|choice| choice.is.as_str());
            words.filter(|word| *word != UNKNOWN).collect()
        }
        _ => Vec::new(),
    };
    let mut counts = vec![0; words.len()];
    let (mut asked, mut of, mut numbers) = (0_u64, 0, Vec::new());
    for told in told {
        asked += u64::from(told != Told::NotAsked);
        match told {
            Told::Answer(at) => {
                if let Some(count) = counts.get_mut(usize::from(at)) {
                    *count += 1;
                    of += 1;
                }
            }
            Told::Number(number) => {
                numbers.push(number);
                of += 1;
            }
            Told::NotAsked | Told::Unknown => {}
        }
    }
    numbers.sort_unstable_by(f64::total_cmp);
    let counts = words.iter().zip(counts).map(|(word, count)| OutcomeCount {
        answer: (*word).to_owned(),
        count,
    });
    OutcomeAnswers {
        fact: path.to_owned(),
        asked: Some(asked),
        of,
        counts: counts.collect(),
        // Of an even number the lower of the two in the middle: somebody's own answer, and no mixture.
        median: numbers.get(numbers.len().saturating_sub(1) / 2).copied(),
    }
}

fn of_school(stays: &[&Stay]) -> OutcomeAnswers {
    let asked = stays.iter().filter(|stay| stay.school.asked);
    let of: u64 = asked.clone().map(|stay| u64::from(stay.school.known)).sum();
    let attend: u64 = asked.clone().map(|stay| u64::from(stay.school.attend)).sum();
    let count = |answer: &str, count| OutcomeCount {
        answer: answer.to_owned(),
        count,
    };
    OutcomeAnswers {
        fact: format!("members/{{member}}/{SCHOOL_ATTENDS}"),
        asked: Some(asked.count() as u64),
        of,
        counts: vec![count("yes", attend), count("no", of - attend)],
        median: None,
    }
}

fn segments(curve: &Curve) -> Vec<OutcomeSegment> {
    let round = |share: f64| (share * 1e4).round() / 1e4;
    curve
        .segments
        .iter()
        .map(|segment| OutcomeSegment {
            from: segment.from,
            to: segment.to,
            low: round(segment.low),
            high: round(segment.high),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use phteah_store::registry::desk::School;

    use super::*;

    fn stay(told: &[(&str, Told)], school: School, days: i32) -> Stay {
        let of = |path: &str| told.iter().find(|(fact, _)| *fact == path).map(|(_, told)| *told);
        Stay {
            site: "s1".into(),
            moved_on: jiff::civil::date(2024, 1, 1),
            last_there: days,
            first_gone: None,
            reason: None,
            told: asked_outcomes()
                .iter()
                .map(|fact| of(&fact.path).unwrap_or(Told::NotAsked))
                .collect(),
            school,
        }
    }

    #[test]
    fn who_was_not_asked_is_in_no_count() {
        let school = |asked, known, attend| School { asked, known, attend };
        let stays = [
            stay(
                &[
                    ("outcome.flooded", Told::Answer(0)),
                    ("work.minutes", Told::Number(30.0)),
                ],
                school(true, 3, 2),
                400,
            ),
            stay(
                &[
                    ("outcome.flooded", Told::Answer(1)),
                    ("work.minutes", Told::Number(10.0)),
                ],
                school(true, 0, 0),
                400,
            ),
            stay(&[("outcome.flooded", Told::Unknown)], school(false, 0, 0), 400),
            stay(&[], school(false, 0, 0), 400),
        ];
        let all: Vec<&Stay> = stays.iter().collect();
        let told = answers(&all);
        let of = |fact: &str| told.iter().find(|one| one.fact == fact).unwrap();
        let counts = |fact: &str| -> Vec<(&str, u64)> {
            let counts = of(fact).counts.iter();
            counts.map(|one| (one.answer.as_str(), one.count)).collect()
        };
        let flooded = of("outcome.flooded");
        assert_eq!((flooded.asked, flooded.of), (Some(3), 2));
        assert_eq!(counts("outcome.flooded"), [("yes", 1), ("no", 1)]);
        assert_eq!((of("outcome.debt").asked, of("outcome.debt").of), (Some(0), 0));
        assert_eq!(
            counts("outcome.title"),
            [("issued", 0), ("promised", 0), ("none", 0)]
        );
        assert_eq!(
            (of("work.minutes").median, of("work.minutes").of),
            (Some(10.0), 2)
        );
        let school = of("members/{member}/school_attends");
        assert_eq!((school.asked, school.of), (Some(2), 3));
    }

    #[test]
    fn no_curve_falls_to_nothing_because_nobody_was_followed_any_longer() {
        let none = School::default();
        let mut stays: Vec<Stay> = (0..20).map(|_| stay(&[], none, 400)).collect();
        stays.extend((0..9).map(|_| stay(&[], none, 1_500)));
        stays[0].first_gone = Some(500);
        stays[28].first_gone = Some(1_600);
        let all: Vec<&Stay> = stays.iter().collect();
        let told = group(String::new(), &all, &KnownSites::default());
        assert_eq!(told.followed, Some(13.0));
        assert_eq!(told.curve.last().unwrap().to, Some(13.0));
        assert!(told.curve.iter().all(|segment| segment.low > 0.9));
        assert_eq!(
            told.at.iter().map(|at| at.months).collect::<Vec<_>>(),
            [6.0, 12.0]
        );
        let few = group(String::new(), &all[..9], &KnownSites::default());
        assert_eq!((few.followed, few.curve.len(), few.at.len()), (None, 0, 0));
    }
}
