//! Which features, which fields, in which order and CRS: the parameters of an address, checked all at once.

use phteah_layers::Field;

use super::conditions::Conditions;
use super::crs::OutCrs;
use super::source::VisibleLayer;
use super::token::Place;
use crate::api::error::{ApiError, Detail};
use crate::partner::cql2::compile::{Compiled, GEOMETRY};
use crate::partner::cql2::{self, FilterError};

/// Features on a page where the address does not say.
pub const DEFAULT_LIMIT: usize = 10;

/// The most features on a page; who asks for more gets so many.
pub const MAX_LIMIT: usize = 10_000;

/// The most fields to sort by.
const MAX_SORT: usize = 4;

/// A sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The field.
    pub field: String,
    /// From the greatest on.
    pub descending: bool,
}

/// What is wanted of a layer. Everything in it has been checked against the visible fields.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The fields to hand over.
    pub fields: Vec<Field>,
    /// The order; none is the layer's own.
    pub sort: Vec<Sort>,
    /// Which features.
    pub filter: Compiled,
    /// A box in the layer's CRS inside of which every feature is selected; only where a box is all that was asked for.
    pub inner: Option<[f64; 4]>,
    /// Where the page begins, or ends where it is read backwards.
    pub from: Option<Place>,
    /// From the place towards the beginning: how a page finds the one before it. Features come in falling order.
    pub backwards: bool,
    /// How many at most.
    pub limit: Option<usize>,
    /// Nothing can match.
    pub nothing: bool,
    /// CRS of the answer.
    pub crs: OutCrs,
    /// What decides which features match, in one text: the same text, the same features.
    pub condition: String,
    /// What decides the bytes of a download besides its format.
    pub text: String,
}

/// Names of the parameters understood here; a visible field's name is one too.
pub const PARAMETERS: [&str; 13] = [
    "bbox",
    "bbox-crs",
    "datetime",
    "limit",
    "crs",
    "filter",
    "filter-lang",
    "filter-crs",
    "sortby",
    "properties",
    "fields",
    "after",
    "before",
];

/// The parameters of an address.
#[derive(Debug, Clone, Default)]
pub struct Asked(Vec<(String, String)>);

impl Asked {
    /// Takes what stands behind the question mark.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All of them.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Refuses what is not among `known`, and what is said twice.
    pub fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let mut problems = Vec::new();
        self.check_names(known, &mut problems);
        refuse(problems)
    }

    fn check_names(&self, known: &[&str], problems: &mut Vec<Detail>) {
        for (i, (key, _)) in self.0.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                let message = format!(
                    "There is no parameter of this name. There are: {}.",
                    known.join(", ")
                );
                problems.push(Detail {
                    field: cql2::shown(key),
                    message,
                    ..Detail::default()
                });
            } else if self.0[..i].iter().any(|(other, _)| other == key) {
                problems.push(Detail {
                    field: key.clone(),
                    message: "It is given twice.".to_owned(),
                    ..Detail::default()
                });
            }
        }
    }
}

fn refuse(problems: Vec<Detail>) -> Result<(), ApiError> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::bad_parameters(problems))
    }
}

impl Selection {
    /// Everything of a layer.
    pub fn all(layer: &VisibleLayer, crs: OutCrs) -> Self {
        Self {
            fields: layer.fields().to_vec(),
            sort: Vec::new(),
            filter: Compiled::default(),
            inner: None,
            from: None,
            backwards: false,
            limit: None,
            nothing: false,
            crs,
            condition: String::new(),
            text: String::new(),
        }
    }

    /// Checks the parameters of an address; `also` are those that the route itself understands.
    pub fn parse(layer: &VisibleLayer, asked: &Asked, also: &[&str]) -> Result<Self, ApiError> {
        let mut known: Vec<&str> = PARAMETERS.iter().chain(also).copied().collect();
        known.extend(layer.fields().iter().map(|field| field.name.as_str()));
        let mut reader = Reader {
            layer,
            asked,
            problems: Vec::new(),
        };
        asked.check_names(&known, &mut reader.problems);
        let mut selection = Self::all(layer, reader.crs("crs"));
        selection.fields = reader.fields();
        selection.sort = reader.sort();
        selection.limit = reader.limit();
        (selection.from, selection.backwards) = reader.place(selection.sort.len());
        let mut conditions = Conditions::default();
        let plain_box = reader.bbox(&mut conditions)?;
        reader.datetime(&mut conditions);
        reader.by_field(&mut conditions);
        reader.filter(&mut conditions);
        reader.check_sql(&conditions)?;
        refuse(reader.problems)?;
        selection.inner = plain_box.filter(|_| conditions.count == 1);
        selection.nothing = conditions.nothing;
        selection.filter = conditions.filter;
        let told = |names: &dyn Fn(&str) -> bool| {
            let mut parts: Vec<String> = asked
                .pairs()
                .iter()
                .filter(|(key, _)| names(key))
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            parts.sort();
            parts.join("&")
        };
        let shape = [
            "limit",
            "crs",
            "sortby",
            "properties",
            "fields",
            "after",
            "before",
        ];
        selection.condition = told(&|key| !also.contains(&key) && !shape.contains(&key));
        selection.text = told(&|key| !also.contains(&key));
        Ok(selection)
    }
}

