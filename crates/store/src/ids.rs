//! Ids of accounts, teams, devices and sessions: sixteen hexadecimal digits each, drawn at random, that prove nothing.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::sql::{FromSql, ToSql, Value};

/// Random bytes in an id.
pub(crate) const ID_BYTES: usize = 8;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            pub(crate) fn new(entropy: [u8; ID_BYTES]) -> Self {
                Self(hex(&entropy))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NoId;

            fn from_str(text: &str) -> Result<Self, NoId> {
                let is_id = text.len() == 2 * ID_BYTES
                    && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                if is_id { Ok(Self(text.to_owned())) } else { Err(NoId) }
            }
        }

        impl ToSql for $name {
            fn to_value(&self) -> Value<'_> {
                Value::Text(&self.0)
            }
        }

        impl FromSql for $name {
            fn from_value(value: Value<'_>) -> Option<Self> {
                match value {
                    Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    };
}

id!(
    /// Names an account: a person who may sign in or carries a device.
    AccountId
);
id!(
    /// Names a team.
    TeamId
);
id!(
    /// Names an enrolled device.
    DeviceId
);
id!(
    /// Names a session of an account in a browser; not what proves it.
    SessionId
);

/// A text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("An id is sixteen digits of 0-9 and a-f.")]
pub struct NoId;

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes that hexadecimal digits, in either case, are; `None` where they are not so many.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_digits = text.len() == 2 * N && text.bytes().all(|b| b.is_ascii_hexdigit());
    let mut bytes = [0; N];
    for (i, byte) in bytes.iter_mut().enumerate() {
        let digits = text.get(2 * i..2 * i + 2).filter(|_| is_digits)?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

/// A part of the random bytes that a method was given.
pub(crate) fn part<const N: usize>(entropy: &[u8], from: usize) -> [u8; N] {
    std::array::from_fn(|i| entropy[from + i])
}
