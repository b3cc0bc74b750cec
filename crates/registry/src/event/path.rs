//! Where a fact stands.

use std::fmt;
use std::str::FromStr;

use super::id::MemberId;

/// Most bytes of a path.
pub const MAX_PATH: usize = 200;

/// Where a fact stands: `head.sex`, `dwelling.tenure`, `members/<id>/birth_year`.
///
/// A path is names joined by dots; each name starts with a small letter of the Latin alphabet and goes on with small letters, digits or
/// `_`. What there may be several of stands between slashes: the group's name, the id of the one that is meant, and the names. A member's id
/// is a UUID in small letters; ids in other groups are letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactPath(Box<str>);

/// A text that is no path of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a fact's path is names in small Latin letters joined by dots, such as dwelling.tenure, or members/<id>/birth_year with the member's id in small letters"
)]
pub struct NoPath;

impl FactPath {
    /// The path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The member that the fact is about, if it is about one.
    pub fn member(&self) -> Option<MemberId> {
        let (id, _) = self.0.strip_prefix("members/")?.split_once('/')?;
        id.parse().ok()
    }

    /// The path's names within its group: `birth_year` of `members/<id>/birth_year`; the whole path where there is no group.
    pub fn field(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The path of a member's fact.
    ///
    /// ```
    /// use phteah_registry::event::{FactPath, MemberId};
    /// let path = FactPath::of_member(MemberId::new([1; 16]), "birth_year").unwrap();
    /// assert_eq!(path.field(), "birth_year");
    /// ```
    pub fn of_member(member: MemberId, field: &str) -> Result<Self, NoPath> {
        format!("members/{member}/{field}").parse()
    }
}

impl FromStr for FactPath {
    type Err = NoPath;

    fn from_str(text: &str) -> Result<Self, NoPath> {
        if text.len() > MAX_PATH {
            return Err(NoPath);
        }
        let parts: Vec<&str> = text.split('/').collect();
        let is_path = match parts.as_slice() {
            [names] => are_names(names),
            ["members", id, names] => {
                id.parse::<MemberId>().is_ok()
                    && !id.contains(|c: char| c.is_ascii_uppercase())
                    && are_names(names)
            }
            [group, id, names] => is_name(group) && is_key(id) && are_names(names),
            _ => false,
        };
        is_path.then(|| Self(text.into())).ok_or(NoPath)
    }
}

impl fmt::Display for FactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for FactPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl serde::Serialize for FactPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn are_names(text: &str) -> bool {
    text.split('.').all(is_name)
}

/// Whether a text is one name: a small Latin letter, then small letters, digits and `_`.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_other_texts() {
        let id = MemberId::new([0xab; 16]);
        for good in [
            "head.sex",
            "size",
            "dwelling.tenure",
            "loans/1/interest_month",
            &format!("members/{id}/name"),
        ] {
            assert!(good.parse::<FactPath>().is_ok(), "{good}");
        }
        let capital = format!("members/{}/name", id.to_string().to_uppercase());
        for bad in [
            "",
            ".",
            "/",
            "Head.sex",
            "head..sex",
            "head.",
            "head/sex",
            "members/7/name",
            "members//name",
            &capital,
            "a/b/c/d",
            "ផ្ទះ",
            "head sex",
            "__proto__",
            "1a",
            &"a".repeat(MAX_PATH + 1),
        ] {
            assert_eq!(bad.parse::<FactPath>(), Err(NoPath), "{bad}");
        }
    }

    #[test]
    fn a_path_tells_its_member() {
        let id = MemberId::new([9; 16]);
        let path = FactPath::of_member(id, "school.attends").unwrap();
        assert_eq!((path.member(), path.field()), (Some(id), "school.attends"));
        assert_eq!("head.sex".parse::<FactPath>().unwrap().member(), None);
    }
}
