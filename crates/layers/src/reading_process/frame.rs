//! Messages between the two processes: a kind, a length, bytes.

use std::io::{self, Read, Write};

use super::limits::FRAME_BYTES;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON, to the reading process: what to open.
    Order,
    /// JSON, to the reading process: what to read of it.
    Request,
    /// JSON: how far the reading process is confined.
    Confined,
    /// JSON: what was opened.
    Opened,
    /// Records, as [`super::records`] writes them.
    Records,
    /// Cells of a raster, 32-bit floats.
    Cells,
    /// Nothing more follows; JSON: notes.
    End,
    /// JSON: the error that ended the work.
    Failed,
}

const KINDS: [Kind; 8] = [
    Kind::Order,
    Kind::Request,
    Kind::Confined,
    Kind::Opened,
    Kind::Records,
    Kind::Cells,
    Kind::End,
    Kind::Failed,
];

/// Writes one frame.
pub(super) fn write(to: &mut impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    if bytes.len() > FRAME_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, too_long()));
    }
    let mut head = [0; 5];
    head[0] = kind as u8;
    head[1..].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
    to.write_all(&head)?;
    to.write_all(bytes)
}

/// Reads one frame; `None` where the other side has closed.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let mut head = [0; 5];
    let mut filled = 0;
    while filled < head.len() {
        match from.read(&mut head[filled..]) {
            Ok(0) => return Ok(None),
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let broken = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let kind = KINDS.get(usize::from(head[0])).copied();
    let kind = kind.ok_or_else(|| broken("a message of no known kind".into()))?;
    let [_, length @ ..] = head;
    let length = u32::from_le_bytes(length) as usize;
    if length > FRAME_BYTES {
        return Err(broken(too_long()));
    }
    // Not allocated before it comes: the length is a claim.
    let mut bytes = Vec::with_capacity(length.min(1 << 20));
    if from.take(length as u64).read_to_end(&mut bytes)? < length {
        return Ok(None);
    }
    Ok(Some((kind, bytes)))
}

/// What a message that is too long is said to be.
pub(super) fn too_long() -> String {
    format!(
        "one record is larger than {} MB, the most that is read",
        FRAME_BYTES >> 20
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_and_false_lengths_do_not_allocate() {
        let mut bytes = Vec::new();
        write(&mut bytes, Kind::Cells, b"abc").unwrap();
        write(&mut bytes, Kind::End, b"").unwrap();
        let mut from = &bytes[..];
        assert_eq!(read(&mut from).unwrap(), Some((Kind::Cells, b"abc".to_vec())));
        assert_eq!(read(&mut from).unwrap(), Some((Kind::End, Vec::new())));
        assert_eq!(read(&mut from).unwrap(), None);
        assert_eq!(read(&mut &[4, 0, 0, 0, 1, 7][..]).unwrap(), None);
        assert!(read(&mut &[4, 255, 255, 255, 255][..]).is_err());
        assert!(read(&mut &[99, 0, 0, 0, 0][..]).is_err());
        for (index, kind) in KINDS.iter().enumerate() {
            assert_eq!(*kind as usize, index);
        }
    }
}
