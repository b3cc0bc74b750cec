//! What fields mean, in Khmer. A layer carries its meanings in English; those of the program's own fields are known here. What somebody
//! else's column means stays as they wrote it.

use super::words::Words;
use crate::api::types::Text;

/// The meaning of a field, or its unit, in the page's language.
pub fn in_language<'a>(words: &Words, english: &'a str) -> &'a str {
    if words.own_meanings {
        english
    } else {
        khmer(english).unwrap_or(english)
    }
}

/// A meaning in both languages; what somebody else's column means stays as they wrote it.
pub fn in_both(english: &str) -> Text {
    Text {
        en: english.to_owned(),
        km: khmer(english).unwrap_or(english).to_owned(),
    }
}

fn khmer(english: &str) -> Option<&'static str> {
    KHMER.iter().find(|(en, _)| *en == english).map(|(_, km)| *km)
}

const KHMER: &[(&str, &str)] = &[
    // Names and places.
    ("name in English letters", "ឈ្មោះជាអក្សរអង់គ្លេស"),
    ("name in Khmer", "ឈ្មោះជាភាសាខ្មែរ"),
    (
        "names without case and invisible characters, for searching",
        "ឈ្មោះសម្រាប់ស្វែងរក គ្មានអក្សរធំតូច និងតួអក្សរមើលមិនឃើញ",
    ),
    ("code of the khan", "លេខកូដខណ្ឌ"),
    ("code of the sangkat", "លេខកូដសង្កាត់"),
    ("code of the village", "លេខកូដភូមិ"),
    (
        "administrative code: khan 4 digits, sangkat 6, village 8",
        "លេខកូដរដ្ឋបាល៖ ខណ្ឌ 4 ខ្ទង់ សង្កាត់ 6 ភូមិ 8",
    ),
    ("year of the values", "ឆ្នាំនៃទិន្នន័យ"),
    ("level of the division", "កម្រិតនៃការបែងចែករដ្ឋបាល"),
    // Land.
    ("who holds the land, and how", "អ្នកកាន់កាប់ដី និងរបៀបកាន់កាប់"),
    ("what the land is used for", "ការប្រើប្រាស់ដី"),
    ("whether the land can be had", "ថាតើអាចយកដីនេះបានឬទេ"),
    ("asking or assessed price", "តម្លៃលក់ ឬតម្លៃប៉ាន់ប្រមាណ"),
    // What is told about families.
    (
        "number of families; empty where it is hidden, which is not zero",
        "ចំនួនគ្រួសារ",
    ),
    (
        "the number is not told, so that nobody can be found by it",
        "ចំនួនមិនបង្ហាញ",
    ),
    // Settlements.
    ("families that live there", "គ្រួសារដែលរស់នៅទីនោះ"),
    ("how often it floods", "ញឹកញាប់នៃការលិចទឹក"),
    ("how deep it floods", "ជម្រៅទឹកពេលលិច"),
    (
        "an eviction has been announced or threatened",
        "មានការប្រកាស ឬគំរាមបណ្តេញចេញ",
    ),
    ("main source of water", "ប្រភពទឹកសំខាន់"),
    ("source of electricity", "ប្រភពអគ្គិសនី"),
    ("toilets that families use", "បង្គន់ដែលគ្រួសារប្រើ"),
    ("road that leads there", "ផ្លូវទៅទីនោះ"),
    ("day of the survey", "ថ្ងៃអង្កេត"),
    // Floods.
    (
        "hazard class; unknown where nothing was seen",
        "កម្រិតគ្រោះថ្នាក់ មិនដឹងនៅកន្លែងដែលមិនបានឃើញ",
    ),
    ("least depth", "ជម្រៅតិចបំផុត"),
    ("greatest depth", "ជម្រៅច្រើនបំផុត"),
    ("annual return period", "រយៈពេលវិលត្រឡប់គិតជាឆ្នាំ"),
    ("the flood that was seen", "ទឹកជំនន់ដែលបានសង្កេតឃើញ"),
    ("day of the observation", "ថ្ងៃសង្កេត"),
    ("where the water comes from", "ប្រភពនៃទឹកជំនន់"),
    ("how sure the analyst is", "កម្រិតជឿជាក់របស់អ្នកវិភាគ"),
    // Roads.
    ("class of the road", "ថ្នាក់ផ្លូវ"),
    ("what it is covered with", "ប្រភេទកម្រាលផ្លូវ"),
    (
        "directions in which it may be driven, along its line",
        "ទិសដែលអាចបើកបរបាន តាមខ្សែផ្លូវ",
    ),
    (
        "it crosses above water, which does not cut it",
        "ឆ្លងកាត់លើទឹក ដូច្នេះទឹកមិនផ្តាច់វាទេ",
    ),
    ("people may walk on it", "អាចដើរបាន"),
    ("motorbikes may be ridden on it", "អាចជិះម៉ូតូបាន"),
    (
        "levels above the ground: 1 for a bridge, -1 for a tunnel",
        "ចំនួនជាន់ពីលើដី៖ 1 សម្រាប់ស្ពាន -1 សម្រាប់ផ្លូវក្រោមដី",
    ),
    (
        "how its vertices meet other roads: empty where they are in one place, 'nodes' where they are one node of the map; '5!wm' a barrier at vertex 5 that stops people on foot (w) and motorbikes (m)",
        "របៀបតភ្ជាប់ជាមួយផ្លូវផ្សេង៖ ទទេបើនៅកន្លែងតែមួយ 'nodes' បើជាចំណុចតែមួយលើផែនទី '5!wm' បើចំណុចទី 5 មិនអាចដើរ (w) ឬជិះម៉ូតូ (m) បាន",
    ),
    // Services.
    ("kind of service", "ប្រភេទសេវា"),
    ("places, beds or stalls", "ចំនួនកន្លែង គ្រែ ឬតូប"),
    ("people employed", "ចំនួនបុគ្គលិក"),
    ("a nursery for the employees' children", "មានកន្លែងថែទាំកូនរបស់បុគ្គលិក"),
    ("day, month or year in which it opens", "ថ្ងៃ ខែ ឬឆ្នាំដែលបើក"),
    ("day, month or year in which it closes", "ថ្ងៃ ខែ ឬឆ្នាំដែលបិទ"),
    // Water, protected ground, buildings.
    ("river, lake, pond, canal", "ទន្លេ បឹង ស្រះ ព្រែក"),
    ("why it is protected", "មូលហេតុនៃការការពារ"),
    ("what the building is", "ប្រភេទអគារ"),
    ("height above ground", "កម្ពស់ពីដី"),
    ("number of storeys", "ចំនួនជាន់"),
    (
        "how sure the detector was, 0 to 1",
        "កម្រិតជឿជាក់នៃការរកឃើញ ពី 0 ដល់ 1",
    ),
    // Ranked sites.
    (
        "place in the ranking, 1 is best; none where it could not be ranked",
        "ចំណាត់ថ្នាក់ លេខ 1 ល្អបំផុត ទទេបើមិនអាចដាក់ចំណាត់ថ្នាក់បាន",
    ),
    (
        "sum of share × value over the criteria, 0 worst to 1 best",
        "ផលបូកនៃទម្ងន់ × តម្លៃតាមលក្ខណៈវិនិច្ឆ័យ ពី 0 អន់បំផុត ដល់ 1 ល្អបំផុត",
    ),
    (
        "lowest score that what is unknown allows",
        "ពិន្ទុទាបបំផុត ដែលអ្វីដែលមិនទាន់ដឹងអាចធ្វើឱ្យមាន",
    ),
    (
        "highest score that what is unknown allows",
        "ពិន្ទុខ្ពស់បំផុត ដែលអ្វីដែលមិនទាន់ដឹងអាចធ្វើឱ្យមាន",
    ),
    (
        "ranked; excluded; exclusion_unknown where it is not known whether a limit excludes it, behind all sites that pass for certain where the order is lowest; too_little_known where it has no rank because too much is unknown",
        "ranked (មានចំណាត់ថ្នាក់) excluded (មិនរាប់បញ្ចូល) exclusion_unknown (មិនទាន់ដឹងថារាប់បញ្ចូលឬទេ) ឬ too_little_known (មិនទាន់ដឹងគ្រប់គ្រាន់)",
    ),
    ("the limits that exclude it", "លក្ខខណ្ឌដែលមិនរាប់បញ្ចូលវា"),
    (
        "what was decided where it departs from the ranking",
        "អ្វីដែលបានសម្រេចខុសពីចំណាត់ថ្នាក់",
    ),
    ("where it lies", "ទីកន្លែងដែលវាស្ថិតនៅ"),
    ("net area", "ផ្ទៃក្រឡាដែលអាចសាងសង់បាន"),
    ("families that find room", "គ្រួសារដែលអាចរស់នៅបាន"),
    // Units.
    ("households", "គ្រួសារ"),
    ("years", "ឆ្នាំ"),
    ("people", "នាក់"),
    ("storeys", "ជាន់"),
];

#[cfg(test)]
mod tests {
    use phteah_layers::Role;

    use super::*;

    #[test]
    fn every_field_of_the_program_has_a_khmer_meaning() {
        let mut missing = Vec::new();
        for field in Role::ALL.iter().flat_map(|role| role.fields()) {
            if khmer(field.meaning).is_none() {
                missing.push(field.meaning);
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn what_others_wrote_stays_as_they_wrote_it() {
        assert_eq!(khmer("number of wells"), None);
    }
}
