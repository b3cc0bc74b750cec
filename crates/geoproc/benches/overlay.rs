//! 200,000 parcels over 257 zones of 161 vertices; and 100 districts over the parcels, the other way round.

mod town;

use criterion::{Criterion, criterion_group, criterion_main};
use phteah_geoproc::overlay::Zones;

fn bench(c: &mut Criterion) {
    let side = 20_000.0;
    let (parcels, zones) = (town::parcels(200_000, side), town::zones(257, 161, side));
    let mut group = c.benchmark_group("overlay");
    group.sample_size(10);
    group.bench_function("200,000 parcels, 257 zones", |b| {
        b.iter(|| Zones::new(zones.iter().enumerate().map(|(i, zone)| (zone, i % 4))).overlay(&parcels));
    });
    let districts = town::zones(100, 2000, side);
    group.bench_function("100 districts, 200,000 parcels", |b| {
        b.iter(|| Zones::new(parcels.iter().map(|parcel| (parcel, 0))).overlay(&districts));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
