//! Errors as pages for people who came with a browser.

use super::bar;
use super::words::Words;
use crate::api::error::Detail;
use crate::partner::web::{Language, escaped, whole_page};

/// The page of an error, in the reader's language. A sentence about what was asked arises in English, with the reader's own words in it: in Khmer
/// one by its code takes its place, and the English one is folded away below it.
pub fn page(
    status: u16,
    code: &str,
    message: &str,
    details: &[Detail],
    request_id: &str,
    language: Language,
) -> String {
    let words = Words::of(language);
    let list: String = details
        .iter()
        .filter(|detail| detail.message != message)
        .map(|Detail { field, message, .. }| {
            format!("<li><code>{}</code>: {}</li>", escaped(field), escaped(message))
        })
        .collect();
    let list = if list.is_empty() {
        list
    } else {
        format!("<ul>{list}</ul>")
    };
    let said = format!("<p>{}</p>{list}", escaped(message));
    let said = match language {
        Language::En => said,
        Language::Km => format!(
            "<p>{}</p>{}<details><summary>{IN_ENGLISH}</summary><div lang=\"en\">{said}</div></details>",
            khmer(code),
            fields(details),
        ),
    };
    let body = format!(
        "{}<main><article><h1>{}</h1>{said}<p><a href=\"/data?lang={}\">{}</a></p>\
         <p><small>{status} · <code>{}</code> · <code>{}</code></small></p></article></main>",
        bar(language, "/data", false),
        words.refused,
        language.code(),
        words.all_layers,
        escaped(code),
        escaped(request_id),
    );
    whole_page(words.refused, language, &body)
}

/// What is behind the fold of a Khmer page.
const IN_ENGLISH: &str = "ព័ត៌មានលម្អិតជាភាសាអង់គ្លេស";

/// Which parameters it is about, whose names are the same in every language, and what is said of them in Khmer.
fn fields(details: &[Detail]) -> String {
    let mut told: Vec<(&str, &str)> = details
        .iter()
        .filter(|detail| !detail.field.is_empty())
        .map(|Detail { field, khmer, .. }| (field.as_str(), khmer.as_deref().unwrap_or_default()))
        .collect();
    told.dedup();
    let list: String = told
        .iter()
        .map(|(field, khmer)| format!("<li><code>{}</code> {}</li>", escaped(field), escaped(khmer)))
        .collect();
    if list.is_empty() {
        list
    } else {
        format!("<ul>{list}</ul>")
    }
}

/// What a code says; where a code has no sentence of its own, that something is wrong with what was asked.
fn khmer(code: &str) -> &'static str {
    match code {
        "bad_parameter" => "ប៉ារ៉ាម៉ែត្រមួយមិនអាចយល់បានទេ។",
        "bad_key" => "សោចូលនេះមិនត្រឹមត្រូវ ឬត្រូវបានដកចេញហើយ។",
        "no_right" => "គណនីរបស់អ្នកគ្មានសិទ្ធិធ្វើការនេះទេ។ សូមសួរអ្នកគ្រប់គ្រង។",
        "sign_in" => "ទំព័រនេះសម្រាប់ក្រុម៖ សូមចូល។",
        "wrong_host" => "ម៉ាស៊ីនមេមិនស្គាល់អាសយដ្ឋាននេះទេ៖ សូមប្រើអាសយដ្ឋានដែលអ្នកគ្រប់គ្រងបានឱ្យ។",
        "wrong_origin" => "ទំព័រផ្សេងមិនអាចសរសេរនៅទីនេះបានទេ។",
        "not_acceptable" => "ចម្លើយមិនអាចផ្ដល់ជាទម្រង់នេះបានទេ។",
        "too_large" => "សំណើធំពេក។",
        "not_json" => "សូមផ្ញើសំណើជា JSON។",
        "bad_json" => "សំណើនេះមិនមែនជា JSON ត្រឹមត្រូវទេ។",
        "outside_the_world" => "គ្មានផែនទីនៅទីនោះទេ។",
        "layer_unavailable" => "ស្រទាប់នេះមិនអាចប្រើបានទេ។",
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
        _ => "មានបញ្ហាជាមួយសំណើនេះ។",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader sees without unfolding anything.
    fn seen(html: &str) -> String {
        let (before, rest) = html.split_once("<details>").unwrap();
        let (_, after) = rest.split_once("</details>").unwrap();
        format!("{before}{after}")
    }

    fn detail(field: &str, message: &str, khmer: Option<&str>) -> Detail {
        Detail {
            field: field.to_owned(),
            message: message.to_owned(),
            said: None,
            khmer: khmer.map(str::to_owned),
        }
    }

    #[test]
    fn a_khmer_page_of_any_error_says_it_in_khmer() {
        let english = "The filter <ends> in the middle of a word.";
        for code in crate::api::error::CODES {
            let details = [
                detail("filter", "is not finished", Some("តម្រង")),
                detail("", "and more", None),
            ];
            let page = page(400, code, english, &details, "7-1", Language::Km);
            let seen = seen(&page);
            assert!(
                !seen.contains("middle of a word") && !seen.contains("finished"),
                "{code}"
            );
            assert!(seen.contains("<code>filter</code> តម្រង"), "{code}");
            // Nothing is lost: who reads English, or is asked for it, finds it below.
            assert!(
                page.contains("&lt;ends&gt;") && page.contains("is not finished"),
                "{code}"
            );
            let sentence = khmer(code);
            assert!(sentence.ends_with('។') && seen.contains(sentence), "{code}");
        }
    }

    #[test]
    fn an_english_page_says_it_at_once() {
        let page = page(
            404,
            "not_found",
            "There is nothing here.",
            &[],
            "7-1",
            Language::En,
        );
        assert!(page.contains("<p>There is nothing here.</p>") && !page.contains("<details>"));
    }
}
