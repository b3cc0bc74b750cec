//! Measures placements of illustrative families: `placement FAMILIES SITES SECONDS [SEED] [FILLED] [KIND] [OUT]`.
//!
//! FILLED is the share of all places that the families would take on average; KIND `plot` (everybody takes one), `size` (1 to 9 persons, the same at
//! every site), `pairs` (5 to 25, another at each site), `real` (sizes and scores with all their digits). OUT is the beginning of the names
//! of CSV files to write.

use std::fmt::Write as _;
use std::time::Instant;

use phteah_registry::placement::{Problem, greedy, propose, value};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument =
        |at: usize, default: &str| arguments.get(at).cloned().unwrap_or_else(|| default.to_owned());
    let number = |at: usize, default: &str| argument(at, default).parse::<f64>().expect("a number");
    let (families, sites) = (number(0, "500") as usize, number(1, "20") as usize);
    let (seconds, seed, filled) = (number(2, "10"), number(3, "1") as u64, number(4, "0.9"));
    let kind = argument(5, "size");
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut unit = || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut scores = Vec::new();
    let mut loads = Vec::new();
    for _ in 0..families {
        let size = 1.0 + (unit() * 9.0).floor();
        for _ in 0..sites {
            let score = unit();
            let possible = unit() > 0.1;
            let score = if kind == "real" {
                score
            } else {
                (score * 1000.0).round() / 1000.0
            };
            scores.push(possible.then_some(score));
            loads.push(match kind.as_str() {
                "plot" => 1.0,
                "size" => size,
                "pairs" => 5.0 + (unit() * 21.0).floor(),
                _ => size * (0.5 + unit()),
            });
        }
    }
    let mean: f64 = loads.iter().sum::<f64>() / loads.len() as f64;
    let capacities: Vec<f64> = (0..sites)
        .map(|_| (mean * families as f64 / sites as f64 / filled * (0.5 + unit())).round())
        .collect();
    if let Some(out) = arguments.get(6) {
        write(out, families, &scores, &loads, &capacities);
    }
    let problem = Problem::new(families, scores, capacities).expect("a problem");
    let problem = problem.with_loads(loads).expect("loads");
    let began = Instant::now();
    let proposal = propose(&problem, &|| began.elapsed().as_secs_f64() / seconds);
    let greedy = greedy(&problem);
    println!(
        "{kind} {families} x {sites} seed {seed} filled {filled}: placed {} (at most {}), value {:.4}, bound {:.4}, gap {:.2e}, proven {}, {:.2} s; greedy {} {:.4}",
        proposal.placed,
        proposal.placed_bound,
        proposal.value,
        proposal.bound,
        proposal.gap(),
        proposal.is_proven(),
        began.elapsed().as_secs_f64(),
        greedy.iter().flatten().count(),
        value(&problem, &greedy),
    );
}

fn write(out: &str, families: usize, scores: &[Option<f64>], loads: &[f64], capacities: &[f64]) {
    let sites = capacities.len();
    let header: String = (0..sites).map(|site| format!(",S{site}")).collect();
    let (mut first, mut second, mut third) = (
        format!("family{header}\n"),
        format!("family{header}\n"),
        "site,capacity\n".to_owned(),
    );
    for family in 0..families {
        let row = family * sites..(family + 1) * sites;
        let cells: String = scores[row.clone()]
            .iter()
            .map(|score| score.map_or_else(|| ",".to_owned(), |score| format!(",{score}")))
            .collect();
        let _ = writeln!(first, "F{family}{cells}");
        let cells: String = loads[row].iter().map(|load| format!(",{load}")).collect();
        let _ = writeln!(second, "F{family}{cells}");
    }
    for (site, capacity) in capacities.iter().enumerate() {
        let _ = writeln!(third, "S{site},{capacity}");
    }
    for (name, text) in [("scores", first), ("loads", second), ("cap", third)] {
        std::fs::write(format!("{out}-{name}.csv"), text).expect("a file");
    }
}
