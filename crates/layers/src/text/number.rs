//! Numbers as people write them: with Khmer digits, with a comma for the point, with marks between the thousands.

/// What a written number may mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Readings {
    /// As a program would read it.
    pub plain: Option<f64>,
    /// As people may have meant it, where a program reads nothing or something else: `1,250` may be 1.25 or 1250.
    pub others: Vec<f64>,
}

/// All that a text may mean as a number; nothing where it is none.
pub(crate) fn readings(text: &str) -> Readings {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !super::is_ignorable(*c))
        .map(ascii_digit)
        .collect();
    let finite = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
    let (sign, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (&text[..1], body),
        None => ("", text.as_str()),
    };
    let marks = |mark: char| body.matches(mark).count();
    let mut written: Vec<Option<String>> = Vec::new();
    match (marks(','), marks('.')) {
        (0, 0) => {}
        (1, 0) => {
            written.push(decimals(body, ','));
            written.push(grouped(body, ','));
        }
        (_, 0) => written.push(grouped(body, ',')),
        (0, _) => written.push(grouped(body, '.')),
        _ => {
            // The later mark stands before the decimals.
            let (groups, point) = if body.rfind('.') > body.rfind(',') {
                (',', '.')
            } else {
                ('.', ',')
            };
            written.push(body.rsplit_once(point).and_then(|(whole, part)| {
                let whole = grouped(whole, groups)?;
                part.bytes()
                    .all(|b| b.is_ascii_digit())
                    .then(|| format!("{whole}.{part}"))
            }));
        }
    }
    let mut others: Vec<f64> = written
        .into_iter()
        .flatten()
        .filter_map(|number| finite(&format!("{sign}{number}")))
        .collect();
    others.dedup();
    Readings {
        plain: finite(&text),
        others,
    }
}

/// Khmer digits as 0 to 9.
pub(crate) fn ascii_digit(c: char) -> char {
    match c {
        '០'..='៩' => char::from_digit(u32::from(c) - u32::from('០'), 10).unwrap_or(c),
        other => other,
    }
}

/// `12,5` as `12.5`.
fn decimals(text: &str, mark: char) -> Option<String> {
    let (whole, part) = text.split_once(mark)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(part) && !whole.is_empty() && !part.is_empty())
        .then(|| format!("{whole}.{part}"))
}

/// `1,234,567` as `1234567`: three digits in every group but the first, which does not begin with a zero.
fn grouped(text: &str, mark: char) -> Option<String> {
    let mut groups = text.split(mark);
    let first = groups.next()?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let whole = digits(first) && first.len() <= 3 && !first.starts_with('0');
    (whole && groups.all(|group| digits(group) && group.len() == 3)).then(|| text.replace(mark, ""))
}

/// Degrees in one number, or in degrees, minutes and seconds: `104°54'30"E`, `N 11 33.5`. `sides` are the letters for the two
/// directions of this axis, the positive one first.
pub(crate) fn degrees(text: &str, sides: [char; 2]) -> Option<f64> {
    let mut negative = false;
    let mut lettered = false;
    let mut plain = String::with_capacity(text.len());
    for c in text.trim().chars().map(ascii_digit) {
        match c.to_ascii_uppercase() {
            letter if letter.is_ascii_alphabetic() && sides.contains(&letter) && !lettered => {
                lettered = true;
                negative = letter == sides[1];
                plain.push(' ');
            }
            '°' | 'º' | '˚' | '\'' | '’' | '′' | '"' | '”' | '″' | ':' => plain.push(' '),
            other => plain.push(other),
        }
    }
    let mut parts = plain.split_whitespace();
    let number = |part: &str| {
        part.replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite())
    };
    let whole = number(parts.next()?)?;
    let (mut found, mut before, mut part_of) = (whole.abs(), whole, 60.0);
    for part in parts {
        let part = number(part)?;
        // There are minutes and seconds, no more, and only the last has decimals.
        if !(0.0..60.0).contains(&part) || part_of > 3600.0 || before.fract() != 0.0 {
            return None;
        }
        found += part / part_of;
        before = part;
        part_of *= 60.0;
    }
    // A sign and a letter would contradict each other.
    if whole.is_sign_negative() && lettered {
        return None;
    }
    Some(if negative || whole.is_sign_negative() {
        -found
    } else {
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Option<f64>, Vec<f64>) {
        let Readings { plain, others } = readings(text);
        (plain, others)
    }

    #[test]
    fn numbers_are_read_in_every_way_that_they_may_be_meant() {
        assert_eq!(of("45"), (Some(45.0), vec![]));
        assert_eq!(of("៤៥"), (Some(45.0), vec![]));
        assert_eq!(of("-0.5"), (Some(-0.5), vec![]));
        assert_eq!(of("0,5"), (None, vec![0.5]));
        assert_eq!(of("-12,25"), (None, vec![-12.25]));
        assert_eq!(of("1,250"), (None, vec![1.25, 1250.0]));
        // A group does not begin with a zero.
        assert_eq!(of("0,250"), (None, vec![0.25]));
        assert_eq!(of("1.250"), (Some(1.25), vec![1250.0]));
        assert_eq!(of("1,234,567"), (None, vec![1_234_567.0]));
        assert_eq!(of("1.234.567"), (None, vec![1_234_567.0]));
        assert_eq!(of("1,234.5"), (None, vec![1234.5]));
        assert_eq!(of("1.234,5"), (None, vec![1234.5]));
        assert_eq!(of("12 000"), (Some(12_000.0), vec![]));
        for none in [
            "",
            "~40",
            "40-50",
            "1,23,456",
            "1.2.3,4,5",
            "inf",
            "NaN",
            ",5",
            "5,",
        ] {
            assert_eq!(of(none), (None, vec![]), "{none}");
        }
    }

    #[test]
    fn degrees_are_read_with_minutes_and_seconds_too() {
        let east = |text| degrees(text, ['E', 'W']);
        assert_eq!(east("104.9"), Some(104.9));
        assert_eq!(east("១០៤.៩"), Some(104.9));
        assert_eq!(east("104,9"), Some(104.9));
        for same in [
            "104°54'00\"E",
            "104 54 00 E",
            "E104°54′",
            "104:54",
            "104° 54.0' e",
        ] {
            assert!((east(same).unwrap() - 104.9).abs() < 1e-12, "{same}");
        }
        assert_eq!(degrees("11°33'36\"S", ['N', 'S']), Some(-11.56));
        assert_eq!(east("-104.5"), Some(-104.5));
        for none in [
            "104°61'",
            "104.5 30",
            "104 54.5 30",
            "104 54 30 10",
            "-104 W",
            "104 N",
            "",
            "E",
            "x",
        ] {
            assert_eq!(east(none), None, "{none}");
        }
    }
}
