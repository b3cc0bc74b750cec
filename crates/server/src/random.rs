//! Random bytes of the operating system.

use phteah_store::registry::Entropy;

/// The system gives none.
#[derive(Debug, thiserror::Error)]
#[error("The system gives no random bytes: {0}.")]
pub struct NoRandom(getrandom::Error);

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandom)?;
    Ok(bytes)
}

/// Random bytes, as many as the registry asks for.
pub fn entropy() -> Entropy {
    Entropy::new(|bytes| getrandom::fill(bytes).map_err(std::io::Error::other))
}
