//! The ids of what the registry knows.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is no id of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoId {
    /// Not a UUID in its common form (36 characters, with hyphens).
    #[error("this is no UUID in its common form, 36 characters with hyphens")]
    NoUuid,
    /// A UUID of another version than the one that is asked for.
    #[error("this is a UUID, but not of version {0}")]
    Version(u8),
}

/// Reads the 36 characters of a UUID; capitals are read too.
fn hyphenated(text: &str) -> Result<Uuid, NoId> {
    if text.len() != 36 {
        return Err(NoId::NoUuid);
    }
    Uuid::try_parse(text).map_err(|_| NoId::NoUuid)
}

/// A UUID of one version and of the variant of RFC 9562.
fn of_version(text: &str, version: u8) -> Result<Uuid, NoId> {
    let uuid = hyphenated(text)?;
    let fits = uuid.get_version_num() == usize::from(version) && uuid.get_variant() == uuid::Variant::RFC4122;
    fits.then_some(uuid).ok_or(NoId::Version(version))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id as a UUID.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = NoId;

            fn from_str(text: &str) -> Result<Self, NoId> {
                let read: fn(&str) -> Result<Uuid, NoId> = $read;
                read(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// The id of an event: a UUID of version 7, made on the device that recorded it.
    EventId, |text| of_version(text, 7)
}

id! {
    /// The id of a household: a UUID of version 4 (ODK Collect makes no other offline).
    HouseholdId, |text| of_version(text, 4)
}

id! {
    /// The id of a member of a household: a UUID of any version, the same for life, also after a split or a merge.
    MemberId, |text| hyphenated(text).and_then(|uuid| if uuid.is_nil() { Err(NoId::NoUuid) } else { Ok(uuid) })
}

impl EventId {
    /// The id that a device makes at `at` (by its own clock), with ten random bytes.
    ///
    /// Times before 1970 count as 1970, as a version 7 UUID tells no others.
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The time at which the device made the id, by its own clock. Nothing in the fold depends on it.
    ///
    /// None where the id tells a time past the year 9999.
    pub fn made_at(self) -> Option<Timestamp> {
        let bytes = self.0.as_bytes();
        let millis = bytes[..6]
            .iter()
            .fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
        Timestamp::from_millisecond(millis).ok()
    }
}

impl HouseholdId {
    /// A household's id from sixteen random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(random).into_uuid())
    }
}

impl MemberId {
    /// A member's id from sixteen random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_made() {
        let at: Timestamp = "2026-11-20T03:10:00Z".parse().unwrap();
        let id = EventId::new(at, [7; 10]);
        assert_eq!(id.made_at(), Some(at));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
    }

    #[test]
    fn each_id_is_of_its_version() {
        let v4 = HouseholdId::new([1; 16]).to_string();
        let v7 = EventId::new(Timestamp::UNIX_EPOCH, [1; 10]).to_string();
        assert_eq!(v4.parse::<EventId>(), Err(NoId::Version(7)));
        assert_eq!(v7.parse::<HouseholdId>(), Err(NoId::Version(4)));
        for text in [
            "",
            "x",
            &v4.replace('-', ""),
            &format!("{{{v4}}}"),
            "ក".repeat(12).as_str(),
        ] {
            assert_eq!(text.parse::<HouseholdId>(), Err(NoId::NoUuid));
        }
    }
}
