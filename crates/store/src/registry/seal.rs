//! Sealing: XChaCha20-Poly1305 (RFC 8439 with the 192-bit nonce of draft-irtf-cfrg-xchacha), under a data key of each household, which is
//! itself sealed ("wrapped") by the deployment's key.
//!
//! A nonce of 24 random bytes cannot repeat by chance. What a text belongs to is authenticated with it: a sealed event moved to another
//! household, or one event's bytes put in another's place, does not open.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Bytes of the name that a wrapped key begins with.
const KEY_ID_BYTES: usize = 8;

/// Where random bytes come from: the operating system, or a seeded generator in a test. Nothing in this crate takes them from elsewhere.
#[derive(Clone)]
pub struct Entropy(Arc<dyn Fn(&mut [u8]) -> std::io::Result<()> + Send + Sync>);

impl Entropy {
    /// Random bytes as `fill` writes them.
    pub fn new(fill: impl Fn(&mut [u8]) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes).map_err(|source| StoreError::Io {
            doing: "taking random bytes of the system".to_owned(),
            source,
        })?;
        Ok(bytes)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(…)")
    }
}

/// The public name of a deployment's key: tells two keys apart and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub(crate) [u8; KEY_ID_BYTES]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The key of a whole deployment. It opens data keys and nothing else.
#[derive(Clone)]
pub struct DeploymentKey {
    secret: Zeroizing<[u8; KEY_BYTES]>,
    wrapping: Zeroizing<[u8; KEY_BYTES]>,
    id: KeyId,
}

impl DeploymentKey {
    /// A key of random bytes that were never used before, or of those that a key file holds.
    pub fn new(secret: [u8; KEY_BYTES]) -> Self {
        let secret = Zeroizing::new(secret);
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&keyed_hash(&secret, &[b"phteah deployment key: name"])[..KEY_ID_BYTES]);
        Self {
            wrapping: Zeroizing::new(keyed_hash(&secret, &[b"phteah deployment key: wrapping"])),
            id: KeyId(id),
            secret,
        }
    }

    /// Its public name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The secret itself, for the key file and the words.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.secret
    }

    pub(crate) fn wrap(&self, key: &DataKey, of: &[u8], entropy: &Entropy) -> Result<Vec<u8>> {
        let mut wrapped = self.id.0.to_vec();
        wrapped.extend(seal_under(
            &self.wrapping,
            &wrapping_of(self.id, of),
            entropy.bytes()?,
            &*key.0,
        )?);
        Ok(wrapped)
    }
}

/// Never the secret.
impl fmt::Debug for DeploymentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeploymentKey({})", self.id)
    }
}

/// The keys of a key file: the one in use first, then those that it replaced and that may still be met while they are being replaced.
#[derive(Clone, Debug)]
pub struct KeyRing(Vec<DeploymentKey>);

impl KeyRing {
    /// `None` without a key.
    pub fn new(keys: Vec<DeploymentKey>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The key in use.
    pub fn current(&self) -> &DeploymentKey {
        &self.0[0]
    }

    /// All keys, the one in use first.
    pub fn keys(&self) -> &[DeploymentKey] {
        &self.0
    }

    /// The key of this name.
    pub fn get(&self, id: KeyId) -> Option<&DeploymentKey> {
        self.0.iter().find(|key| key.id == id)
    }

    /// Opens a wrapped data key; `None` where no key of this ring has wrapped it.
    pub(crate) fn unwrap(&self, wrapped: &[u8], of: &[u8]) -> Result<Option<DataKey>> {
        let Some(key) = wrapped_by(wrapped).and_then(|id| self.get(id)) else {
            return Ok(None);
        };
        let opened = open_under(&key.wrapping, &wrapping_of(key.id, of), &wrapped[KEY_ID_BYTES..])?;
        let bytes: [u8; KEY_BYTES] = opened
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::Sealed("a data key"))?;
        Ok(Some(DataKey(Zeroizing::new(bytes))))
    }
}

/// Which deployment key has wrapped a data key.
pub(crate) fn wrapped_by(wrapped: &[u8]) -> Option<KeyId> {
    Some(KeyId(wrapped.get(..KEY_ID_BYTES)?.try_into().ok()?))
}

fn wrapping_of(id: KeyId, of: &[u8]) -> Vec<u8> {
    [b"phteah data key\0", &id.0[..], of].concat()
}

