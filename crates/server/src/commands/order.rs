//! How a ranking is ordered where facts are missing, as asked for on the command line.

use clap::{Args, ValueEnum};
use phteah_planning::scenario::Order;

use super::CommandError;

/// What an unknown fact counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The lowest that it can be: only what is certain counts, and what a limit may yet exclude stands behind
    Lowest,
    /// The middle between the lowest and the highest
    Middle,
    /// Lowest + alpha × (highest − lowest)
    Hurwicz,
}

/// The options of commands that rank.
#[derive(Debug, Args)]
pub struct OrderArgs {
    /// What an unknown fact counts in the score [default: what the file says in [order], else lowest]
    #[arg(long = "order", value_enum)]
    by: Option<By>,
    /// With --order hurwicz: how much the highest possible score counts, 0 to 1
    #[arg(long, value_name = "SHARE")]
    alpha: Option<f64>,
    /// List a site apart, without a rank, where more than this share of the weight is unknown, 0 to 1 [default: what the file says, else a third]
    #[arg(long, value_name = "SHARE")]
    apart_above: Option<f64>,
}

impl OrderArgs {
    /// The order of a file, changed as asked.
    pub fn apply(&self, order: Order) -> Result<Order, CommandError> {
        let by = self.by.map(|by| match by {
            By::Lowest => "lowest",
            By::Middle => "middle",
            By::Hurwicz => "hurwicz",
        });
        if by.is_none() && self.alpha.is_none() && self.apart_above.is_none() {
            return Ok(order);
        }
        order
            .changed(by, self.alpha, self.apart_above)
            .map_err(CommandError::Usage)
    }
}
