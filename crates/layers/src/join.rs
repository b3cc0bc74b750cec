//! Tables joined to boundaries: by code where the names agree, else by name.

use std::collections::HashMap;

use crate::names::{Likeness, Names};

/// A boundary as a table may speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub code: String,
    pub en: Option<String>,
    pub km: Option<String>,
}

impl Place {
    pub fn names(&self) -> Names<'_> {
        Names::new(self.en.as_deref(), self.km.as_deref())
    }

    /// A name for people, else the code.
    pub fn label(&self) -> &str {
        self.names().en.or(self.names().km).unwrap_or(&self.code)
    }
}

/// The boundaries that tables are joined to.
#[derive(Debug, Default)]
pub(crate) struct Places {
    all: Vec<Place>,
    by_code: HashMap<String, usize>,
}

/// What a record of a table was joined to: the index of a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// The boundary of its code, whose name is the record's too.
    ByCodeAndName(usize),
    /// The boundary of its code; one of them has no name to compare.
    ByCode(usize),
    /// The boundary of its name, which has another code.
    ByName(usize),
    /// None: the boundary of its code has another name, and no boundary has the record's.
    OtherPlace(usize),
    /// None: no boundary has its code or its name.
    Nowhere,
}

impl Joined {
    /// The boundary.
    pub fn place(self) -> Option<usize> {
        match self {
            Self::ByCodeAndName(at) | Self::ByCode(at) | Self::ByName(at) => Some(at),
            Self::OtherPlace(_) | Self::Nowhere => None,
        }
    }
}

impl Places {
    /// Of several boundaries with one code the first counts.
    pub fn new(all: Vec<Place>) -> Self {
        let mut by_code = HashMap::new();
        for (index, place) in all.iter().enumerate() {
            by_code.entry(place.code.clone()).or_insert(index);
        }
        Self { all, by_code }
    }

    pub fn all(&self) -> &[Place] {
        &self.all
    }

    /// What a record with this code and these names is joined to.
    pub fn join(&self, code: &str, names: Names<'_>) -> Joined {
        let of_code = self.by_code.get(code).copied();
        match of_code.map(|at| (at, names.compared(self.all[at].names()))) {
            Some((at, Likeness::Same)) => Joined::ByCodeAndName(at),
            Some((at, Likeness::Unknown)) => Joined::ByCode(at),
            Some((at, Likeness::Different)) => self
                .named(code.len(), names)
                .map_or(Joined::OtherPlace(at), Joined::ByName),
            None => self
                .named(code.len(), names)
                .map_or(Joined::Nowhere, Joined::ByName),
        }
    }

    /// The only boundary of a level that has this name.
    fn named(&self, digits: usize, names: Names<'_>) -> Option<usize> {
        let level: Vec<usize> = (0..self.all.len())
            .filter(|&at| self.all[at].code.len() == digits)
            .collect();
        let found = names.find(level.iter().map(|&at| self.all[at].names()))?;
        Some(level[found])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(code: &str, en: &str) -> Place {
        Place {
            code: code.into(),
            en: (!en.is_empty()).then(|| en.to_owned()),
            km: None,
        }
    }

    #[test]
    fn a_code_is_believed_only_where_the_names_agree() {
        let places = Places::new(vec![
            place("120101", "Alpha"),
            place("120102", "Borey"),
            place("120103", ""),
            place("1201", "Borey"),
        ]);
        let join = |code, en| places.join(code, Names::new(Some(en), None));
        assert_eq!(join("120101", "alpha"), Joined::ByCodeAndName(0));
        assert_eq!(join("120101", "Borey"), Joined::ByName(1));
        assert_eq!(join("120101", "Cheung"), Joined::OtherPlace(0));
        assert_eq!(join("120999", "Borey"), Joined::ByName(1));
        assert_eq!(join("120999", "Cheung"), Joined::Nowhere);
        assert_eq!(join("120103", "Cheung"), Joined::ByCode(2));
        assert_eq!(places.join("120999", Names::default()), Joined::Nowhere);
    }
}