/// Reads parameter after parameter and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    pub layer: &'a VisibleLayer,
    pub asked: &'a Asked,
    problems: Vec<Detail>,
}

impl Reader<'_> {
    pub fn problem(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Detail {
            field: field.to_owned(),
            message: message.into(),
            ..Detail::default()
        });
    }

    /// A mistake in a filter, or in what is read as one.
    pub fn mistake(&mut self, field: &str, error: &FilterError) {
        self.problems.push(Detail {
            field: field.to_owned(),
            message: error.to_string(),
            said: None,
            khmer: Some(error.khmer()),
        });
    }

    pub fn crs(&mut self, parameter: &str) -> OutCrs {
        let Some(text) = self.asked.get(parameter) else {
            return OutCrs::Crs84;
        };
        let code = self.layer.crs().code;
        OutCrs::parse(text, code).unwrap_or_else(|| {
            let offered: Vec<String> = OutCrs::offered(code).into_iter().map(OutCrs::uri).collect();
            self.problem(
                parameter,
                format!("This CRS is not offered. There are: {}.", offered.join(", ")),
            );
            OutCrs::Crs84
        })
    }

    fn fields(&mut self) -> Vec<Field> {
        let (name, text) = match (self.asked.get("properties"), self.asked.get("fields")) {
            (None, None) => return self.layer.fields().to_vec(),
            (Some(text), None) => ("properties", text),
            (None, Some(text)) => ("fields", text),
            (Some(_), Some(_)) => {
                self.problem("fields", "It says the same as properties: give one of them.");
                return Vec::new();
            }
        };
        let mut chosen = Vec::new();
        for wanted in text.split(',').map(str::trim).filter(|wanted| !wanted.is_empty()) {
            match self.layer.fields().iter().find(|field| field.name == wanted) {
                Some(field) if !chosen.contains(field) => chosen.push(field.clone()),
                // The id and the shape always come along.
                Some(_) => {}
                None if ["id", GEOMETRY].contains(&wanted) => {}
                None => self.problem(name, self.no_field(wanted)),
            }
        }
        chosen
    }

    fn no_field(&self, wanted: &str) -> String {
        let names: Vec<&str> = self
            .layer
            .fields()
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        format!(
            "There is no field '{}'. There are: id, {}.",
            cql2::shown(wanted),
            names.join(", ")
        )
    }

    fn sort(&mut self) -> Vec<Sort> {
        let Some(text) = self.asked.get("sortby") else {
            return Vec::new();
        };
        let mut keys: Vec<Sort> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            // In an address a plus sign is a space, and so is gone after trimming.
            let descending = part.starts_with('-');
            let field = part.trim_start_matches(['+', '-']);
            if field != "id" && !self.layer.fields().iter().any(|known| known.name == field) {
                self.problem("sortby", self.no_field(field));
            } else if keys.len() == MAX_SORT {
                self.problem("sortby", format!("At most {MAX_SORT} fields can be sorted by."));
                break;
            } else if !keys.iter().any(|key| key.field == field) {
                keys.push(Sort {
                    field: field.to_owned(),
                    descending,
                });
            }
        }
        keys
    }

    fn limit(&mut self) -> Option<usize> {
        let text = self.asked.get("limit")?;
        match text.parse::<u64>() {
            Ok(n) if n > 0 => Some(usize::try_from(n).unwrap_or(usize::MAX).min(MAX_LIMIT)),
            _ => {
                self.problem("limit", format!("It is a whole number from 1 to {MAX_LIMIT}."));
                None
            }
        }
    }

    fn place(&mut self, keys: usize) -> (Option<Place>, bool) {
        let (name, text) = match (self.asked.get("after"), self.asked.get("before")) {
            (None, None) => return (None, false),
            (Some(text), None) => ("after", text),
            (None, Some(text)) => ("before", text),
            (Some(_), Some(_)) => {
                self.problem("before", "A page lies after a place or before it, not both.");
                return (None, false);
            }
        };
        let place = Place::decode(text, keys);
        if place.is_none() {
            self.problem(
                name,
                "It is taken from the links between pages, with all else unchanged.",
            );
        }
        (place, name == "before")
    }
}
