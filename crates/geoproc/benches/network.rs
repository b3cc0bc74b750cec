//! Building a network of 160,000 nodes, and the index that places snap with.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_geoproc::access::Travel;
use phteah_geoproc::network::{EdgeSet, Mode, Network, Snapper};

fn bench(c: &mut Criterion) {
    let roads = town::roads(400, 400, 50.0);
    let network = Network::new(&roads, 0.1).unwrap_or_default();
    let mut group = c.benchmark_group("network");
    group.sample_size(10);
    group.bench_function("build", |b| b.iter(|| Network::new(&roads, 0.1)));
    group.bench_function("index for snapping", |b| {
        b.iter(|| Snapper::new(&network, Mode::Walk))
    });
    group.bench_function("make passable", |b| {
        b.iter(|| Travel::new(&network, Mode::Motorbike, &EdgeSet::none()))
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
