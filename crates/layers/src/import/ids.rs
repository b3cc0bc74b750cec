//! Ids: each feature has one, no two the same, and the same on every import of the same data.

use std::collections::HashMap;

use geo::{CoordsIter, Geometry};
use sha2::{Digest, Sha256};

use crate::value::Value;

/// The ids given until now. A feature costs 24 bytes, whatever the length of its id.
#[derive(Default)]
pub(super) struct Ids {
    seen: HashMap<u128, u64>,
}

impl Ids {
    /// Claims an id for record `n`; if it is taken, the record that has it is the answer.
    pub fn claim(&mut self, id: &str, n: u64) -> Result<(), u64> {
        let digest = Sha256::digest(id.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        match self.seen.entry(u128::from_le_bytes(key)) {
            std::collections::hash_map::Entry::Occupied(taken) => Err(*taken.get()),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(n);
                Ok(())
            }
        }
    }
}

/// An id made from where a feature is (to the centimetre, so that another version of PROJ makes the same) and what is known of it.
pub(super) fn made(geometry: &Geometry<f64>, values: &[Option<Value>]) -> String {
    let mut hasher = Sha256::new();
    for c in geometry.coords_iter() {
        for v in [c.x, c.y] {
            hasher.update(((v * 100.0).round() as i64).to_le_bytes());
        }
    }
    for value in values {
        hasher.update([0x1f]);
        if let Some(value) = value {
            hasher.update(value.to_string());
        }
    }
    let digest = hasher.finalize();
    let hex: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("g-{hex}")
}
