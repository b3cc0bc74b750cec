//! What HTTP itself asks of a server: connections and their limits, hosts and origins, what a client prefers, places for requests.

pub mod background;
pub mod client;
pub mod limits;
pub mod listener;
pub mod origin;
pub mod places;
pub mod prefer;
pub mod redirect;
pub mod steady;
pub mod tls;
