//! Random draws. Every part of the city has a stream of its own, so that a change in one leaves the others as they were.
//! Only basic arithmetic is used: the same numbers come out on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The parts that draw independently.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(crate) enum Part {
    Boundaries = 1,
    Water,
    Protected,
    Streets,
    Fabric,
    Settlements,
    Services,
    Terrain,
    Families,
}

/// A stream of draws.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of item `item` of a part.
    pub(crate) fn new(seed: u64, part: Part, item: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(((part as u64) << 40) | item);
        Self(rng)
    }

    /// Uniform in 0 (included) to 1 (excluded).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Random bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Uniform between two numbers.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform whole number from `low` to `high`, both included.
    pub(crate) fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + (self.unit() * f64::from(high - low + 1)) as u32
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of a non-empty list.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[(self.unit() * from.len() as f64) as usize]
    }

    /// One of a non-empty list of (item, weight); the weights need not add up to 1.
    pub(crate) fn weighted<T: Copy>(&mut self, from: &[(T, f64)]) -> T {
        let total: f64 = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for &(item, weight) in from {
            if left < weight {
                return item;
            }
            left -= weight;
        }
        from[from.len() - 1].0
    }
}

/// A hash of a lattice point to −1…1, for noise that can be asked for anywhere.
fn lattice(seed: u64, x: i64, y: i64) -> f64 {
    let mut h = seed
        ^ (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (y as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    h = (h ^ (h >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((h ^ (h >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Smooth noise between −1 and 1 whose hills are about `size_m` apart.
pub(crate) fn noise(seed: u64, x: f64, y: f64, size_m: f64) -> f64 {
    let (u, v) = (x / size_m, y / size_m);
    let (i, j) = (u.floor(), v.floor());
    let fade = |t: f64| t * t * (3.0 - 2.0 * t);
    let (s, t) = (fade(u - i), fade(v - j));
    let (i, j) = (i as i64, j as i64);
    let low = lattice(seed, i, j) * (1.0 - s) + lattice(seed, i + 1, j) * s;
    let high = lattice(seed, i, j + 1) * (1.0 - s) + lattice(seed, i + 1, j + 1) * s;
    low * (1.0 - t) + high * t
}
