//! Khmer signs in one order and one spelling, for comparing.
//!
//! A syllable is a base letter and signs around it. Several orders of its signs look the same on screen, and people type them all; the
//! orders here follow Unicode Technical Note 61, "Khmer Encoding Structure".

/// The sign that makes the next letter a subscript.
const COENG: char = '\u{17d2}';

/// Text whose Khmer syllables have their signs in one order, and which spells what sounds and looks the same in one way.
pub(super) fn ordered(text: &str) -> String {
    let mut letters = text.chars().flat_map(spelt_out).peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = letters.next() {
        if !is_base(c) && !is_sign(c) {
            out.push(c);
            continue;
        }
        let mut syllable = Syllable::default();
        let mut next = Some(c);
        if is_base(c) {
            syllable.base = Some(c);
            next = letters.next_if(|c| is_sign(*c));
        }
        while let Some(sign) = next {
            if sign == COENG {
                // A coeng without a letter to put below is not seen.
                syllable.coengs.extend(letters.next_if(|c| is_base(*c)));
            } else if !syllable.signs.contains(&sign) {
                syllable.signs.push(sign);
            }
            next = letters.next_if(|c| is_sign(*c));
        }
        syllable.write(&mut out);
    }
    out
}

#[derive(Default)]
struct Syllable {
    base: Option<char>,
    coengs: Vec<char>,
    signs: Vec<char>,
}

impl Syllable {
    fn write(mut self, out: &mut String) {
        for letter in &mut self.coengs {
            // Below another letter DA and TA have one shape.
            if *letter == 'ដ' {
                *letter = 'ត';
            }
        }
        // RO stands before its syllable, wherever it was typed.
        self.coengs.sort_by_key(|letter| *letter == 'រ');
        self.merge_vowels();
        // `សម្រោង` and `សំរោង` are one name: both are compared as `សមរោង`.
        while self.base == Some('ម') && !self.coengs.is_empty() {
            out.push('ម');
            self.base = Some(self.coengs.remove(0));
        }
        let is_bare = self.base.is_some() && !self.signs.iter().any(|sign| is_vowel(*sign));
        let final_m = is_bare && self.has('ំ');
        if final_m {
            self.remove('ំ');
        }
        // `ឱ្យ` and `អោយ` are one word.
        let final_y = self.base == Some('អ') && self.coengs == ['យ'] && self.signs == ['ោ'];
        if final_y {
            self.coengs.clear();
        }
        self.signs.sort_by_key(|sign| (class(*sign), *sign));
        out.extend(self.base);
        let robat = self.signs.iter().take_while(|sign| class(**sign) == 0).count();
        out.extend(self.signs.drain(..robat));
        for letter in self.coengs {
            out.extend([COENG, letter]);
        }
        out.extend(self.signs);
        out.extend(final_y.then_some('យ'));
        out.extend(final_m.then_some('ម'));
    }

    fn has(&self, sign: char) -> bool {
        self.signs.contains(&sign)
    }

    fn remove(&mut self, sign: char) {
        self.signs.retain(|other| *other != sign);
    }

    /// Vowels typed in two parts, and the shifter that is typed as the vowel it looks like below another vowel.
    fn merge_vowels(&mut self) {
        for (second, whole) in [('ី', 'ើ'), ('ា', 'ោ')] {
            if self.has('េ') && self.has(second) {
                self.remove('េ');
                self.remove(second);
                if !self.has(whole) {
                    self.signs.push(whole);
                }
            }
        }
        let above = |sign: &char| matches!(sign, 'ិ'..='ឺ' | 'ើ' | '័');
        if self.signs.iter().any(above) {
            for low in ['ុ', '៊'] {
                if self.has(low) {
                    self.remove(low);
                    if !self.has('៉') {
                        self.signs.push('៉');
                    }
                }
            }
        }
    }
}

/// Consonants. Independent vowels are spelt out before.
fn is_base(c: char) -> bool {
    matches!(c, 'ក'..='អ')
}

fn is_sign(c: char) -> bool {
    matches!(c, '\u{17b6}'..='\u{17d3}' | '\u{17dd}')
}

fn is_vowel(c: char) -> bool {
    matches!(c, '\u{17b6}'..='\u{17c5}')
}

/// Place of a sign within its syllable; coengs stand between 0 and 1.
fn class(sign: char) -> u8 {
    match sign {
        '៌' => 0,
        '៉' | '៊' => 1,
        '\u{17b6}'..='\u{17c5}' => 2,
        'ំ' => 3,
        'ះ' | 'ៈ' => 5,
        _ => 4,
    }
}

/// Independent vowels as the consonant and vowel that they sound like; deprecated signs as the ones that replaced them.
fn spelt_out(c: char) -> impl Iterator<Item = char> {
    let (first, second, third) = match c {
        '\u{17a3}' => ('អ', None, None),
        '\u{17a4}' => ('អ', Some('ា'), None),
        'ឥ' => ('អ', Some('ិ'), None),
        'ឦ' => ('អ', Some('ី'), None),
        'ឧ' => ('អ', Some('ុ'), None),
        'ឨ' => ('អ', Some('ុ'), Some('ក')),
        'ឩ' => ('អ', Some('ូ'), None),
        'ឪ' => ('អ', Some('ូ'), Some('វ')),
        'ឫ' => ('រ', Some('ឹ'), None),
        'ឬ' => ('រ', Some('ឺ'), None),
        'ឭ' => ('ល', Some('ឹ'), None),
        'ឮ' => ('ល', Some('ឺ'), None),
        'ឯ' => ('អ', Some('ែ'), None),
        'ឰ' => ('អ', Some('ៃ'), None),
        'ឱ' | 'ឲ' => ('អ', Some('ោ'), None),
        'ឳ' => ('អ', Some('ៅ'), None),
        '\u{17d3}' => ('ំ', None, None),
        c => (c, None, None),
    };
    [Some(first), second, third].into_iter().flatten()
}
