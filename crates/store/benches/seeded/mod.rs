//! Bytes and a time that are the same in every run: what is measured is the store, not what it is given.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use phteah_store::registry::Entropy;

static NEXT: AtomicU64 = AtomicU64::new(1);

fn fill(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(8) {
        let mut z = NEXT
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
    }
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

pub fn entropy() -> Entropy {
    Entropy::new(|bytes| {
        fill(bytes);
        Ok(())
    })
}

pub fn now() -> Timestamp {
    "2026-11-20T03:10:00Z".parse().unwrap()
}
