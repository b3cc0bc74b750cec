//! The web map's static files, embedded in the program.

use std::collections::HashMap;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::tiles::vector::gzip;

/// Path within the bundle → contents; made by the build script from `web/dist`.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// One static file.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its contents.
    pub bytes: &'static [u8],
    /// Its media type.
    pub media_type: &'static str,
    /// Quoted entity tag, from its contents.
    pub etag: String,
    /// Whether its name carries a hash of its contents, so that it can be kept for ever.
    pub immutable: bool,
    gzipped: OnceLock<Vec<u8>>,
}

impl Asset {
    /// Its contents in HTTP's `gzip` coding, packed when they are first asked for; `None` where packing saves nothing.
    pub fn packed(&self) -> std::io::Result<Option<&[u8]>> {
        const ALSO: [&str; 4] = [
            "image/svg+xml",
            "application/wasm",
            "application/json",
            "application/manifest+json",
        ];
        if !self.media_type.starts_with("text/") && !ALSO.contains(&self.media_type) {
            return Ok(None);
        }
        if let Some(packed) = self.gzipped.get() {
            return Ok(Some(packed));
        }
        let packed = gzip(self.bytes)?;
        Ok(Some(self.gzipped.get_or_init(|| packed)))
    }
}

/// All static files.
#[derive(Debug)]
pub struct Bundle {
    assets: HashMap<&'static str, Asset>,
}

impl Bundle {
    /// The bundle that this program was built with.
    pub fn embedded() -> Self {
        let assets = FILES
            .iter()
            .map(|&(path, bytes)| (path, asset(path, bytes)))
            .collect();
        Self { assets }
    }

    /// The file at a path without a leading slash; `""` is the page itself.
    pub fn get(&self, path: &str) -> Option<&Asset> {
        self.assets.get(if path.is_empty() { "index.html" } else { path })
    }
}

/// The contents of the file whose path begins and ends so: names of built files carry a hash in the middle.
pub fn find(beginning: &str, end: &str) -> Option<&'static [u8]> {
    FILES
        .iter()
        .find(|(path, _)| path.starts_with(beginning) && path.ends_with(end))
        .map(|(_, bytes)| *bytes)
}

fn asset(path: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = Sha256::digest(bytes);
    let etag = format!("\"{}\"", hex(&digest[..12]));
    // Vite puts every file whose name carries a hash into a folder `assets`.
    Asset {
        bytes,
        media_type: media_type(path),
        etag,
        immutable: path.starts_with("assets/") || path.starts_with("field/assets/"),
        gzipped: OnceLock::new(),
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
            text
        })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_there_even_if_the_map_was_not_built() {
        let bundle = Bundle::embedded();
        let page = bundle.get("").unwrap();
        assert_eq!(page.media_type, "text/html; charset=utf-8");
        assert!(!page.immutable);
        assert!(bundle.get("no/such/file").is_none());
    }
}
