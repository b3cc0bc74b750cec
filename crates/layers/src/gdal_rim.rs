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

/// Starts listening; called before anything else is asked of GDAL.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if gdal::config::get_config_option("GDAL_CACHEMAX", "").is_ok_and(|set| set.is_empty()) {
            // Refused only where the words hold a zero byte.
            let _ = gdal::config::set_config_option("GDAL_CACHEMAX", BLOCK_CACHE_MB);
        }
        for (option, value) in HEADERS {
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

/// The first error since [`clear`], if there was one, without the paths of this machine.
pub(crate) fn failure() -> Option<String> {
    take()
        .failures
        .into_iter()
        .next()
        .map(|message| without_paths(&message))
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
