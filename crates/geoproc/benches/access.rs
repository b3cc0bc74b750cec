//! Nearest of 200 services on a network of 160,000 nodes and 271,000 edges, snapping included.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_geoproc::access::Travel;
use phteah_geoproc::network::{EdgeSet, Mode, Network, Snapper};

fn bench(c: &mut Criterion) {
    let network = Network::new(&town::roads(400, 400, 50.0), 0.1).unwrap_or_default();
    eprintln!("{:?}", network.report());
    let (snapper, travel) = (
        Snapper::new(&network, Mode::Motorbike),
        Travel::new(&network, Mode::Motorbike, &EdgeSet::none()),
    );
    let (features, services) = (
        town::places(10_000, 20_000.0, 1),
        town::places(200, 20_000.0, 99_999),
    );
    let snapped = snapper.snap_all(&services, 1000.0);
    let mut group = c.benchmark_group("access");
    group.sample_size(20);
    group.bench_function("snap 10,000 features", |b| {
        b.iter(|| snapper.snap_all(&features, 1000.0))
    });
    group.bench_function("nearest, no feature", |b| {
        b.iter(|| travel.nearest(&[], &snapped))
    });
    group.bench_function("snap and nearest, 10,000 features", |b| {
        b.iter(|| {
            let (from, to) = (
                snapper.snap_all(&features, 1000.0),
                snapper.snap_all(&services, 1000.0),
            );
            travel.nearest(&from, &to)
        });
    });
    let from = snapper.snap_all(&features, 1000.0);
    group.bench_function("services within 10 minutes", |b| {
        b.iter(|| travel.within(&from, &snapped, 10.0))
    });
    if let (Some(from), Some(to)) = (from[0], from[1]) {
        group.bench_function("one route", |b| b.iter(|| travel.route(&from, &to)));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
