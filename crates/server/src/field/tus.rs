//! The headers of tus 1.0.0, as bytes that anybody may have sent.

/// The version that is spoken here.
pub const VERSION: &str = "1.0.0";
/// What a piece of a file calls itself.
pub const PIECE: &str = "application/offset+octet-stream";

/// A number of bytes: digits alone, and no more than fit.
pub fn number(value: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok()
}

/// Whether a header asks for the version that is spoken here.
pub fn is_version(value: &[u8]) -> bool {
    value == VERSION.as_bytes()
}

/// Whether a content type, without what stands behind a semicolon, is that of a piece.
pub fn is_piece(value: &[u8]) -> bool {
    let kind = std::str::from_utf8(value).unwrap_or_default();
    kind.split(';').next().map(str::trim) == Some(PIECE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for bad in [
            &b""[..],
            b"-1",
            b"+1",
            b" 1",
            b"1.0",
            b"0x1",
            b"18446744073709551616",
            "១".as_bytes(),
            b"\xff",
        ] {
            assert_eq!(number(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_piece_says_what_it_is() {
        assert!(is_piece(b"application/offset+octet-stream; charset=binary"));
        assert!(!is_piece(b"application/octet-stream") && !is_piece(b"\xff") && !is_piece(b""));
        assert!(is_version(b"1.0.0") && !is_version(b"1.0"));
    }
}
