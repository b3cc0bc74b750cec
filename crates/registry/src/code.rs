//! A household's code: what stands on its card.
//!
//! Eight characters of Crockford's base 32 (40 bits) and a check character, written `K7QM-2X9P-C`. A code means nothing. It leaves out the
//! letters I, L, O and U, and reading forgives what people mix up: small letters, `O` for `0`, `I` and `L` for `1`, Khmer digits, hyphens
//! and blanks anywhere or nowhere. The check character is the code's number modulo 37 (a prime, so that one wrong character or two that
//! changed places are always found). Crockford gives the remainders 32 to 36 signs such as `*` and `$`, which are poor on a card: codes with
//! these remainders are never made.

use std::fmt;
use std::str::FromStr;

const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code without its check character.
const LENGTH: usize = 8;
const CODES: u64 = 1 << (5 * LENGTH);
const CHECK: u64 = 37;

/// A household's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HouseholdCode(u64);

/// Why a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// A character that stands in no code; which one, counted from 1 without hyphens and blanks.
    #[error("character {0} stands in no code: a code has digits and letters, without I, L, O and U")]
    Character(usize),
    /// Too few or too many characters; how many there are without hyphens and blanks.
    #[error("a code has 9 characters; this one has {0}")]
    Length(usize),
    /// The check character does not fit.
    #[error(
        "one character is wrong, or two have changed places: the last character, which checks the code, does not fit"
    )]
    Check,
}

impl HouseholdCode {
    /// A code from five random bytes. The caller sees to it that no other household has it: among 200,000 households one in fifty
    /// deployments meets a code twice.
    pub fn new(random: [u8; 5]) -> Self {
        let mut number = random
            .iter()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte));
        // At most five steps.
        while number % CHECK >= 32 {
            number = (number + 1) % CODES;
        }
        Self(number)
    }

    /// The code without hyphens, as it is stored and compared: nine characters.
    pub fn plain(self) -> String {
        let signs = (0..LENGTH)
            .rev()
            .map(|place| self.0 >> (5 * place))
            .chain([self.0 % CHECK]);
        signs.map(sign).collect()
    }
}

fn sign(number: u64) -> char {
    char::from(SIGNS[(number % 32) as usize])
}

/// The number of a character as people write it.
fn number(c: char) -> Option<u64> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        digit @ '០'..='៩' => char::from_digit(u32::from(digit) - u32::from('០'), 10)?,
        c => c,
    };
    let at = SIGNS.iter().position(|sign| char::from(*sign) == c)?;
    Some(at as u64)
}

fn is_passed_over(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '_' | '.' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        // Signs that are not seen.
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

impl FromStr for HouseholdCode {
    type Err = NoCode;

    fn from_str(text: &str) -> Result<Self, NoCode> {
        let mut read = 0_u64;
        let mut check = 0;
        let mut length = 0;
        for c in text.chars().filter(|c| !is_passed_over(*c)) {
            length += 1;
            let number = number(c).ok_or(NoCode::Character(length))?;
            if length <= LENGTH {
                read = (read << 5) | number;
            }
            check = number;
        }
        if length != LENGTH + 1 {
            return Err(NoCode::Length(length));
        }
        if read % CHECK != check {
            return Err(NoCode::Check);
        }
        Ok(Self(read))
    }
}

impl fmt::Display for HouseholdCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain();
        write!(f, "{}-{}-{}", &plain[..4], &plain[4..8], &plain[8..])
    }
}

impl serde::Serialize for HouseholdCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reading_forgives_what_people_mix_up() {
        let code = HouseholdCode::new([0, 66, 132, 63, 248]);
        let written = code.to_string();
        assert_eq!(written, "0118-8FZR-M");
        for text in [
            "01188fzrm",
            "OI L8-8fzr-m",
            "o1l8 8FZR M",
            "០១១៨-៨FZR-M",
            "\u{200b}0118\u{2013}8FZR\u{2013}M\n",
        ] {
            assert_eq!(text.parse(), Ok(code), "{text}");
        }
    }

    #[test]
    fn other_texts_are_told_what_is_wrong() {
        for (text, no) in [
            ("", NoCode::Length(0)),
            ("0118-8FZR", NoCode::Length(8)),
            ("0118-8FZR-MM", NoCode::Length(10)),
            ("0118-8FUR-M", NoCode::Character(7)),
            ("0118-8FZR-*", NoCode::Character(9)),
            ("0118-8FZR-3", NoCode::Check),
        ] {
            assert_eq!(text.parse::<HouseholdCode>(), Err(no), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_character_or_two_that_changed_places_are_found(
            random in any::<[u8; 5]>(), at in 0_usize..9, other in 0_usize..32,
        ) {
            let code = HouseholdCode::new(random);
            let plain = code.plain();
            prop_assert_eq!(plain.parse(), Ok(code));
            prop_assert_eq!(code.to_string().parse(), Ok(code));
            let mut wrong = plain.clone().into_bytes();
            wrong[at] = SIGNS[other];
            let wrong = String::from_utf8(wrong).unwrap();
            if wrong != plain {
                prop_assert_eq!(wrong.parse::<HouseholdCode>(), Err(NoCode::Check));
            }
            let mut swapped = plain.clone().into_bytes();
            swapped.swap(at, (at + 1) % 9);
            let swapped = String::from_utf8(swapped).unwrap();
            if at < 8 && swapped != plain {
                prop_assert_eq!(swapped.parse::<HouseholdCode>(), Err(NoCode::Check));
            }
        }
    }
}
