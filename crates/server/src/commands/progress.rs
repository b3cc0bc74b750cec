//! Progress of long work: a bar on a terminal, a line per piece of work otherwise. Both on stderr; stdout carries results only.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use phteah_layers::Progress;

use super::tell;
use super::terminal::line;

/// Shows progress in the form that suits where stderr goes.
pub enum Shown {
    /// A terminal.
    Bar(Option<ProgressBar>),
    /// A file or another program.
    Lines,
}

impl Shown {
    /// Decides by what stderr is.
    pub fn on_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Bar(None)
        } else {
            Self::Lines
        }
    }
}

impl Progress for Shown {
    fn start(&mut self, what: &str, total: Option<u64>) {
        match self {
            Self::Lines => tell(format!("{what} …")),
            Self::Bar(bar) => {
                let (new, template) = match total {
                    Some(total) => (
                        ProgressBar::new(total),
                        "{msg} {wide_bar} {human_pos}/{human_len} {eta}",
                    ),
                    None => (ProgressBar::new_spinner(), "{spinner} {msg} {human_pos}"),
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    new.set_style(style);
                }
                new.set_message(line(what));
                if let Some(old) = bar.replace(new) {
                    old.finish_and_clear();
                }
            }
        }
    }

    fn at(&mut self, done: u64) {
        if let Self::Bar(Some(bar)) = self {
            bar.set_position(done);
        }
    }

    fn finish(&mut self) {
        if let Self::Bar(bar) = self
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }
}
