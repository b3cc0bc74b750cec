//! Passwords: which may be chosen, how they are stretched, and the one secret that is sealed with them.
//!
//! argon2id with 19 MiB, two passes and one lane, as the OWASP Password Storage Cheat Sheet recommends. It gives 64 bytes: the first half is
//! kept to compare with, the second half is kept nowhere and seals the secret of one-time codes. A stolen file thus opens no code, and
//! guessing costs a stretching for each guess.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Result, StoreError};
use crate::ids::AccountId;

/// The fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 10;

/// The most bytes of a password: enough for any sentence, and no work for who sends megabytes.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Random bytes of a salt.
pub(crate) const SALT_BYTES: usize = 16;

/// Random bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 24;

/// Common passwords of ten characters and more, lower case, sorted: the list of 20,000 that Django ships (collected by Royce Williams), without
/// those that are too short here anyway.
const COMMON: &str = include_str!("common_passwords.txt");

/// How the passwords of today are stretched; kept beside each, so that it may be raised.
const STRETCHING: &str = "argon2id 19456 2 1";

/// Why a password cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// It has too few characters.
    #[error(
        "Choose a password of at least {MIN_PASSWORD_CHARS} characters. Several words are easy to remember."
    )]
    Short,
    /// It is longer than any sentence.
    #[error("Choose a password of at most {MAX_PASSWORD_BYTES} bytes.")]
    Long,
    /// It stands on the list of common passwords, or repeats a few signs.
    #[error("Many people use this password, so it is tried first. Choose another one.")]
    Common,
    /// It is the account's name, or little more.
    #[error("This password is too close to your name. Choose another one.")]
    NearName,
}

/// What a password comes to.
pub(crate) struct Stretched {
    /// Kept, to compare with.
    pub verifier: [u8; 32],
    sealing: [u8; 32],
}

/// One form for the same text, however a keyboard composes it.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// Whether a password may be chosen.
pub(crate) fn check(password: &str, name: &str) -> std::result::Result<(), PasswordFault> {
    let text = normal(password);
    if text.chars().count() < MIN_PASSWORD_CHARS {
        return Err(PasswordFault::Short);
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(PasswordFault::Long);
    }
    let lower = text.to_lowercase();
    let name: String = normal(name).to_lowercase().split_whitespace().collect();
    let bare: String = lower.split_whitespace().collect();
    // What is left of the password without the name, at least.
    if name.chars().count() >= 3 && bare.replace(&name, "").chars().count() < MIN_PASSWORD_CHARS / 2 {
        return Err(PasswordFault::NearName);
    }
    if is_common(&lower)
        || is_common(lower.trim_end_matches(|c: char| !c.is_alphabetic()))
        || is_monotonous(&lower)
    {
        return Err(PasswordFault::Common);
    }
    Ok(())
}

fn is_common(lower: &str) -> bool {
    COMMON.lines().any(|common| common == lower)
}

/// Whether it is made of one to four signs, or each sign follows from the one before.
fn is_monotonous(lower: &str) -> bool {
    let signs: Vec<u32> = lower.chars().map(u32::from).collect();
    let mut different = signs.clone();
    different.sort_unstable();
    different.dedup();
    let steps: Vec<i64> = signs
        .windows(2)
        .map(|pair| i64::from(pair[1]) - i64::from(pair[0]))
        .collect();
    different.len() <= 4 || steps.iter().all(|step| *step == 1) || steps.iter().all(|step| *step == -1)
}

/// Stretches a password as today's are. Takes some tens of milliseconds and 19 MiB.
pub(crate) fn stretch(password: &str, salt: &[u8; SALT_BYTES]) -> Result<(Stretched, &'static str)> {
    Ok((stretch_as(STRETCHING, password, salt)?, STRETCHING))
}

