//! What a photo or sound is, as its first bytes tell it. Files that are neither are not kept.

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Media {
    /// Its media type.
    pub kind: &'static str,
    /// How its name ends.
    pub ending: &'static str,
}

/// What these bytes are.
pub(crate) fn media_of(bytes: &[u8]) -> Media {
    let (kind, ending) = match bytes {
        [0xff, 0xd8, ..] => ("image/jpeg", "jpg"),
        [0x89, b'P', ..] => ("image/png", "png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', ..] => ("image/webp", "webp"),
        [b'R', b'I', b'F', b'F', ..] => ("audio/wav", "wav"),
        [b'O', b'g', ..] => ("audio/ogg", "ogg"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand {
            [b'h', b'e', ..] | [b'm', b'i' | b's', b'f', ..] => ("image/heic", "heic"),
            [b'a', b'v', ..] => ("image/avif", "avif"),
            [b'M', b'4', b'A', ..] => ("audio/mp4", "m4a"),
            [b'3', b'g', ..] => ("audio/3gpp", "3gp"),
            _ => ("video/mp4", "mp4"),
        },
        [0x1a, 0x45, ..] => ("audio/webm", "webm"),
        [b'#', b'!', ..] => ("audio/amr", "amr"),
        _ => ("audio/mpeg", "mp3"),
    };
    Media { kind, ending }
}

#[cfg(test)]
mod tests {
    use super::media_of;

    #[test]
    fn the_first_bytes_tell_what_a_file_is() {
        for (bytes, ending) in [
            (&b"\xff\xd8\xff\xe0"[..], "jpg"),
            (b"\x89PNG\r\n", "png"),
            (b"RIFF\0\0\0\0WEBP", "webp"),
            (b"RIFF\0\0\0\0WAVE", "wav"),
            (b"\0\0\0\x18ftypM4A ", "m4a"),
            (b"\0\0\0\x18ftypheic", "heic"),
            (b"\0\0\0\x18ftypmif1", "heic"),
            (b"\0\0\0\x18ftypavif", "avif"),
            (b"\0\0\0\x18ftypisom", "mp4"),
            (b"OggS", "ogg"),
            (b"#!AMR", "amr"),
            (b"ID3\x03", "mp3"),
            (b"", "mp3"),
        ] {
            assert_eq!(media_of(bytes).ending, ending, "{bytes:?}");
        }
    }
}
