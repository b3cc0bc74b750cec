//! Columns about persons. Layers are shared freely, and what is known of persons never leaves the household registry: such a column fills no
//! field of a layer, whether it is found by its name or asked for.

use crate::text::{column_key, search_form};

/// Words that make a column one about a person, wherever in its name they stand.
const WORDS: &[&str] = &[
    "birth",
    "birthdate",
    "birthday",
    "cellphone",
    "chief",
    "contact",
    "contacts",
    "deviceid",
    "dob",
    "email",
    "enumerator",
    "enumerators",
    "father",
    "firstname",
    "fullname",
    "givenname",
    "head",
    "headname",
    "householder",
    "husband",
    "idcard",
    "idpoor",
    "imei",
    "informant",
    "interviewee",
    "interviewer",
    "interviewers",
    "landowner",
    "lastname",
    "leader",
    "mobile",
    "mother",
    "nationalid",
    "nickname",
    "owner",
    "ownername",
    "owners",
    "passport",
    "phone",
    "phones",
    "representative",
    "respondent",
    "respondents",
    "simserial",
    "spouse",
    "submittedby",
    "submitter",
    "subscriberid",
    "surname",
    "surveyor",
    "telegram",
    "telephone",
    "tel",
    "user",
    "userid",
    "username",
    "whatsapp",
    "wife",
];

/// Groups of a survey whose `name` is a person's.
const PERSONS: &[&str] = &[
    "adult",
    "child",
    "children",
    "family",
    "hh",
    "household",
    "individual",
    "member",
    "members",
    "people",
    "person",
    "roster",
];

/// Words of a count or a share: it says nothing of one person.
const SHARES: &[&str] = &["rate", "share", "percent", "pct", "proportion"];

/// The same in Khmer, which sets no blanks between words: head of household, owner, phone, respondent, interviewer, enumerator, surname, given
/// name, full name, birth, identity card, contact, village chief, user.
const KHMER: &[&str] = &[
    "មេគ្រួសារ",
    "ម្ចាស់",
    "ទូរសព្ទ",
    "ទូរស័ព្ទ",
    "អ្នកផ្ដល់បទសម្ភាសន៍",
    "អ្នកឆ្លើយ",
    "អ្នកសម្ភាសន៍",
    "ភ្នាក់ងារអង្កេត",
    "នាមត្រកូល",
    "នាមខ្លួន",
    "ឈ្មោះពេញ",
    "កំណើត",
    "អត្តសញ្ញាណ",
    "ទំនាក់ទំនង",
    "មេភូមិ",
    "អ្នកប្រើ",
];

/// "Number of", "rate", "per cent" in Khmer.
const KHMER_SHARES: &[&str] = &["ចំនួន", "អត្រា", "ភាគរយ"];

/// Whether a column's name, groups in front included, says that it is about a person.
///
/// ```
/// use phteah_layers::personal::is_personal;
/// assert!(is_personal("hh/head_name") && is_personal("RespondentName") && is_personal("លេខទូរស័ព្ទ"));
/// assert!(!is_personal("settlement/households") && !is_personal("ownership_type") && !is_personal("id_poor_rate"));
/// ```
pub fn is_personal(column: &str) -> bool {
    let words = words(column);
    let is = |list: &[&str], word: &str| list.contains(&word);
    let share = words.iter().any(|word| is(SHARES, word));
    let said = (0..words.len()).any(|from| {
        // `id_card` and `HeadName` are written apart, `idcard` and `headname` together.
        (from + 1..=words.len().min(from + 3)).any(|to| is(WORDS, &words[from..to].concat()))
    });
    let of_a_person = {
        let mut groups: Vec<&str> = path(column);
        let last = groups.pop().map(column_key).unwrap_or_default();
        let mut all = groups.into_iter().flat_map(self::words);
        ["name", "names", "nameen", "namekm", "namekh"].contains(&last.as_str())
            && all.any(|word| is(PERSONS, &word))
    };
    ((said || of_a_person) && !share) || is_personal_in_khmer(column)
}

fn is_personal_in_khmer(column: &str) -> bool {
    if column.is_ascii() {
        return false;
    }
    let form = search_form(column).replace(' ', "");
    let has = |list: &[&str]| list.iter().any(|word| form.contains(&search_form(word)));
    has(KHMER) && !has(KHMER_SHARES)
}

/// The steps of a survey's column: groups, then the question.
pub(crate) fn path(column: &str) -> Vec<&str> {
    let steps = column.split(['/', '.', ':', '-']);
    steps.filter(|step| !column_key(step).is_empty()).collect()
}

/// The words of a column's name, in lower case: `HeadName`, `head_name` and `head name` are two words each.
fn words(column: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in column.chars() {
        let begins = !before.is_alphanumeric()
            || (before.is_lowercase() && c.is_uppercase())
            || before.is_ascii_digit() != c.is_ascii_digit();
        if c.is_alphanumeric() {
            match words.last_mut().filter(|_| !begins) {
                Some(word) => word.extend(c.to_lowercase()),
                None => words.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    words
}
