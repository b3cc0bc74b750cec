//! Devices, a server and a bad network, over the registry's own reading, checking and folding.
//!
//! Every run comes from a seed, and a failing one is printed. `PHTEAH_SIMULATIONS=5000` runs more; `PHTEAH_SEED=17` runs one.

mod world;

#[test]
fn nothing_is_lost_nothing_leaks_and_all_agree() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let seeds = match number("PHTEAH_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("PHTEAH_SIMULATIONS").unwrap_or(300),
    };
    let mut total = world::Counts::default();
    for seed in seeds.clone() {
        let run = std::panic::catch_unwind(|| world::run(seed));
        match run {
            Ok(counts) => total += counts,
            Err(panic) => {
                eprintln!("the run with PHTEAH_SEED={seed} failed");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{} runs: {total:?}", seeds.end - seeds.start);
    // The runs reach what they are for.
    if seeds.end - seeds.start >= 100 {
        for (what, count) in total.reached() {
            assert!(count > 0, "no run reached: {what}");
        }
    }
}
