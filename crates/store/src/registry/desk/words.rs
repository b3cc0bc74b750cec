//! Words of names, each once: a search compares with every word once and then looks at numbers only.

use std::collections::HashMap;

use phteah_planning::text::search_form;

/// How well a word fits what somebody typed; 0 is not at all.
pub(super) type Fit = u8;

const SAME: Fit = 4;
const BEGINS: Fit = 3;
const HOLDS: Fit = 2;
const MISTAKEN: Fit = 1;

/// From so many letters on one mistake is forgiven, from so many two.
const LETTERS_FOR_ONE: usize = 4;
const LETTERS_FOR_TWO: usize = 7;

/// The most words of a search that are looked at.
const MAX_WORDS: usize = 6;

#[derive(Debug, Default)]
pub(crate) struct Words {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Words {
    /// The numbers of a name's words, and of the whole name without blanks.
    pub fn of(&mut self, name: &str) -> Vec<u32> {
        let form = search_form(name);
        let mut numbers: Vec<u32> = form
            .split(' ')
            .filter(|w| !w.is_empty())
            .map(|w| self.number(w))
            .collect();
        if numbers.len() > 1 {
            numbers.push(self.number(&form.replace(' ', "")));
        }
        numbers
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(word.into());
        self.numbers.insert(word.into(), number);
        number
    }

    /// What is looked for, against every word that is known.
    pub fn search(&self, text: &str) -> Sought {
        let form = search_form(text);
        let fits = form
            .split(' ')
            .filter(|word| !word.is_empty())
            .take(MAX_WORDS)
            .map(|word| self.texts.iter().map(|known| fit(word, known)).collect())
            .collect();
        Sought { fits }
    }
}

/// How well each known word fits each word that was typed.
#[derive(Debug)]
pub(super) struct Sought {
    fits: Vec<Vec<Fit>>,
}

impl Sought {
    /// How well a name's words fit all that was typed; `None` where one of them is missing.
    pub fn fit(&self, words: &[u32]) -> Option<u32> {
        let mut sum = 0;
        for fits in &self.fits {
            let best = words.iter().filter_map(|word| fits.get(*word as usize)).max()?;
            if *best == 0 {
                return None;
            }
            sum += u32::from(*best);
        }
        Some(sum)
    }

    /// Whether nothing was typed that can be looked for.
    pub fn is_empty(&self) -> bool {
        self.fits.is_empty()
    }
}

fn fit(typed: &str, known: &str) -> Fit {
    if typed == known {
        return SAME;
    }
    if known.starts_with(typed) {
        return BEGINS;
    }
    let letters = typed.chars().count();
    if letters > 1 && known.contains(typed) {
        return HOLDS;
    }
    let forgiven = match letters {
        LETTERS_FOR_TWO.. => 2,
        LETTERS_FOR_ONE.. => 1,
        _ => return 0,
    };
    let others = known.chars().count();
    if others + forgiven < letters {
        return 0;
    }
    // Who is still typing has written the beginning of a word.
    let beginning: String = known.chars().take(letters).collect();
    let whole = others <= letters + forgiven && strsim::osa_distance(typed, known) <= forgiven;
    if whole || strsim::osa_distance(typed, &beginning) <= forgiven {
        MISTAKEN
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_with_mistakes_and_in_any_order() {
        let mut words = Words::default();
        let sok = words.of("Sok Sopheap");
        let khmer = words.of("សុខ សុភាព");
        let other = words.of("Keo Dara");
        let found = |text: &str, name: &[u32]| words.search(text).fit(name);
        for typed in [
            "Sok",
            "sopheap sok",
            "Sopheip",
            "Sophaep",
            "SOPH",
            "soksopheap",
            "sok sopheab",
        ] {
            assert!(found(typed, &sok).is_some(), "{typed}");
            assert!(found(typed, &other).is_none(), "{typed}");
        }
        // With and without a blank, and with the space that the Khmer keyboard types.
        for typed in ["សុភាព", "សុខសុភាព", "សុខ\u{200b}សុភាព"] {
            assert!(found(typed, &khmer).is_some(), "{typed}");
        }
        assert!(found("Sok", &sok) > found("So", &sok));
        assert!(found("sok dara", &sok).is_none());
        assert!(words.search(" \u{200b} ").is_empty());
        // Short words are as they are: every third name is one letter away from them.
        assert!(found("Kok", &sok).is_none());
    }
}
