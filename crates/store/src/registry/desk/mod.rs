//! What the desk asks: who needs something today, which households there are, one of them whole, how moves went.
//!
//! ```text
//! events ─► fold ─► Row, in memory alone ─► list, today, outcomes     (each asks Entry::is_visible for every household)
//! household ─► Registry::case ─► its state and story; the reading is written down
//! Registry::record ─► the same checks as for a phone; what cannot be taken is refused at once, for a person sits there
//! ```

mod build;
mod case;
mod list;
mod offer;
mod outcomes;
mod row;
mod today;
mod twins;
mod words;

pub use build::Progress;
pub use case::{Case, Likely};
pub use list::{Found, Listed, Order, Page, Question};
pub use offer::{Recorded, Refusal, Room};
pub use outcomes::{School, Stay, Told};
pub use row::{Need, OpenVisit};
pub use today::{Crowd, DueHousehold, Hurry, Silent, Today};
pub use twins::Twins;

pub(super) use build::{DeskIndex, known};
pub(super) use offer::settle;

/// The most households of one page.
pub const MAX_PAGE: usize = 500;
/// The most entries of each part of the day's list.
pub const MAX_TODAY: usize = 200;
/// The longest text that is searched for, in characters.
pub const MAX_SEARCH: usize = 200;
