//! Numbers as text: coordinates with a fixed number of decimals, trailing zeros left out.

/// Writes a finite number, rounded to `decimals` places after the point. Meant for coordinates: magnitudes up to 10⁹.
pub fn push_fixed(out: &mut Vec<u8>, value: f64, decimals: u32) {
    const POWERS: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    let scale = POWERS[decimals.min(9) as usize];
    let scaled = (value * scale).round();
    let negative = scaled < 0.0;
    let mut rest = scaled.abs() as u64;
    // Digits from the right; the fraction's trailing zeros never become any.
    let mut digits = [0_u8; 24];
    let mut at = digits.len();
    let mut fraction_begun = false;
    for _ in 0..decimals.min(9) {
        let digit = (rest % 10) as u8;
        rest /= 10;
        if fraction_begun || digit != 0 {
            fraction_begun = true;
            at -= 1;
            digits[at] = b'0' + digit;
        }
    }
    if fraction_begun {
        at -= 1;
        digits[at] = b'.';
    }
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if negative && scaled != 0.0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Writes a whole number.
pub fn push_integer(out: &mut Vec<u8>, value: i64) {
    use std::io::Write;
    // Writing into memory cannot fail.
    let _ = write!(out, "{value}");
}

/// Writes a finite number in the shortest form that reads back the same.
pub fn push_float(out: &mut Vec<u8>, value: f64) {
    if value.fract().abs() <= 0.0 && value.abs() < 1e15 {
        return push_integer(out, value as i64);
    }
    // `null` for what is no number, which is never stored.
    if serde_json::to_writer(&mut *out, &value).is_err() {
        out.extend_from_slice(b"null");
    }
}

/// Writes a JSON string.
pub fn push_json_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut clean = 0;
    for (i, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[clean..i]);
        clean = i + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => {
                out.extend_from_slice(b"\\u00");
                for digit in [other >> 4, other & 15] {
                    out.push(b"0123456789abcdef"[usize::from(digit)]);
                }
            }
        }
    }
    out.extend_from_slice(&text.as_bytes()[clean..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fixed(value: f64, decimals: u32) -> String {
        let mut out = Vec::new();
        push_fixed(&mut out, value, decimals);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn coordinates() {
        assert_eq!(fixed(104.9, 7), "104.9");
        assert_eq!(fixed(104.123_456_789, 7), "104.1234568");
        assert_eq!(fixed(-0.000_000_01, 7), "0");
        assert_eq!(fixed(-0.5, 3), "-0.5");
        assert_eq!(fixed(1_000.0, 3), "1000");
        assert_eq!(fixed(0.000_000_1, 7), "0.0000001");
        assert_eq!(fixed(20_037_508.342_789, 3), "20037508.343");
    }

    proptest! {
        #[test]
        fn a_coordinate_reads_back_within_half_a_unit(value in -3e7_f64..3e7, decimals in 0_u32..8) {
            let back: f64 = fixed(value, decimals).parse().unwrap();
            prop_assert!((back - value).abs() <= 0.5 * 10_f64.powi(-decimals.cast_signed()) + value.abs() * 1e-15);
        }

        #[test]
        fn texts_and_numbers_are_the_json_they_mean(text in ".*", number in proptest::num::f64::NORMAL) {
            let mut out = Vec::new();
            push_json_text(&mut out, &text);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            out.clear();
            push_float(&mut out, number);
            prop_assert_eq!(serde_json::from_slice::<f64>(&out).unwrap().to_bits(), number.to_bits());
        }
    }
}
