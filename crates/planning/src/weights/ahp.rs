//! AHP (Saaty 1980): weights from pairwise judgements, and how far these contradict each other.

use serde::{Deserialize, Serialize};

use super::pairwise::Pairwise;
use super::random_index::RandomIndex;
use super::shares;
use crate::notice::Notice;
use crate::problem::Warning;
use crate::said::{Ratio, Whose};

/// Over this consistency ratio the judgements should be looked at again (Saaty).
pub const ACCEPTABLE_RATIO: f64 = 0.10;

/// How priorities come out of a matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prioritisation {
    /// Principal right eigenvector (Saaty 1980).
    #[default]
    Eigenvector,
    /// Geometric mean of each row (Crawford & Williams 1985).
    GeometricMean,
}

impl Prioritisation {
    /// The one with this name: `eigenvector` or `geometric-mean`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "eigenvector" => Some(Self::Eigenvector),
            "geometric-mean" => Some(Self::GeometricMean),
            _ => None,
        }
    }
}

/// The pair of judgements that hurts consistency most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorstPair {
    /// The first criterion.
    pub first: String,
    /// The second.
    pub second: String,
    /// How many times more important the first was judged to be.
    pub judged: f64,
    /// What it would have to be for the others to agree with it best: the judgement that makes `lambda_max` least.
    pub would_have_to_be: f64,
    /// The consistency ratio that this one change would give.
    pub cr_then: Option<f64>,
}

/// Weights with their consistency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ahp {
    /// The criteria.
    pub ids: Vec<String>,
    /// Their weights, adding up to 1.
    pub weights: Vec<f64>,
    /// How the weights were found.
    pub method: Prioritisation,
    /// Principal eigenvalue of the matrix, whatever the method.
    pub lambda_max: f64,
    /// Consistency index `(λmax − n) ÷ (n − 1)`.
    pub ci: f64,
    /// Whose random index the ratio uses.
    pub random_index: RandomIndex,
    /// Consistency ratio `CI ÷ RI`; `None` beyond 15 criteria, where the tables end.
    pub cr: Option<f64>,
    /// Whether the ratio is at most [`ACCEPTABLE_RATIO`]; `None` where there is no ratio.
    pub consistent: Option<bool>,
    /// The pair that hurts most; `None` where no change of one pair helps.
    pub worst_pair: Option<WorstPair>,
    /// What should be looked at.
    pub warnings: Vec<Warning>,
}

/// Weights out of pairwise judgements.
pub fn ahp(matrix: &Pairwise, method: Prioritisation, random_index: RandomIndex) -> Ahp {
    ahp_of(&Whose::default(), matrix, method, random_index)
}

/// The same of judgements of which it has to be told whose they are.
pub(crate) fn ahp_of(
    whose: &Whose,
    matrix: &Pairwise,
    method: Prioritisation,
    random_index: RandomIndex,
) -> Ahp {
    let (eigenvector, lambda_max) = principal(matrix);
    let weights = match method {
        Prioritisation::Eigenvector => eigenvector,
        Prioritisation::GeometricMean => geometric_mean(matrix),
    };
    let n = matrix.len();
    let (ci, cr) = consistency(n, lambda_max, random_index);
    let consistent = cr.map(|cr| cr <= ACCEPTABLE_RATIO);
    let worst_pair = worst_pair(matrix, lambda_max, random_index);
    let mut warnings = Vec::new();
    match (cr, &worst_pair) {
        (None, _) => warnings.push(
            Notice::NoRandomIndex {
                whose: whose.clone(),
                criteria: n,
            }
            .into(),
        ),
        (Some(cr), Some(pair)) if consistent == Some(false) => {
            let notice = Notice::Inconsistent {
                whose: whose.clone(),
                ratio: Ratio(cr),
                first: pair.first.clone(),
                second: pair.second.clone(),
                judged: Ratio(pair.judged),
                implied: Ratio(pair.would_have_to_be),
            };
            warnings.push(notice.into());
        }
        _ => {}
    }
    Ahp {
        ids: matrix.ids().to_vec(),
        weights,
        method,
        lambda_max,
        ci,
        random_index,
        cr,
        consistent,
        worst_pair,
        warnings,
    }
}

