//! 300 settlements to 5,000 sites on a network of 360,000 nodes.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_geoproc::access::Travel;
use phteah_geoproc::network::{EdgeSet, Mode, Network, Snapper};

fn bench(c: &mut Criterion) {
    let network = Network::new(&town::roads(600, 600, 50.0), 0.1).unwrap_or_default();
    eprintln!("{:?}", network.report());
    let snapper = Snapper::new(&network, Mode::Motorbike);
    let settlements = snapper.snap_all(&town::places(300, 30_000.0, 1), 1000.0);
    let sites = snapper.snap_all(&town::places(5000, 30_000.0, 99_999), 1000.0);
    let mut group = c.benchmark_group("matrix");
    group.sample_size(10);
    group.bench_function("300 × 5,000, preparation included", |b| {
        b.iter(|| Travel::new(&network, Mode::Motorbike, &EdgeSet::none()).times(&settlements, &sites));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
