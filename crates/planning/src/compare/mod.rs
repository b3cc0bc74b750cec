//! Methods side by side: which sites lead under every method, where the methods part, and why.

mod agreement;

use serde::Serialize;

use crate::decision::{Ranking, contest};
use crate::methods::Method;
use crate::text::Text;

pub use agreement::kendall;

/// Ranks under one method.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MethodRanks {
    /// The method with its parameters.
    #[serde(flatten)]
    pub method: Method,
    /// Rank of each row of the ranking; `None` where it takes no part.
    pub ranks: Vec<Option<u32>>,
}

/// A site on which the methods part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parting {
    /// Row of the ranking.
    pub row: u32,
    /// Its id.
    pub id: String,
    /// The method that likes it best, and its rank there.
    pub best: (String, u32),
    /// The method that likes it least, and its rank there.
    pub worst: (String, u32),
    /// The criterion that costs it most: greatest share × missing value.
    pub weakest: String,
    /// The criterion that brings it most: greatest share × value.
    pub strongest: String,
    /// Why, in words.
    pub why: Text,
}

/// The methods side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Each method's ranks.
    pub methods: Vec<MethodRanks>,
    /// How many places count as leading.
    pub top: usize,
    /// Rows that lead under every method, in the order of the ranking.
    pub lead_everywhere: Vec<u32>,
    /// Rows that lead under some methods and not under others, the widest parting first.
    pub parting: Vec<Parting>,
}

/// Ranks the contenders of a ranking by every one of `methods`, on the same values and weights (what is known between
/// bounds counts by the rule of order), and says where they part over the first `top` places.
pub fn compare(ranking: &Ranking, methods: &[Method], top: usize) -> Comparison {
    let valued = ranking.valued();
    let shares: Vec<f64> = ranking
        .criteria
        .iter()
        .map(|criterion| criterion.weight)
        .collect();
    let rows = ranking.ids.len();
    let contenders: Vec<u32> = (0..rows as u32)
        .filter(|row| ranking.rank[*row as usize].is_some())
        .collect();
    let behind = contest::behind(&ranking.by, &ranking.status);
    let ranked: Vec<MethodRanks> = methods
        .iter()
        .map(|method| {
            let score = contest::scores(*method, &valued, &shares, &contenders, rows, ranking.by.ends());
            MethodRanks {
                method: *method,
                ranks: contest::order(&score, &behind, &ranking.status, &ranking.ids).0,
            }
        })
        .collect();
    let leads =
        |ranks: &MethodRanks, row: u32| ranks.ranks[row as usize].is_some_and(|rank| rank as usize <= top);
    let places = |row: u32| ranked.iter().filter(|ranks| leads(ranks, row)).count();
    let everywhere = |row: &&u32| !ranked.is_empty() && places(**row) == ranked.len();
    let lead_everywhere = ranking.order.iter().filter(everywhere).copied().collect();
    let mut parting: Vec<Parting> = contenders
        .iter()
        .filter(|row| (1..ranked.len()).contains(&places(**row)))
        .filter_map(|row| part(ranking, &ranked, *row))
        .collect();
    parting.sort_by_key(|parting| (std::cmp::Reverse(parting.worst.1 - parting.best.1), parting.row));
    Comparison {
        methods: ranked,
        top,
        lead_everywhere,
        parting,
    }
}

fn part(ranking: &Ranking, ranked: &[MethodRanks], row: u32) -> Option<Parting> {
    let places = || {
        ranked
            .iter()
            .filter_map(|ranks| Some((ranks.ranks[row as usize]?, ranks.method)))
    };
    let (best_rank, best) = places().min_by_key(|(rank, _)| *rank)?;
    let (worst_rank, worst) = places().max_by_key(|(rank, _)| *rank)?;
    let counted = |index: usize| ranking.criteria[index].counted(row as usize);
    let weight = |index: usize| ranking.criteria[index].weight;
    let indices = || 0..ranking.criteria.len();
    let cost = |index: &usize| weight(*index) * (1.0 - counted(*index));
    let gain = |index: &usize| weight(*index) * counted(*index);
    let weakest = indices().max_by(|left, right| cost(left).total_cmp(&cost(right)))?;
    let strongest = indices().max_by(|left, right| gain(left).total_cmp(&gain(right)))?;
    let why = why(
        best,
        worst,
        &ranking.criteria[weakest].label,
        &ranking.criteria[strongest].label,
    );
    Some(Parting {
        row,
        id: ranking.ids[row as usize].clone(),
        best: (best.name().into(), best_rank),
        worst: (worst.name().into(), worst_rank),
        weakest: ranking.criteria[weakest].id.clone(),
        strongest: ranking.criteria[strongest].id.clone(),
        why,
    })
}

