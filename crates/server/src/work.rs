//! What long work is doing now, for people who wait for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use phteah_layers::Progress;
use phteah_planning::text::Text;

/// What measuring calls its steps, and what they are called in Khmer.
const STEPS: &[(&str, &str)] = &[
    ("Reading roads, services and boundaries", "កំពុងអានផ្លូវ សេវា និងព្រំប្រទល់"),
    (
        "Joining available parcels into sites",
        "កំពុងភ្ជាប់ក្បាលដីដែលអាចយកបានជាទីតាំង",
    ),
    ("Measuring flood depths", "កំពុងវាស់ជម្រៅទឹកជំនន់"),
    ("Measuring travel times", "កំពុងវាស់រយៈពេលធ្វើដំណើរ"),
    ("Measuring the land", "កំពុងវាស់លក្ខណៈដី"),
];

/// A step of some work under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is being done.
    pub what: Text,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do, where that is known.
    pub total: Option<u64>,
}

/// Work under way, in the order in which it began.
#[derive(Debug, Default)]
pub struct Board {
    steps: Mutex<Listed>,
}

#[derive(Debug, Default)]
struct Listed {
    next: u64,
    steps: BTreeMap<u64, Step>,
}

impl Board {
    /// Some work begins. It is on the board from its first step until what is returned here is dropped, however it ends.
    pub fn begin(self: &Arc<Self>) -> Work {
        let mut listed = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        listed.next += 1;
        Work {
            board: Arc::clone(self),
            number: listed.next,
        }
    }

    /// What is being done now.
    pub fn now(&self) -> Vec<Step> {
        let listed = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        listed.steps.values().cloned().collect()
    }
}

/// One piece of work on the board.
#[derive(Debug)]
pub struct Work {
    board: Arc<Board>,
    number: u64,
}

impl Work {
    fn listed(&self) -> std::sync::MutexGuard<'_, Listed> {
        self.board.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Work {
    fn start(&mut self, what: &str, total: Option<u64>) {
        let step = Step {
            what: in_words(what),
            done: 0,
            total,
        };
        self.listed().steps.insert(self.number, step);
    }

    fn at(&mut self, done: u64) {
        if let Some(step) = self.listed().steps.get_mut(&self.number) {
            step.done = done;
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.listed().steps.remove(&self.number);
    }
}

fn in_words(what: &str) -> Text {
    let known = STEPS.iter().find(|(en, _)| *en == what);
    Text::new(what, known.map_or(what, |(_, km)| km))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_on_the_board_until_it_ends() {
        let board = Arc::new(Board::default());
        let (mut one, mut other) = (board.begin(), board.begin());
        assert!(board.now().is_empty());
        other.start("Measuring travel times", None);
        one.start("Counting", Some(7));
        one.at(3);
        let now = board.now();
        assert_eq!(
            (now[0].what.en.as_str(), now[0].done, now[0].total),
            ("Counting", 3, Some(7))
        );
        assert_ne!(now[1].what.km, now[1].what.en);
        drop(one);
        assert_eq!(board.now().len(), 1);
        drop(other);
        assert!(board.now().is_empty());
    }
}
