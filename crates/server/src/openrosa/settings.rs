//! The settings that ODK Collect reads from a QR code: JSON, packed with zlib, in base 64.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Value, json};

/// The settings of a worker's project. `server` is the public address of this server.
pub fn of(server: &str, token: &str, project: &str) -> Value {
    json!({
        "general": {
            "server_url": format!("{}/odk/key/{token}", server.trim_end_matches('/')),
            "app_language": "km",
            // The phone's forms are those of the server, no more and no fewer, and finished ones are sent as soon as there is a network.
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "image_size": "small",
            "delete_send": true,
        },
        // Whoever finds the phone changes neither the server nor its address.
        "admin": {"change_server": false, "admin_pw": ""},
        "project": {"name": project, "icon": "P", "color": "#0d6e6e"},
    })
}

/// What the QR code holds.
pub fn packed(settings: &Value) -> std::io::Result<String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(settings.to_string().as_bytes())?;
    Ok(base64(&encoder.finish()?))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let all = group
            .iter()
            .enumerate()
            .fold(0_u32, |all, (i, byte)| all | (u32::from(*byte) << (16 - 8 * i)));
        for i in 0..4 {
            if i <= group.len() {
                out.push(char::from(SIGNS[((all >> (18 - 6 * i)) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_that_of_the_standard() {
        // RFC 4648, section 10.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn collect_unpacks_what_was_packed() {
        let settings = of("https://example.org/", "phteaho_x", "North");
        assert_eq!(
            settings["general"]["server_url"],
            "https://example.org/odk/key/phteaho_x"
        );
        let text = packed(&settings).unwrap();
        // A zlib stream begins with 0x78; at the best compression 0xda follows.
        assert!(text.starts_with("eN"), "{text}");
        assert!(
            text.len() < 800,
            "{} characters make a QR code that is hard to scan",
            text.len()
        );
        let signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bits: String = text
            .trim_end_matches('=')
            .chars()
            .map(|sign| format!("{:06b}", signs.find(sign).unwrap()))
            .collect();
        let bytes: Vec<u8> = (0..bits.len() / 8)
            .map(|n| u8::from_str_radix(&bits[8 * n..8 * n + 8], 2).unwrap())
            .collect();
        let mut inflated = String::new();
        std::io::Read::read_to_string(
            &mut flate2::read::ZlibDecoder::new(bytes.as_slice()),
            &mut inflated,
        )
        .unwrap();
        assert_eq!(serde_json::from_str::<Value>(&inflated).unwrap(), settings);
    }
}
