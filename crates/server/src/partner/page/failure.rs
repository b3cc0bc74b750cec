//! Errors as pages for people who came with a browser.

use super::bar;
use super::words::Words;
use crate::partner::web::{Language, escaped, whole_page};

/// The page of an error. Its sentence is in English from where the error arose; in Khmer another one by its code goes before it.
pub fn page(
    status: u16,
    code: &str,
    message: &str,
    details: &[(&str, &str)],
    request_id: &str,
    language: Language,
) -> String {
    let words = Words::of(language);
    let khmer = if language == Language::Km {
        khmer(code)
    } else {
        None
    };
    let first = khmer.map_or_else(String::new, |text| format!("<p class=\"note\">{text}</p>"));
    let list: String = details
        .iter()
        .filter(|(_, text)| *text != message)
        .map(|(field, text)| format!("<li><code>{}</code>: {}</li>", escaped(field), escaped(text)))
        .collect();
    let list = if list.is_empty() {
        list
    } else {
        format!("<ul>{list}</ul>")
    };
    let lang = if language == Language::Km {
        " lang=\"en\""
    } else {
        ""
    };
    let body = format!(
        "{}<main><article><h1>{}</h1>{first}<p{lang}>{}</p>{list}<p><a href=\"/data?lang={}\">{}</a></p>\
         <p><small>{status} · <code>{}</code> · <code>{}</code></small></p></article></main>",
        bar(language, "/data", false),
        words.refused,
        escaped(message),
        language.code(),
        words.all_layers,
        escaped(code),
        escaped(request_id),
    );
    whole_page(words.refused, language, &body)
}

fn khmer(code: &str) -> Option<&'static str> {
    Some(match code {
        "bad_parameter" => "ប៉ារ៉ាម៉ែត្រមួយមិនអាចយល់បានទេ។",
        "bad_key" => "សោចូលនេះមិនត្រឹមត្រូវ ឬត្រូវបានដកចេញហើយ។",
        "no_right" => "គណនីរបស់អ្នកគ្មានសិទ្ធិធ្វើការនេះទេ។ សូមសួរអ្នកគ្រប់គ្រង។",
        "too_often" => "ស្នើសុំញឹកញាប់ពេក។ សូមរង់ចាំបន្តិច រួចសាកម្ដងទៀត។",
        "too_many_downloads" => "ការទាញយកដំណើរការច្រើនពេកក្នុងពេលតែមួយ។ សូមសាកម្ដងទៀតពេលមួយចប់។",
        "search_too_long" => "ការស្វែងរកយូរពេក។ សូមស្នើតំបន់តូចជាង ឬលក្ខខណ្ឌងាយជាងនេះ។",
        "no_such_range" => "ផ្នែកដែលស្នើលើសពីទំហំឯកសារ។",
        "not_found" => "គ្មានអ្វីនៅអាសយដ្ឋាននេះទេ។",
        "method_not_allowed" => "អាសយដ្ឋាននេះមិនឆ្លើយតបនឹងសំណើបែបនេះទេ។",
        "overloaded" | "timeout" => "ម៉ាស៊ីនមេរវល់ខ្លាំងពេលនេះ។ សូមសាកម្ដងទៀតក្នុងប៉ុន្មានវិនាទី។",
        "internal" => "មានបញ្ហានៅក្នុងម៉ាស៊ីនមេ។ បើកើតឡើងម្ដងទៀត សូមប្រាប់អ្នកគ្រប់គ្រង។",
        "no_such_layer" => "គ្មានស្រទាប់ឈ្មោះនេះទេ។",
        "no_such_feature" => "គ្មានវត្ថុនេះក្នុងស្រទាប់ទេ។",
        "no_such_format" => "គ្មានទម្រង់ឯកសារនេះទេ។",
        "no_such_version" => "គ្មានកំណែនេះទេ។",
        _ => return None,
    })
}
