//! What the codes of a field mean, in both languages: those that the program itself stores. What stands in somebody else's column is not known
//! here.

use phteah_layers::Role;
use phteah_layers::schema::FieldRule;

use super::words::Words;
use crate::api::types::Text;

/// A code, its meaning in English and in Khmer.
type Code = (&'static str, &'static str, &'static str);

/// The codes of a role's field with their meanings in the page's language; none where any text may stand.
pub fn of(role: Role, field: &str, words: &Words) -> Vec<(&'static str, &'static str)> {
    let known = meanings(role, field);
    let choices = match role
        .fields()
        .iter()
        .find(|spec| spec.name == field)
        .map(|spec| spec.rule)
    {
        Some(FieldRule::Choice(choices)) => choices.iter().map(|choice| choice.name).collect(),
        _ if role == Role::RankedSites => known.iter().map(|(code, ..)| *code).collect(),
        _ => Vec::new(),
    };
    let meaning = |code: &'static str| {
        let found = known.iter().find(|(other, ..)| *other == code);
        found.map_or((code, code), |(_, english, khmer)| {
            (code, if words.own_meanings { *english } else { *khmer })
        })
    };
    choices.into_iter().map(meaning).collect()
}

/// What a value of a field means, in both languages; `None` where the program knows no meaning of it.
pub fn in_both(role: Role, field: &str, code: &str) -> Option<Text> {
    let (_, english, khmer) = meanings(role, field).iter().find(|(known, ..)| *known == code)?;
    Some(Text {
        en: (*english).to_owned(),
        km: (*khmer).to_owned(),
    })
}

fn meanings(role: Role, field: &str) -> &'static [Code] {
    match (role, field) {
        (Role::Parcels | Role::Settlements | Role::RankedSites, "tenure") => TENURE,
        (Role::Parcels, "available") => AVAILABLE,
        (Role::Settlements, "flooding") => FLOODING,
        (Role::FloodZones, "class") => FLOOD_CLASS,
        (Role::FloodZones, "source") => FLOOD_SOURCE,
        (Role::Roads, "class") => ROAD_CLASS,
        (Role::Roads, "surface") => SURFACE,
        (Role::Roads, "one_way") => ONE_WAY,
        (Role::Services, "kind") => SERVICE_KIND,
        (Role::Boundaries, "level") => LEVEL,
        _ => &[],
    }
}

const TENURE: &[Code] = &[
    ("state_public", "state public land", "ដីសាធារណៈរបស់រដ្ឋ"),
    ("state_private", "state private land", "ដីឯកជនរបស់រដ្ឋ"),
    ("hard_title", "hard title", "ប្លង់រឹង"),
    ("soft_title", "soft title", "ប្លង់ទន់"),
    ("social_land_concession", "social land concession", "សម្បទានដីសង្គមកិច្ច"),
    ("monastery", "monastery land", "ដីវត្ត"),
    ("unknown", "not known", "មិនទាន់ដឹង"),
];

const AVAILABLE: &[Code] = &[
    ("yes", "it can be had", "អាចយកបាន"),
    ("no", "it cannot be had", "មិនអាចយកបាន"),
    ("unknown", "not known", "មិនទាន់ដឹង"),
];

const FLOODING: &[Code] = &[
    ("never", "never", "មិនលិចទឹក"),
    ("rarely", "less than once a year", "លិចទឹកមិនដល់ម្ដងក្នុង 1 ឆ្នាំ"),
    ("yearly", "every year", "លិចទឹករាល់ឆ្នាំ"),
    ("often", "several times a year", "លិចទឹកច្រើនដងក្នុង 1 ឆ្នាំ"),
];

const FLOOD_CLASS: &[Code] = &[
    ("very_high", "very high hazard", "គ្រោះថ្នាក់ខ្ពស់ណាស់"),
    ("high", "high hazard", "គ្រោះថ្នាក់ខ្ពស់"),
    ("medium", "medium hazard", "គ្រោះថ្នាក់មធ្យម"),
    ("low", "low hazard", "គ្រោះថ្នាក់ទាប"),
    ("flooded", "seen flooded", "ឃើញលិចទឹក"),
    ("dry", "seen dry", "ឃើញមិនលិចទឹក"),
    ("unknown", "not seen, so not known", "មិនបានឃើញ មិនទាន់ដឹង"),
];

