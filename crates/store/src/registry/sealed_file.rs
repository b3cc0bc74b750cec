//! Files that leave the server sealed: a word that says what they are, a data key wrapped by the deployment's key, and pieces that each begin
//! with their length. The last piece says that it is: a file that was cut off is told.

use std::io::{BufRead, BufReader, Read, Write};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::seal::{DataKey, Entropy, KeyId, KeyRing, wrapped_by};
use super::store::Registry;
use crate::actor::Actor;
use crate::error::{Result, StoreError};
use crate::rights::Right;
use crate::trail;

/// What a sealed file is.
pub(super) struct Sort {
    /// What it begins with.
    magic: &'static [u8],
    /// What its key is wrapped as, and its pieces are sealed as.
    of: &'static [u8],
}

/// Events of households, one a line.
pub(super) const EVENTS: Sort = Sort {
    magic: b"phteah-registry-export-1\n",
    of: b"export\0",
};

/// Any other file, byte for byte.
pub(super) const ANY: Sort = Sort {
    magic: b"phteah-sealed-file-1\n",
    of: b"sealed file\0",
};

/// Bytes of a piece.
const PIECE_BYTES: usize = 1 << 20;
/// The most bytes of a piece that are read: a line may be longer than a piece.
const MAX_PIECE_BYTES: u64 = (32 << 20) + 2 * PIECE_BYTES as u64;

pub(super) fn writing(source: std::io::Error) -> StoreError {
    StoreError::Io {
        doing: "writing the file".to_owned(),
        source,
    }
}

pub(super) fn reading(source: std::io::Error) -> StoreError {
    StoreError::Io {
        doing: "reading the file".to_owned(),
        source,
    }
}

fn cut_off() -> StoreError {
    StoreError::Usage(
        "The file is cut off: its end is missing. Bring it again; what was taken in already stays.".into(),
    )
}

fn piece_of(sort: &Sort, number: u64, is_last: bool) -> Vec<u8> {
    [sort.of, &number.to_be_bytes(), &[u8::from(is_last)]].concat()
}

/// A file that is sealed while it is written. It is whole when [`SealedFile::end`] was called.
pub struct SealedFile<'a> {
    out: &'a mut dyn Write,
    sort: &'static Sort,
    key: DataKey,
    entropy: &'a Entropy,
    piece: Zeroizing<Vec<u8>>,
    number: u64,
}

impl SealedFile<'_> {
    /// Adds bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.seal(false)?;
        }
        Ok(())
    }

    /// Writes the last piece.
    pub fn end(mut self) -> Result<()> {
        self.seal(true)?;
        self.out.flush().map_err(writing)
    }

    fn seal(&mut self, is_last: bool) -> Result<()> {
        let sealed = self.key.seal(
            &piece_of(self.sort, self.number, is_last),
            &self.piece,
            self.entropy,
        )?;
        let head = (sealed.len() as u32).to_be_bytes();
        self.out
            .write_all(&head)
            .and_then(|()| self.out.write_all(&sealed))
            .map_err(writing)?;
        self.piece.clear();
        self.number += 1;
        Ok(())
    }
}

impl Write for SealedFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let part = &bytes[..bytes.len().min(PIECE_BYTES)];
        self.add(part).map_err(std::io::Error::other)?;
        Ok(part.len())
    }

    /// What is not a whole piece yet waits for the rest.
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The pieces of a file, or where it is not sealed, the file.
pub(super) struct Pieces<'a> {
    input: BufReader<&'a mut dyn Read>,
    sort: &'static Sort,
    key: Option<DataKey>,
    number: u64,
    ended: bool,
}

impl<'a> Pieces<'a> {
    pub fn begin(registry: &Registry, sort: &'static Sort, input: &'a mut dyn Read) -> Result<Self> {
        let mut input = BufReader::new(input);
        let is_sealed = input.fill_buf().map_err(reading)?.starts_with(sort.magic);
        let key = if is_sealed {
            input.consume(sort.magic.len());
            let wrapped = sized(&mut input)?.ok_or_else(cut_off)?;
            Some(key_of(registry, &wrapped, sort)?)
        } else {
            None
        };
        Ok(Self {
            input,
            sort,
            key,
            number: 0,
            ended: false,
        })
    }

    pub fn is_sealed(&self) -> bool {
        self.key.is_some()
    }

