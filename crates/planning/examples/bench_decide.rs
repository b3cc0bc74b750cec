//! Times the decision methods on raw arrays, for `tests/bench`: the same arrays are handed to the peers.
//!
//! `bench_decide DIR REPEATS ROWS…` reads `values.f64` (the matrix by column), `weights.f64`, `goals.i32` (1 or −1),
//! `promethee_q.f64` and `promethee_p.f64`, and for SMAA `smaa_values.f64` (by column) and `smaa_draws.f64` (one weighting after
//! the other); all little-endian. `ROWS…` are the sizes of PROMETHEE's curve, taken from the
//! top of the matrix. It writes its answers beside them and prints the times of every method as JSON.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use phteah_planning::methods::promethee::{Preference, flows};
use phteah_planning::methods::{Normalisation, topsis, vikor, weighted_sum};
use phteah_planning::rank::{self, Better};
use phteah_planning::robustness::Values;
use phteah_planning::robustness::smaa::smaa_of;
use phteah_planning::value::Goal;

/// Ranks that SMAA counts.
const TOP: usize = 20;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, repeats, curve @ ..] = arguments.as_slice() else {
        return Err("usage: bench_decide DIR REPEATS ROWS…".into());
    };
    let (dir, repeats) = (Path::new(dir), repeats.parse()?);
    let shares = read(dir, "weights.f64", f64::from_le_bytes)?;
    let goals: Vec<Goal> = read(dir, "goals.i32", i32::from_le_bytes)?
        .into_iter()
        .map(|goal| if goal < 0 { Goal::Min } else { Goal::Max })
        .collect();
    let numbers = read(dir, "values.f64", f64::from_le_bytes)?;
    let rows = numbers.len() / shares.len();
    let columns: Vec<&[f64]> = numbers.chunks_exact(rows).collect();

    let mut times: Vec<(String, Vec<f64>)> = Vec::new();
    let mut note = |name: &str, seconds| times.push((name.to_owned(), seconds));

    // NumPy's peer orders the rows; pymcdm's ranks them, too.
    let (seconds, _) = timed(repeats, || {
        let scores = weighted_sum::scores(&columns, &shares);
        let order = rank::order(&scores, Better::Higher);
        (scores, order)
    });
    note("weighted_sum_order", seconds);
    let (seconds, (scores, _)) = timed(repeats, || {
        let scores = weighted_sum::scores(&columns, &shares);
        let order = rank::descending(&scores);
        (scores, order)
    });
    note("weighted_sum", seconds);
    write(dir, "ours_weighted_sum.f64", &scores)?;

    let (seconds, (scores, _)) = timed(repeats, || {
        let scores = topsis::closeness(&columns, &goals, &shares, Normalisation::Vector);
        let order = rank::descending(&scores);
        (scores, order)
    });
    note("topsis", seconds);
    write(dir, "ours_topsis.f64", &scores)?;

    let (seconds, (result, _)) = timed(repeats, || {
        let result = vikor::vikor(&columns, &goals, &shares, 0.5);
        let order = rank::ascending(&result.q);
        (result, order)
    });
    note("vikor", seconds);
    write(dir, "ours_vikor.f64", &result.q)?;

    let (p, q) = (
        read(dir, "promethee_p.f64", f64::from_le_bytes)?,
        read(dir, "promethee_q.f64", f64::from_le_bytes)?,
    );
    let preferences: Vec<Preference> = q
        .into_iter()
        .zip(p)
        .map(|(q, p)| Preference::Linear { q, p })
        .collect();
    for size in curve {
        let taken = size.parse::<usize>()?.min(rows);
        let top: Vec<&[f64]> = columns.iter().map(|column| &column[..taken]).collect();
        let (seconds, (result, _)) = timed(repeats, || {
            let result = flows(&top, &goals, &shares, &preferences);
            let order = rank::descending(&result.phi);
            (result, order)
        });
        note(&format!("promethee_{size}"), seconds);
        write(dir, &format!("ours_promethee_{size}.f64"), &result.phi)?;
    }

    let (values, draws) = (
        read(dir, "smaa_values.f64", f64::from_le_bytes)?,
        read(dir, "smaa_draws.f64", f64::from_le_bytes)?,
    );
    let sites = values.len() / shares.len();
    let values = Values::exact(values.chunks_exact(sites).map(<[f64]>::to_vec).collect())?;
    // Central weights and confidence factors, which the peer leaves out, are counted in.
    let (seconds, result) = timed(repeats, || smaa_of(&values, &draws, 1, TOP));
    note("smaa", seconds);
    let drawn = draws.len() / shares.len();
    let counts: Vec<u8> = result?
        .acceptability
        .iter()
        .flatten()
        .flat_map(|share| ((share * drawn as f64).round() as u32).to_le_bytes())
        .collect();
    std::fs::write(dir.join("ours_smaa.u32"), counts)?;

    let times: Vec<String> = times
        .iter()
        .map(|(name, seconds)| format!("\"{name}\": {seconds:?}"))
        .collect();
    println!("{{{}}}", times.join(", "));
    Ok(())
}

/// Seconds of each run and the last answer. Two runs before do not count; then memory for an answer is at hand again, because
/// here as in the peers' loops an answer is kept until the next is there.
fn timed<T>(repeats: usize, mut work: impl FnMut() -> T) -> (Vec<f64>, T) {
    let mut seconds = Vec::new();
    let mut answer = work();
    for run in 0..=repeats {
        let start = Instant::now();
        let next = work();
        if run > 0 {
            seconds.push(start.elapsed().as_secs_f64());
        }
        answer = next;
    }
    (seconds, answer)
}

fn read<T, const N: usize>(dir: &Path, name: &str, decode: fn([u8; N]) -> T) -> Outcome<Vec<T>> {
    let path = dir.join(name);
    let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    bytes
        .chunks_exact(N)
        .map(|chunk| Ok(decode(chunk.try_into()?)))
        .collect()
}

fn write(dir: &Path, name: &str, values: &[f64]) -> Outcome<()> {
    Ok(std::fs::write(
        dir.join(name),
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<u8>>(),
    )?)
}