const FLOOD_SOURCE: &[Code] = &[("river", "river", "ទន្លេ"), ("rain", "rain", "ទឹកភ្លៀង")];

const ROAD_CLASS: &[Code] = &[
    ("motorway", "expressway", "ផ្លូវធំ (motorway)"),
    ("trunk", "national road", "ផ្លូវជាតិ"),
    ("primary", "main road of the first order", "ផ្លូវថ្នាក់ 1"),
    ("secondary", "main road of the second order", "ផ្លូវថ្នាក់ 2"),
    ("tertiary", "main road of the third order", "ផ្លូវថ្នាក់ 3"),
    ("unclassified", "minor road", "ផ្លូវតូច"),
    ("residential", "street with houses", "ផ្លូវលំនៅដ្ឋាន"),
    ("living_street", "street where people walk first", "ផ្លូវថ្មើរជើងមុន"),
    ("service", "access road or alley", "ផ្លូវតូច (service)"),
    ("track", "track", "ផ្លូវដី"),
    ("pedestrian", "street for people on foot", "ផ្លូវថ្មើរជើង"),
    ("footway", "footway", "ផ្លូវថ្មើរជើងតូច"),
    ("path", "path", "ផ្លូវលំ"),
    ("cycleway", "way for bicycles", "ផ្លូវ (cycleway)"),
    ("steps", "steps", "ផ្លូវលំ (steps)"),
    ("closed", "closed: nobody travels there", "ផ្លូវបិទ (closed)"),
];

const SURFACE: &[Code] = &[
    ("paved", "asphalt, concrete or stone", "មានកម្រាល"),
    ("gravel", "gravel or laterite", "មិនមានកម្រាល (gravel)"),
    ("unpaved", "earth", "មិនមានកម្រាល (ដី)"),
];

const ONE_WAY: &[Code] = &[
    ("no", "both directions", "ទាំងពីរទិស"),
    ("forward", "along its line", "តាមទិសខ្សែផ្លូវ"),
    ("backward", "against its line", "បញ្ច្រាសទិសខ្សែផ្លូវ"),
];

const SERVICE_KIND: &[Code] = &[
    ("primary_school", "primary school", "សាលាបឋមសិក្សា"),
    ("health_centre", "health centre", "មណ្ឌលសុខភាព"),
    ("hospital", "hospital", "មន្ទីរពេទ្យ"),
    ("market", "market", "ផ្សារ"),
    ("nursery", "nursery", "ទារកដ្ឋាន"),
    ("preschool", "preschool", "សាលាមត្តេយ្យ"),
    ("factory", "factory", "រោងចក្រ"),
    ("social_service", "social service", "សេវាសង្គមកិច្ច"),
    ("bus_stop", "bus stop", "ចំណតរថយន្តក្រុង"),
    ("water_point", "water point", "ចំណុចទឹក"),
];

const LEVEL: &[Code] = &[
    ("khan", "khan (district)", "ខណ្ឌ"),
    ("sangkat", "sangkat (commune)", "សង្កាត់"),
    ("village", "village", "ភូមិ"),
    ("province", "capital or province", "រាជធានី ខេត្ត"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::web::Language;

    #[test]
    fn every_code_is_explained_in_both_languages() {
        let mut codes = 0;
        for role in Role::ALL {
            for spec in role.fields() {
                let FieldRule::Choice(choices) = spec.rule else {
                    continue;
                };
                for choice in choices {
                    let found = meanings(role, spec.name)
                        .iter()
                        .find(|(code, ..)| *code == choice.name);
                    let (_, english, khmer) =
                        found.unwrap_or_else(|| panic!("{role} {}: {}", spec.name, choice.name));
                    assert!(
                        !english.is_empty()
                            && khmer.contains(|c: char| ('\u{1780}'..='\u{17ff}').contains(&c))
                    );
                    codes += 1;
                }
            }
        }
        assert!(codes > 40);
        let kinds = of(Role::Services, "kind", Words::of(Language::Km));
        assert!(kinds.contains(&("market", "ផ្សារ")));
        assert!(of(Role::Services, "name", Words::of(Language::En)).is_empty());
    }
}
