//! What a client prefers (RFC 9110, 12.4 and 12.5): the one reader of `Accept`, `Accept-Encoding` and `Accept-Language`.

use axum::http::{HeaderMap, HeaderName, header};

/// One member of a list with weights.
#[derive(Debug, Clone, PartialEq)]
struct Preference {
    /// In lower case, without its parameters.
    value: String,
    /// 0 (never) to 1.
    weight: f64,
}

/// The members of a header, in the order in which they stand. `None` where there is no such header, or nothing in it.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<Preference>> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let members = lines.flat_map(|line| line.split(',')).filter_map(member);
    let members: Vec<Preference> = members.collect();
    (!members.is_empty()).then_some(members)
}

fn member(text: &str) -> Option<Preference> {
    let mut parts = text.split(';');
    let value = parts.next()?.trim().to_ascii_lowercase();
    if value.is_empty() {
        return None;
    }
    let weight = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Some(1.0), |(_, weight)| quality(weight.trim()));
    // A weight that is none says nothing about what stands before it.
    weight.map(|weight| Preference { value, weight })
}

/// `0`, `0.5`, `1.000`: at most three digits after the point.
fn quality(text: &str) -> Option<f64> {
    let plain = text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse()
        .ok()
        .filter(|weight: &f64| plain && (0.0..=1.0).contains(weight))
}

/// How well a media type is liked, and where in the header it is said. The most specific range that covers it decides.
fn liking(accepted: &[Preference], media_type: &str) -> Option<(f64, usize)> {
    let kind = media_type.split('/').next().unwrap_or_default();
    let specific = |range: &str| match range.split_once('/') {
        _ if range == media_type => 3,
        Some(("*", "*")) => 1,
        Some((of, "*")) if of == kind => 2,
        _ => 0,
    };
    let found = accepted.iter().enumerate();
    found
        .map(|(place, range)| (specific(&range.value), range.weight, place))
        .filter(|(specific, ..)| *specific > 0)
        .max_by(|a, b| a.0.cmp(&b.0).then(b.2.cmp(&a.2)))
        .map(|(_, weight, place)| (weight, place))
}

/// The place of the best of `offers`, each of which bears several media types; without the header the first. `None` if none is accepted.
///
/// Of those that are liked equally the one that the client names first wins.
pub fn media_type(headers: &HeaderMap, offers: &[&[&str]]) -> Option<usize> {
    let Some(accepted) = list(headers, &header::ACCEPT) else {
        return (!offers.is_empty()).then_some(0);
    };
    let mut best: Option<(usize, f64, usize)> = None;
    for (offer, types) in offers.iter().enumerate() {
        let likings = types.iter().filter_map(|kind| liking(&accepted, kind));
        for (weight, place) in likings.filter(|(weight, _)| *weight > 0.0) {
            if best.is_none_or(|(_, most, first)| weight > most || (weight >= most && place < first)) {
                best = Some((offer, weight, place));
            }
        }
    }
    best.map(|(offer, ..)| offer)
}

/// Whether an answer may be sent in this content coding, and no other is liked better than it.
pub fn takes_coding(headers: &HeaderMap, coding: &str) -> bool {
    let Some(accepted) = list(headers, &header::ACCEPT_ENCODING) else {
        return false;
    };
    let said = |name: &str| {
        let exact = accepted.iter().find(|one| one.value == name);
        exact.map(|one| one.weight)
    };
    let any = said("*");
    let weight = said(coding).or(any).unwrap_or(0.0);
    weight > 0.0 && weight >= said("identity").unwrap_or(0.0)
}

/// The best liked of `languages` (two letters); a region after them, as in `km-KH`, does not matter. `None` where none is named.
pub fn language<'a>(headers: &HeaderMap, languages: &[&'a str]) -> Option<&'a str> {
    let accepted = list(headers, &header::ACCEPT_LANGUAGE)?;
    let mut best: Option<(&str, f64)> = None;
    for one in &accepted {
        let named = one.value.split('-').next().unwrap_or_default();
        let found = languages.iter().find(|language| **language == named);
        if let Some(language) = found
            && one.weight > best.map_or(0.0, |(_, most)| most)
        {
            best = Some((language, one.weight));
        }
    }
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &[&str] = &["application/json", "application/geo+json"];
    const HTML: &[&str] = &["text/html"];

    #[allow(clippy::needless_pass_by_value, reason = "names come as constants")]
    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn weights_decide_between_media_types() {
        let cases: [(&[&str], Option<usize>); 18] = [
            (&[], Some(0)),
            (&[""], Some(0)),
            (&["*/*"], Some(0)),
            (&["text/html;q=0.1,application/json"], Some(0)),
            (&["text/html;q=0.2", "application/json;q=0.1"], Some(1)),
            (
                &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
                Some(1),
            ),
            (&["application/geo+json"], Some(0)),
            (&["APPLICATION/JSON ; Q=0.5 , text/html ; q=0.4"], Some(0)),
            (&["text/*, application/*;q=0.9"], Some(1)),
            (&["text/html;q=0, */*"], Some(0)),
            (&["application/json;q=0, application/geo+json;q=0, */*"], Some(1)),
            (&["*/*;q=0.9, application/*;q=0.1, text/html;q=0.5"], Some(1)),
            (&["text/html, application/json"], Some(1)),
            (&["application/json, text/html"], Some(0)),
            (&["text/html;level=1"], Some(1)),
            (&["image/png"], None),
            (&["*/*;q=0"], None),
            (&["text/html;q=2, application/json;q=0.1"], Some(0)),
        ];
        for (values, expected) in cases {
            let found = media_type(&headers(header::ACCEPT, values), &[JSON, HTML]);
            assert_eq!(found, expected, "{values:?}");
        }
    }

    #[test]
    fn codings_are_taken_where_nothing_else_is_liked_better() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("*;q=0.000", false),
            ("identity", false),
            ("gzip;q=0.3, identity;q=0.8", false),
            ("deflate", false),
        ] {
            let asked = headers(header::ACCEPT_ENCODING, &[value]);
            assert_eq!(takes_coding(&asked, "gzip"), expected, "{value}");
        }
        assert!(!takes_coding(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn languages_by_weight() {
        let ours = ["en", "km"];
        for (value, expected) in [
            ("km-KH, en;q=0.5", Some("km")),
            ("en;q=0.3, km;q=0.4", Some("km")),
            ("fr, EN-gb;q=0.2", Some("en")),
            ("km;q=0, en;q=0.1", Some("en")),
            ("fr", None),
        ] {
            assert_eq!(
                language(&headers(header::ACCEPT_LANGUAGE, &[value]), &ours),
                expected,
                "{value}"
            );
        }
    }
}