/// Consistency index and ratio. One or two criteria cannot contradict each other.
fn consistency(n: usize, lambda_max: f64, random_index: RandomIndex) -> (f64, Option<f64>) {
    if n <= 2 {
        return (0.0, Some(0.0));
    }
    // Rounding may leave the eigenvalue of a perfectly consistent matrix a hair under n.
    let ci = ((lambda_max - n as f64) / (n - 1) as f64).max(0.0);
    (ci, random_index.of(n).map(|ri| ci / ri))
}

/// Principal eigenvector (adding up to 1) and eigenvalue, by power iteration: for a matrix of positive numbers it
/// always converges (Perron & Frobenius).
pub(super) fn principal(matrix: &Pairwise) -> (Vec<f64>, f64) {
    /// Far more than any matrix of judgements needs; a bound so that nothing can spin for ever.
    const MOST_ROUNDS: usize = 10_000;
    let n = matrix.len();
    let mut vector = geometric_mean(matrix);
    for _ in 0..MOST_ROUNDS {
        let next = shares(&product(matrix, &vector));
        let change = next
            .iter()
            .zip(&vector)
            .map(|(next, old)| (next - old).abs() / next)
            .fold(0.0, f64::max);
        vector = next;
        if change < 1e-14 {
            break;
        }
    }
    let image = product(matrix, &vector);
    let lambda = image
        .iter()
        .zip(&vector)
        .map(|(image, own)| image / own)
        .sum::<f64>()
        / n as f64;
    (vector, lambda)
}

fn product(matrix: &Pairwise, vector: &[f64]) -> Vec<f64> {
    (0..matrix.len())
        .map(|row| {
            vector
                .iter()
                .enumerate()
                .map(|(column, own)| matrix.get(row, column) * own)
                .sum()
        })
        .collect()
}

fn geometric_mean(matrix: &Pairwise) -> Vec<f64> {
    let n = matrix.len();
    let means: Vec<f64> = (0..n)
        .map(|row| ((0..n).map(|column| matrix.get(row, column).ln()).sum::<f64>() / n as f64).exp())
        .collect();
    shares(&means)
}

/// The pair whose best single change lowers the principal eigenvalue most.
///
/// The eigenvalue is a convex function of a judgement's logarithm (Kingman 1961), so the best change is found by
/// halving an interval. Only the pairs that deviate most from the weights are tried: they hurt most.
fn worst_pair(matrix: &Pairwise, lambda_max: f64, random_index: RandomIndex) -> Option<WorstPair> {
    const TRIED: usize = 12;
    let n = matrix.len();
    let (weights, _) = principal(matrix);
    let deviation = |&(row, column): &(usize, usize)| {
        (matrix.get(row, column) * weights[column] / weights[row])
            .ln()
            .abs()
    };
    let mut pairs: Vec<(usize, usize)> = (0..n)
        .flat_map(|row| (row + 1..n).map(move |column| (row, column)))
        .collect();
    pairs.sort_by(|left, right| deviation(right).total_cmp(&deviation(left)));
    let mut worst: Option<(f64, (usize, usize), f64)> = None;
    for pair in pairs.into_iter().take(TRIED) {
        let (judgement, lambda) = best_judgement(matrix, pair);
        if worst.is_none_or(|(least, ..)| lambda < least) {
            worst = Some((lambda, pair, judgement));
        }
    }
    let (lambda, (row, column), judgement) = worst?;
    // Nothing to gain: the matrix is as consistent as rounding lets it be.
    if n <= 2 || lambda_max - lambda < 1e-9 {
        return None;
    }
    Some(WorstPair {
        first: matrix.ids()[row].clone(),
        second: matrix.ids()[column].clone(),
        judged: matrix.get(row, column),
        would_have_to_be: judgement,
        cr_then: consistency(n, lambda, random_index).1,
    })
}

/// The judgement of one pair that makes the eigenvalue least, and that eigenvalue: golden-section search.
fn best_judgement(matrix: &Pairwise, (row, column): (usize, usize)) -> (f64, f64) {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let lambda = |logarithm: f64| principal(&matrix.with(row, column, logarithm.exp())).1;
    let (mut low, mut high) = (-7.0_f64, 7.0_f64);
    let mut inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    let mut values = inner.map(lambda);
    while high - low > 1e-6 {
        if values[0] <= values[1] {
            high = inner[1];
            inner = [high - GOLDEN * (high - low), inner[0]];
            values = [lambda(inner[0]), values[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + GOLDEN * (high - low)];
            values = [values[1], lambda(inner[1])];
        }
    }
    let best = f64::midpoint(low, high);
    (best.exp(), lambda(best))
}
