//! Exposure of 540,000 parcels in six rasters of 4,000 × 4,200 cells, held in memory.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_geoproc::exposure::exposure;
use phteah_geoproc::grid::Raster;

fn bench(c: &mut Criterion) {
    let rasters: Vec<_> = (0..6_u8)
        .map(|i| town::depths(4000, 4200, 10.0, f32::from(i) * 0.2))
        .collect();
    let rasters: Vec<&dyn Raster> = rasters.iter().map(|raster| raster as &dyn Raster).collect();
    let parcels = town::parcels(540_000, 39_000.0);
    let mut group = c.benchmark_group("exposure");
    group.sample_size(10);
    group.bench_function("540,000 parcels, six rasters", |b| {
        b.iter(|| exposure(&parcels, &rasters, 0.3))
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