/// The key of one household, one file or one entry of the quarantine.
#[derive(Clone)]
pub(crate) struct DataKey(Zeroizing<[u8; KEY_BYTES]>);

impl DataKey {
    pub(crate) fn make(entropy: &Entropy) -> Result<Self> {
        Ok(Self(Zeroizing::new(entropy.bytes()?)))
    }

    /// Seals `plain` as the one thing that `of` names.
    pub(crate) fn seal(&self, of: &[u8], plain: &[u8], entropy: &Entropy) -> Result<Vec<u8>> {
        seal_under(&self.0, of, entropy.bytes()?, plain)
    }

    /// Opens what was sealed as the thing that `of` names.
    pub(crate) fn open(&self, of: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        open_under(&self.0, of, sealed)
    }

    /// A keyed hash: tells whether two values are equal to whoever has the key, and nothing to others.
    pub(crate) fn blind(&self, parts: &[&[u8]]) -> [u8; 32] {
        keyed_hash(&self.0, parts)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

fn seal_under(key: &[u8; KEY_BYTES], of: &[u8], nonce: [u8; NONCE_BYTES], plain: &[u8]) -> Result<Vec<u8>> {
    let payload = Payload { msg: plain, aad: of };
    let sealed = XChaCha20Poly1305::new(&(*key).into())
        .encrypt(&nonce.into(), payload)
        .map_err(|_| StoreError::Sealed("a text that is too long to be sealed"))?;
    Ok([&nonce[..], &sealed].concat())
}

fn open_under(key: &[u8; KEY_BYTES], of: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let failed = StoreError::Sealed("a sealed record");
    let Some((nonce, sealed)) = sealed.split_first_chunk::<NONCE_BYTES>() else {
        return Err(failed);
    };
    let payload = Payload { msg: sealed, aad: of };
    XChaCha20Poly1305::new(&(*key).into())
        .decrypt(&(*nonce).into(), payload)
        .map(Zeroizing::new)
        .map_err(|_| failed)
}

/// HMAC-SHA-256 over the parts, each with its length before it, so that no two lists of parts are the same text.
fn keyed_hash(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> Entropy {
        let next = std::sync::atomic::AtomicU8::new(1);
        Entropy::new(move |bytes| {
            bytes.fill_with(|| next.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            Ok(())
        })
    }

    #[test]
    fn what_is_sealed_opens_as_what_it_is_and_as_nothing_else() {
        let entropy = counting();
        let key = DataKey::make(&entropy).unwrap();
        let sealed = key.seal(b"event 1", b"a name", &entropy).unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"a name"));
        assert_eq!(key.open(b"event 1", &sealed).unwrap().as_slice(), b"a name");
        assert!(key.open(b"event 2", &sealed).is_err());
        assert!(
            DataKey::make(&entropy)
                .unwrap()
                .open(b"event 1", &sealed)
                .is_err()
        );
        for at in 0..sealed.len() {
            let mut hurt = sealed.clone();
            hurt[at] ^= 1;
            assert!(key.open(b"event 1", &hurt).is_err());
            assert!(key.open(b"event 1", &sealed[..at]).is_err());
        }
    }

    #[test]
    fn a_data_key_is_unwrapped_by_its_deployment_key_alone() {
        let entropy = counting();
        let (old, new) = (DeploymentKey::new([7; 32]), DeploymentKey::new([8; 32]));
        let key = DataKey::make(&entropy).unwrap();
        let wrapped = old.wrap(&key, b"household", &entropy).unwrap();
        let both = KeyRing::new(vec![new.clone(), old.clone()]).unwrap();
        assert_eq!(both.unwrap(&wrapped, b"household").unwrap().unwrap().0, key.0);
        assert!(both.unwrap(&wrapped, b"another").is_err());
        let only_new = KeyRing::new(vec![new]).unwrap();
        assert!(only_new.unwrap(&wrapped, b"household").unwrap().is_none());
        assert!(only_new.unwrap(b"short", b"household").unwrap().is_none());
        assert!(!format!("{old:?}").contains("0707"));
    }

    #[test]
    fn a_blind_hash_keeps_its_parts_apart() {
        let key = DataKey::make(&counting()).unwrap();
        assert_ne!(key.blind(&[b"ab", b"c"]), key.blind(&[b"a", b"bc"]));
        assert_eq!(key.blind(&[b"ab", b"c"]), key.blind(&[b"ab", b"c"]));
    }
}
