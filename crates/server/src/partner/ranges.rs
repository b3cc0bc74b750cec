//! The `Range` header (RFC 9110, 14.2): how a broken download is taken up again and how readers fetch parts of large files.

use crate::api::error::ApiError;

/// What of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    All,
    /// From a byte to a byte, both included.
    Part {
        /// The first.
        start: u64,
        /// The last.
        end: u64,
    },
}

/// Understands the header. Several ranges at once, and what is no range of bytes, get the whole file, as the standard allows.
pub fn wanted(header: Option<&str>, length: u64) -> Result<Wanted, ApiError> {
    let Some((first, last)) = header
        .and_then(|text| text.trim().strip_prefix("bytes="))
        .and_then(|r| r.split_once('-'))
    else {
        return Ok(Wanted::All);
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (start, end) = match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            Some(0) => return Err(ApiError::no_such_range(length)),
            Some(n) => (length.saturating_sub(n), length.saturating_sub(1)),
            None => return Ok(Wanted::All),
        },
        (start, "") => match number(start) {
            Some(start) => (start, length.saturating_sub(1)),
            None => return Ok(Wanted::All),
        },
        (start, end) => match (number(start), number(end)) {
            (Some(start), Some(end)) if start <= end => (start, end.min(length.saturating_sub(1))),
            _ => return Ok(Wanted::All),
        },
    };
    if start >= length {
        return Err(ApiError::no_such_range(length));
    }
    Ok(Wanted::Part { start, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let part = |start, end| Some(Wanted::Part { start, end });
        let cases = [
            (None, Some(Wanted::All)),
            (Some("bytes=0-9"), part(0, 9)),
            (Some("bytes=90-"), part(90, 99)),
            (Some("bytes=90-1000"), part(90, 99)),
            (Some("bytes=-10"), part(90, 99)),
            (Some("bytes=-1000"), part(0, 99)),
            (Some("bytes=100-"), None),
            (Some("bytes=-0"), None),
            (Some("bytes=9-0"), Some(Wanted::All)),
            (Some("bytes=0-1,5-6"), Some(Wanted::All)),
            (Some("lines=0-1"), Some(Wanted::All)),
            (Some("bytes=99999999999999999999-"), Some(Wanted::All)),
        ];
        for (header, expected) in cases {
            assert_eq!(wanted(header, 100).ok(), expected, "{header:?}");
        }
        assert!(wanted(Some("bytes=0-"), 0).is_err());
    }
}
