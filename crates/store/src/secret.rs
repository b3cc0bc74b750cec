//! The text of a partner's key: how it is made, hashed and compared.

use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256};

/// Random bytes that a new key needs: 4 for its id, 32 for its secret.
pub const ENTROPY_BYTES: usize = 36;

const PREFIX: &str = "phteah_";
const ID_DIGITS: usize = 8;
const SECRET_DIGITS: usize = 64;

/// A key as its owner holds it: `phteah_<id>_<secret>`, hexadecimal. Shown once, stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
}

impl Secret {
    /// Makes a key from random bytes of the operating system.
    pub(crate) fn new(entropy: &[u8; ENTROPY_BYTES]) -> Self {
        let mut text = String::from(PREFIX);
        for (i, byte) in entropy.iter().enumerate() {
            if i == ID_DIGITS / 2 {
                text.push('_');
            }
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self { text }
    }

    /// Understands what a client sent; `None` if it cannot be a key.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let hex = |part: &str, digits| {
            part.len() == digits
                && part
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        (hex(id, ID_DIGITS) && hex(secret, SECRET_DIGITS)).then(|| Self {
            text: text.to_owned(),
        })
    }

    /// The key as text, to show to its new owner.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The part that names the key and proves nothing.
    pub(crate) fn id(&self) -> &str {
        &self.text[PREFIX.len()..PREFIX.len() + ID_DIGITS]
    }

    /// What is stored instead of the key.
    ///
    /// One round of SHA-256, and that is right here: a slow, salted hash such as argon2 protects passwords that people choose, because those
    /// can be guessed. This secret is 256 random bits; nobody can guess it however fast the hash is, and equal secrets, which a salt would
    /// hide, do not occur. A slow hash would only let anyone keep our processors busy by sending wrong keys.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

/// The part of a text that names a key and proves nothing; `None` if the text cannot be a key.
pub fn key_id(text: &str) -> Option<String> {
    Secret::parse(text).map(|secret| secret.id().to_owned())
}

/// Whether two hashes are equal, in a time that does not depend on where they differ.
pub(crate) fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let difference = a.iter().zip(b).fold(0_u8, |sum, (x, y)| sum | (x ^ y));
    std::hint::black_box(difference) == 0
}

/// Never the secret: keys must not end up in logs.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}{}_…)", PREFIX, self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entropy(seed: u8) -> [u8; ENTROPY_BYTES] {
        std::array::from_fn(|i| seed.wrapping_add(i as u8 * 7))
    }

    #[test]
    fn a_key_is_read_back_as_it_was_shown() {
        let secret = Secret::new(&entropy(3));
        assert_eq!(
            Secret::parse(&format!("  {}\n", secret.expose())),
            Some(secret.clone())
        );
        assert_eq!(
            secret.expose().len(),
            PREFIX.len() + ID_DIGITS + 1 + SECRET_DIGITS
        );
        assert!(!format!("{secret:?}").contains(&secret.expose()[20..]));
    }

    #[test]
    fn nothing_else_is_a_key() {
        let good = Secret::new(&entropy(9)).expose().to_owned();
        let upper = good.to_uppercase();
        let longer = format!("{good}0");
        for text in [
            "",
            "phteah_",
            "phteah__",
            &good[1..],
            &good[..good.len() - 1],
            &upper,
            &longer,
            "phteah_é_é",
        ] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn hashes_are_compared_whole() {
        let a = Secret::new(&entropy(1)).hash();
        assert!(same(&a, &a));
        for i in 0..32 {
            let mut b = a;
            b[i] ^= 1;
            assert!(!same(&a, &b));
        }
    }
}
