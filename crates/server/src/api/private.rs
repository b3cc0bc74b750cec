//! What only some may see is kept by nobody who is asked by others too.

use axum::http::{HeaderMap, HeaderValue, header};

/// Whoever keeps an answer has to look at these to know whose it is.
const WHOSE: &str = "authorization, cookie";

/// Says that an answer is its asker's alone: however long it may be kept, a cache that others share must not keep it. What says nothing about
/// keeping is asked for again before each use.
pub fn for_its_owner_alone(headers: &mut HeaderMap) {
    let said = headers
        .get(header::CACHE_CONTROL)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("no-cache");
    if !said.contains("no-store") && !said.contains("private") {
        let kept = said.split(',').map(str::trim).filter(|word| *word != "public");
        let own: Vec<&str> = std::iter::once("private").chain(kept).collect();
        if let Ok(own) = HeaderValue::from_str(&own.join(", ")) {
            headers.insert(header::CACHE_CONTROL, own);
        }
    }
    vary(headers, WHOSE);
}

/// Adds to what an answer depends on, in one header, each name once.
pub fn vary(headers: &mut HeaderMap, more: &str) {
    let mut names: Vec<String> = Vec::new();
    let before: Vec<String> = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(str::to_owned)
        .collect();
    for name in before
        .iter()
        .map(String::as_str)
        .chain([more])
        .flat_map(|line| line.split(','))
    {
        let name = name.trim().to_ascii_lowercase();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    if let Ok(all) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(header::VARY, all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_public() {
        for (said, expected) in [
            (None, "private, no-cache"),
            (
                Some("public, max-age=9, immutable"),
                "private, max-age=9, immutable",
            ),
            (Some("no-cache"), "private, no-cache"),
            (Some("private, max-age=9"), "private, max-age=9"),
            (Some("no-store"), "no-store"),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(said) = said {
                headers.insert(header::CACHE_CONTROL, said.parse().unwrap());
            }
            headers.append(header::VARY, "Accept-Encoding".parse().unwrap());
            headers.append(header::VARY, "cookie".parse().unwrap());
            for_its_owner_alone(&mut headers);
            assert_eq!(headers[header::CACHE_CONTROL], expected);
            assert_eq!(headers[header::VARY], "accept-encoding, cookie, authorization");
        }
    }
}
