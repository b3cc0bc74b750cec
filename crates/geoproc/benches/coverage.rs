//! Exact coverage of a small parcel and of a large zone on a grid of 10 m cells.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_geoproc::coverage::coverage;
use phteah_geoproc::grid::Grid;

fn bench(c: &mut Criterion) {
    let grid = Grid {
        west: 0.0,
        north: 40_000.0,
        cell_width: 10.0,
        cell_height: 10.0,
        columns: 4000,
        rows: 4000,
    };
    let parcels = town::parcels(1000, 300.0);
    c.bench_function("coverage/1000 parcels", |b| {
        b.iter(|| {
            parcels
                .iter()
                .map(|parcel| coverage(parcel, &grid).spans.len())
                .sum::<usize>()
        });
    });
    let zone = &town::zones(1, 10_000, 400_000.0)[0];
    c.bench_function("coverage/one zone of 10,000 vertices", |b| {
        b.iter(|| coverage(zone, &grid))
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