    /// The file that is not sealed.
    pub fn plain(&mut self) -> &mut BufReader<&'a mut dyn Read> {
        &mut self.input
    }

    /// The next piece, opened; `None` behind the last.
    pub fn next_piece(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let Some(key) = self.key.as_ref().filter(|_| !self.ended) else {
            return Ok(None);
        };
        let sealed = sized(&mut self.input)?.ok_or_else(cut_off)?;
        let piece = if let Ok(piece) = key.open(&piece_of(self.sort, self.number, false), &sealed) {
            piece
        } else {
            self.ended = true;
            key.open(&piece_of(self.sort, self.number, true), &sealed)?
        };
        self.number += 1;
        Ok(Some(piece))
    }
}

/// The key of a sealed file, where this deployment's key opens it.
fn key_of(registry: &Registry, wrapped: &[u8], sort: &Sort) -> Result<DataKey> {
    let inner = registry.inner();
    let foreign = |needed: KeyId, ring: &KeyRing| {
        StoreError::Key(format!(
            "The file was sealed with the key {needed}, and this deployment has the key {}. It opens where it was sealed, or with that key: bring the \
             key file back, or make it again from its words with \"phteah key restore\" in another directory.",
            ring.current().id()
        ))
    };
    match wrapped_by(wrapped) {
        Some(needed) if inner.ring().get(needed).is_none() => {
            let fresh = inner.reload_ring()?;
            if fresh.get(needed).is_none() {
                return Err(foreign(needed, &fresh));
            }
        }
        _ => {}
    }
    inner.unwrap_key(wrapped, sort.of)
}

/// What stands behind its length; `None` at the end of the file.
fn sized(input: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    if input.fill_buf().map_err(reading)?.is_empty() {
        return Ok(None);
    }
    let mut head = [0; 4];
    input.read_exact(&mut head).map_err(|_| cut_off())?;
    let length = u32::from_be_bytes(head);
    if u64::from(length) > MAX_PIECE_BYTES {
        return Err(StoreError::Sealed("a piece of the file"));
    }
    let mut bytes = Vec::new();
    let read = input
        .take(u64::from(length))
        .read_to_end(&mut bytes)
        .map_err(reading)?;
    if read == length as usize {
        Ok(Some(bytes))
    } else {
        Err(cut_off())
    }
}

impl Registry {
    pub(super) fn sealed_file<'a>(
        &'a self,
        sort: &'static Sort,
        out: &'a mut dyn Write,
    ) -> Result<SealedFile<'a>> {
        let entropy = &self.inner().entropy;
        let key = DataKey::make(entropy)?;
        let wrapped = self.inner().ring().current().wrap(&key, sort.of, entropy)?;
        let head = [sort.magic, &(wrapped.len() as u32).to_be_bytes(), &wrapped].concat();
        out.write_all(&head).map_err(writing)?;
        Ok(SealedFile {
            out,
            sort,
            key,
            entropy,
            piece: Zeroizing::default(),
            number: 0,
        })
    }

    /// Begins a file that only the deployment's key opens.
    pub fn seal_file<'a>(&'a self, out: &'a mut dyn Write) -> Result<SealedFile<'a>> {
        self.sealed_file(&ANY, out)
    }

    /// Opens a file that [`Registry::seal_file`] began. That it was opened is written down, with the reason, before the first byte leaves.
    pub fn unseal_file(
        &self,
        actor: &Actor,
        why: &str,
        input: &mut dyn Read,
        out: &mut dyn Write,
        now: Timestamp,
    ) -> Result<()> {
        actor.require(Right::DecideCases)?;
        if why.trim().is_empty() {
            return Err(StoreError::Usage(
                "Say why the file is opened: everybody who gets it can read it. The reason is kept.".into(),
            ));
        }
        let mut pieces = Pieces::begin(self, &ANY, input)?;
        if !pieces.is_sealed() {
            return Err(StoreError::Usage(
                "This is no file that \"phteah odk export\" has sealed.".into(),
            ));
        }
        let (actor, why) = (actor.clone(), why.to_owned());
        self.write(move |change| {
            let row = trail::Entry {
                what: "sealed_file_opened",
                subject: "households",
                why: &why,
                detail: "",
            };
            trail::append(change.transaction(), &actor, &row, now)
        })?;
        while let Some(piece) = pieces.next_piece()? {
            out.write_all(&piece).map_err(writing)?;
        }
        out.flush().map_err(writing)
    }
}