/// Stretches a password as it was when it was chosen.
pub(crate) fn stretch_as(stretching: &str, password: &str, salt: &[u8; SALT_BYTES]) -> Result<Stretched> {
    let damaged = || StoreError::Damaged("how a password is stretched".into());
    let numbers: Vec<u32> = stretching
        .strip_prefix("argon2id ")
        .and_then(|rest| rest.split(' ').map(|n| n.parse().ok()).collect())
        .ok_or_else(damaged)?;
    let [memory, passes, lanes] = numbers[..] else {
        return Err(damaged());
    };
    let params = Params::new(memory, passes, lanes, Some(64)).map_err(|_| damaged())?;
    let mut out = [0; 64];
    // A text that can be nobody's password is stretched all the same, so that the answer takes as long.
    let text = if password.len() > MAX_PASSWORD_BYTES {
        String::new()
    } else {
        normal(password)
    };
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(text.as_bytes(), salt, &mut out)
        .map_err(|_| damaged())?;
    let mut stretched = Stretched {
        verifier: [0; 32],
        sealing: [0; 32],
    };
    stretched.verifier.copy_from_slice(&out[..32]);
    stretched.sealing.copy_from_slice(&out[32..]);
    Ok(stretched)
}

impl Stretched {
    /// Seals a secret of this account.
    pub(crate) fn seal(
        &self,
        account: &AccountId,
        nonce: &[u8; NONCE_BYTES],
        secret: &[u8],
    ) -> Result<Vec<u8>> {
        let payload = Payload {
            msg: secret,
            aad: account.as_str().as_bytes(),
        };
        self.cipher()
            .encrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| StoreError::Damaged("a secret that cannot be sealed".into()))
    }

    /// Opens what was sealed with the same password for the same account.
    pub(crate) fn open(
        &self,
        account: &AccountId,
        nonce: &[u8; NONCE_BYTES],
        sealed: &[u8],
    ) -> Result<Vec<u8>> {
        let payload = Payload {
            msg: sealed,
            aad: account.as_str().as_bytes(),
        };
        self.cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| StoreError::Damaged(format!("the sealed secret of account {account}")))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.sealing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_may_be_chosen() {
        for good in ["three wet ducks", "ផ្ទះថ្មីនៅមាត់ទន្លេ", "Tr0ub4dor&3x"]
        {
            assert_eq!(check(good, "Sokha"), Ok(()), "{good}");
        }
        for (bad, fault) in [
            ("", PasswordFault::Short),
            ("nine char", PasswordFault::Short),
            ("qwertyuiop", PasswordFault::Common),
            ("QwertyUiop", PasswordFault::Common),
            ("qwertyuiop2026!", PasswordFault::Common),
            ("abababababab", PasswordFault::Common),
            ("abcdefghijklm", PasswordFault::Common),
            ("Sok Dara 1234", PasswordFault::NearName),
            ("sokdarasokdara", PasswordFault::NearName),
        ] {
            assert_eq!(check(bad, "Sok Dara"), Err(fault), "{bad}");
        }
        assert_eq!(check(&"long words ".repeat(100), "x"), Err(PasswordFault::Long));
    }

    #[test]
    fn the_same_text_however_it_is_composed() {
        let salt = [7; SALT_BYTES];
        let one = stretch("caf\u{e9} noir 77", &salt).unwrap().0.verifier;
        let other = stretch("cafe\u{301} noir 77", &salt).unwrap().0.verifier;
        assert_eq!(one, other);
    }

    #[test]
    fn a_secret_opens_for_its_password_and_account_alone() {
        let salt = [1; SALT_BYTES];
        let nonce = [2; NONCE_BYTES];
        let mine = AccountId::new([3; 8]);
        let right = stretch("three wet ducks", &salt).unwrap().0;
        let sealed = right.seal(&mine, &nonce, b"secret").unwrap();
        assert_eq!(right.open(&mine, &nonce, &sealed).unwrap(), b"secret");
        assert!(right.open(&AccountId::new([4; 8]), &nonce, &sealed).is_err());
        let wrong = stretch("three wet geese", &salt).unwrap().0;
        assert!(wrong.open(&mine, &nonce, &sealed).is_err());
    }
}
