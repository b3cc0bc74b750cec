//! Depth along 271,000 edges.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_geoproc::flooded::edge_depths;
use phteah_geoproc::network::Network;

fn bench(c: &mut Criterion) {
    let network = Network::new(&town::roads(400, 400, 50.0), 0.1).unwrap_or_default();
    let raster = town::depths(2000, 2000, 10.0, 0.3);
    let mut group = c.benchmark_group("flooded");
    group.sample_size(20);
    group.bench_function("271,000 edges", |b| b.iter(|| edge_depths(&network, &raster)));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