/// How a method treats a weak point.
enum Temper {
    /// Strength elsewhere makes up for weakness in full.
    Compensates,
    /// The single worst weakness counts by itself.
    HeedsTheWorst,
    /// Distances are squared: extremes count for more than many small differences.
    HeedsExtremes,
    /// Small differences count for nothing and large ones are capped.
    CapsDifferences,
}

fn temper(method: Method) -> Temper {
    match method {
        Method::WeightedSum | Method::Spotis => Temper::Compensates,
        Method::Vikor { .. } => Temper::HeedsTheWorst,
        Method::Topsis { .. } => Temper::HeedsExtremes,
        Method::PrometheeII => Temper::CapsDifferences,
    }
}

fn why(best: Method, worst: Method, weakest: &Text, strongest: &Text) -> Text {
    let (weak_en, weak_km) = (weakest.en.as_str(), weakest.km.as_str());
    let (strong_en, strong_km) = (strongest.en.as_str(), strongest.km.as_str());
    let (en, km) = match (temper(best), temper(worst)) {
        (_, Temper::HeedsTheWorst) => (
            format!(
                "{worst} counts its worst point ({weak_en}) by itself, almost as a veto; {best} lets {strong_en} make up for it."
            ),
            format!(
                "{worst} គិតចំណុចខ្សោយបំផុត ({weak_km}) ដោយឡែក ស្ទើរដូចជាវេតូ ចំណែក {best} អនុញ្ញាតឱ្យ{strong_km} ប៉ះប៉ូវវិញ។"
            ),
        ),
        (Temper::HeedsTheWorst, _) => (
            format!(
                "{best} rewards it for having no very weak point; {worst} adds everything up, and others gather more."
            ),
            format!("{best} ឱ្យតម្លៃព្រោះវាគ្មានចំណុចណាខ្សោយខ្លាំង ចំណែក {worst} បូកសរុបទាំងអស់ ហើយទីតាំងផ្សេងបានច្រើនជាង។"),
        ),
        (_, Temper::CapsDifferences) => (
            format!(
                "{worst} caps what it gains by being far ahead in {strong_en} and ignores small leads; {best} counts them in full."
            ),
            format!("{worst} កំណត់កម្រិតលើចំណុចដែលវាលើសគេខ្លាំង ({strong_km}) និងមិនគិតភាពខុសគ្នាតិចតួច ចំណែក {best} គិតទាំងអស់។"),
        ),
        (Temper::CapsDifferences, _) => (
            format!("{best} caps what it loses by {weak_en}; {worst} counts that in full."),
            format!("{best} កំណត់កម្រិតលើការខាតបង់ដោយសារ{weak_km} ចំណែក {worst} គិតទាំងអស់។"),
        ),
        (_, Temper::HeedsExtremes) => (
            format!(
                "{worst} squares distances, so {weak_en} weighs more there than {strong_en} can make up; {best} lets it."
            ),
            format!(
                "{worst} គិតចម្ងាយជាការ៉េ ដូច្នេះ{weak_km} មានទម្ងន់លើសអ្វីដែល{strong_km} អាចប៉ះប៉ូវបាន ចំណែក {best} អនុញ្ញាតឱ្យប៉ះប៉ូវ។"
            ),
        ),
        (Temper::HeedsExtremes | Temper::Compensates, Temper::Compensates) => (
            format!(
                "{best} rewards how far ahead it is in {strong_en}; {worst} weighs that evenly against {weak_en}."
            ),
            format!("{best} ឱ្យតម្លៃខ្ពស់លើការនាំមុខខាង{strong_km} ចំណែក {worst} ថ្លឹងស្មើនឹង{weak_km}។"),
        ),
    };
    Text { en, km }
}
