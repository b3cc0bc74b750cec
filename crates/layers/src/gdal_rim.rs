//! GDAL's messages, kept per thread instead of printed.
//!
//! GDAL answers "no more features" and "the rest of the file is broken" alike, and before 3.7 closing a file never fails: what really happened
//! is only said through its error handler. So every step clears the messages, works, and looks at what was said.

use std::cell::RefCell;
use std::sync::Once;

use gdal::errors::CplErrType;

/// What GDAL said since [`clear`].
#[derive(Default, Debug)]
pub(crate) struct Messages {
    /// Errors.
    pub failures: Vec<String>,
    /// Warnings.
    pub warnings: Vec<String>,
}

/// A file with a million broken records must not fill the memory with messages.
const KEPT: usize = 50;

thread_local! {
    static MESSAGES: RefCell<Messages> = RefCell::default();
}

/// Megabytes of raster blocks that GDAL keeps. Blocks are read once and in order here: its default of a twentieth of the machine's memory
/// would only be filled, never used.
const BLOCK_CACHE_MB: &str = "64";

/// The first row of a spreadsheet is its header; left to guess, GDAL takes a header for data where every cell is text.
const HEADERS: [(&str, &str); 2] = [("OGR_XLSX_HEADERS", "FORCE"), ("OGR_ODS_HEADERS", "FORCE")];

/// Nothing is fetched, whatever a file asks for. Where the system can take the network from the process that reads it, it does
/// ([`crate::reading_process`]); this holds where it cannot. The proxy is one that is reached through a file that does not exist.
const OFFLINE: [(&str, &str); 7] = [
    ("GDAL_HTTP_PROXY", "socks5h://localhost/dev/null/none"),
    ("GDAL_HTTPS_PROXY", "socks5h://localhost/dev/null/none"),
    ("GDAL_HTTP_CONNECTTIMEOUT", "1"),
    ("CPL_VSIL_CURL_ALLOWED_FILENAME", "none"),
    ("GML_DOWNLOAD_WFS_SCHEMA", "NO"),
    ("GML_SKIP_RESOLVE_ELEMS", "ALL"),
    ("GDAL_VRT_ENABLE_PYTHON", "NO"),
];

/// What failures name that come of a file asking for an address: the proxy of [`OFFLINE`].
const NO_PROXY: &str = "localhost/dev/null/none";

/// Starts listening; called before anything else is asked of GDAL.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if gdal::config::get_config_option("GDAL_CACHEMAX", "").is_ok_and(|set| set.is_empty()) {
            // Refused only where the words hold a zero byte.
            let _ = gdal::config::set_config_option("GDAL_CACHEMAX", BLOCK_CACHE_MB);
        }
        for (option, value) in HEADERS.into_iter().chain(OFFLINE) {
            let _ = gdal::config::set_config_option(option, value);
        }
        // The closure holds no state of its own, so that being called from many threads at once is harmless.
        gdal::config::set_error_handler(|kind, _number, message| {
            let _ = MESSAGES.try_with(|messages| {
                let Ok(mut messages) = messages.try_borrow_mut() else {
                    return;
                };
                let list = match kind {
                    CplErrType::Warning => &mut messages.warnings,
                    CplErrType::Failure | CplErrType::Fatal => &mut messages.failures,
                    CplErrType::None | CplErrType::Debug => return,
                };
                if list.len() < KEPT {
                    list.push(message.trim().to_owned());
                }
            });
        });
    });
}

/// Forgets what this thread was told.
pub(crate) fn clear() {
    listen();
    take();
}

/// Takes what this thread was told.
pub(crate) fn take() -> Messages {
    MESSAGES.with(RefCell::take)
}

/// What went wrong since [`clear`], or else in the words of this error, which may have none.
pub(crate) fn cause(error: &gdal::errors::GdalError) -> String {
    use gdal::errors::GdalError;
    failure().unwrap_or_else(|| match error {
        GdalError::NullPointer { msg, .. } | GdalError::CplError { msg, .. } if msg.trim().is_empty() => {
            "it is damaged, or holds something that cannot be read here".into()
        }
        other => without_paths(&other.to_string()),
    })
}

/// The first error since [`clear`], if there was one, without the paths of this machine.
pub(crate) fn failure() -> Option<String> {
    take()
        .failures
        .into_iter()
        .next()
        .map(|message| {
            if message.contains(NO_PROXY) {
                return "it names an address on the network for a part of it, such as its CRS, and nothing is fetched: take the address out of the file, or save it again in another format".into();
            }
            without_paths(&message)
        })
}

/// GDAL puts full paths into its messages; reports travel, so only the last part stays.
pub(crate) fn without_paths(message: &str) -> String {
    message
        .split(' ')
        .map(|word| {
            let bare = word.trim_start_matches(['`', '\'', '"', '(']);
            if bare.starts_with('/') {
                word.rsplit('/').next().unwrap_or(word)
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
