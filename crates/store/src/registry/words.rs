//! A deployment's key as words for a safe: 24 words that hold it whole, or shares of which some are enough (Shamir's secret sharing).
//!
//! The words are those of BIP-39: 2,048 English words, none of which begins like another, and a check in the last one.

use std::collections::BTreeMap;

use bip39::Mnemonic;
use zeroize::Zeroizing;

use super::seal::{DeploymentKey, Entropy, KEY_BYTES};
use crate::error::{Result, StoreError};

/// The key as 24 words.
pub fn words(key: &DeploymentKey) -> Result<Zeroizing<String>> {
    in_words(key.expose())
}

fn in_words(bytes: &[u8; KEY_BYTES]) -> Result<Zeroizing<String>> {
    Mnemonic::from_entropy(bytes)
        .map(|words| Zeroizing::new(words.to_string()))
        .map_err(|e| StoreError::Key(format!("The key cannot be written as words: {e}.")))
}

/// The key in so many shares, any `needed` of which bring it back, and fewer tell nothing of it.
pub fn shares(
    key: &DeploymentKey,
    needed: u8,
    all: u8,
    entropy: &Entropy,
) -> Result<Vec<(u8, Zeroizing<String>)>> {
    if needed < 2 || all < needed {
        return Err(StoreError::Usage(
            "Of the shares at least two must be needed, and no more than there are.".into(),
        ));
    }
    // A polynomial for each byte, whose value at 0 is the byte.
    let mut polynomials: Vec<[u8; KEY_BYTES]> = vec![*key.expose()];
    for _ in 1..needed {
        polynomials.push(entropy.bytes()?);
    }
    (1..=all)
        .map(|x| {
            let mut share = Zeroizing::new([0; KEY_BYTES]);
            for coefficients in polynomials.iter().rev() {
                for (sum, coefficient) in share.iter_mut().zip(coefficients) {
                    *sum = times(*sum, x) ^ coefficient;
                }
            }
            Ok((x, in_words(&share)?))
        })
        .collect()
}

/// The key that lines of words hold: 24 words alone, or shares, each with its number in front (`2: word word …`).
///
/// Too few shares, or shares of several keys, bring back another key: compare its name with the one that was printed with them.
pub fn key_of(text: &str) -> Result<DeploymentKey> {
    let mut found: BTreeMap<u8, Zeroizing<[u8; KEY_BYTES]>> = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (number, line) = match line.split_once(':') {
            None => (0, line),
            Some((number, line)) => (
                number
                    .trim()
                    .parse()
                    .ok()
                    .filter(|number| *number > 0)
                    .ok_or_else(|| {
                        StoreError::Usage(
                            "A share begins with its number and a colon, such as \"2: \".".into(),
                        )
                    })?,
                line,
            ),
        };
        let words: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
        let bytes = Mnemonic::parse_normalized(&words.join(" "))
            .ok()
            .and_then(|words| words.to_entropy().try_into().ok())
            .ok_or_else(|| StoreError::Usage(format!(
                "Line {number} is not 24 words of a key: one is misspelt, missing or in another place. Compare it with the paper.",
                number = found.len() + 1
            )))?;
        if found.insert(number, Zeroizing::new(bytes)).is_some() {
            return Err(StoreError::Usage("One share is given twice.".into()));
        }
    }
    match (found.get(&0), found.len()) {
        (_, 0) => Err(StoreError::Usage(
            "Give the 24 words of the key, or the shares, one a line.".into(),
        )),
        (Some(whole), 1) => Ok(DeploymentKey::new(**whole)),
        (Some(_), _) => Err(StoreError::Usage(
            "Give either the 24 words of the key or shares with their numbers, not both.".into(),
        )),
        (None, 1) => Err(StoreError::Usage(
            "One share alone brings nothing back: give the others too.".into(),
        )),
        (None, _) => {
            // Lagrange's interpolation at 0.
            let mut secret = Zeroizing::new([0; KEY_BYTES]);
            for (x, share) in &found {
                let others = found.keys().filter(|other| *other != x);
                let weight = others.fold(1, |product, other| times(product, over(*other, *other ^ x)));
                for (sum, byte) in secret.iter_mut().zip(share.iter()) {
                    *sum ^= times(*byte, weight);
                }
            }
            Ok(DeploymentKey::new(*secret))
        }
    }
}

/// The product in the field of 256 elements, modulo x⁸ + x⁴ + x³ + x + 1, in the same time for all.
fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    for _ in 0..8 {
        product ^= a & (b & 1).wrapping_neg();
        a = (a << 1) ^ (0x1b & (a >> 7).wrapping_neg());
        b >>= 1;
    }
    product
}

/// The quotient; `b` is not 0.
fn over(a: u8, b: u8) -> u8 {
    // b²⁵⁴ is the inverse of b.
    let mut inverse = 1;
    for _ in 0..254 {
        inverse = times(inverse, b);
    }
    times(a, inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entropy() -> Entropy {
        let next = std::sync::atomic::AtomicU8::new(3);
        Entropy::new(move |bytes| {
            bytes.fill_with(|| {
                next.fetch_add(29, std::sync::atomic::Ordering::Relaxed)
                    .wrapping_mul(73)
            });
            Ok(())
        })
    }

    #[test]
    fn the_field_has_the_published_products() {
        // FIPS 197, section 4.2: {57} • {83} = {c1}, {57} • {13} = {fe}.
        assert_eq!((times(0x57, 0x83), times(0x57, 0x13)), (0xc1, 0xfe));
        for b in 1..=255 {
            assert_eq!(over(b, b), 1);
        }
    }

    #[test]
    fn words_bring_a_key_back() {
        let key = DeploymentKey::new(std::array::from_fn(|i| i as u8 * 7));
        let text = words(&key).unwrap();
        assert_eq!(text.split(' ').count(), 24);
        assert_eq!(
            key_of(&format!("  {} \n", text.to_uppercase())).unwrap().id(),
            key.id()
        );
        let misspelt = text.replacen(' ', "x ", 1);
        assert!(key_of(&misspelt).is_err() && key_of("").is_err());
    }

    #[test]
    fn enough_shares_bring_a_key_back_and_fewer_do_not() {
        let key = DeploymentKey::new(std::array::from_fn(|i| i as u8 ^ 0x5a));
        let shares = shares(&key, 3, 5, &entropy()).unwrap();
        let of = |numbers: &[usize]| {
            let lines: Vec<String> = numbers
                .iter()
                .map(|i| format!("{}: {}", shares[*i].0, *shares[*i].1))
                .collect();
            key_of(&lines.join("\n"))
        };
        for three in [[0, 1, 2], [4, 2, 0], [1, 3, 4]] {
            assert_eq!(of(&three).unwrap().id(), key.id());
        }
        assert_eq!(of(&[0, 1, 2, 3, 4]).unwrap().id(), key.id());
        assert_ne!(of(&[0, 1]).unwrap().id(), key.id());
        assert!(of(&[0]).is_err() && of(&[0, 0, 1]).is_err());
        assert!(super::shares(&key, 1, 5, &entropy()).is_err());
    }
}
