//! Common names in both scripts. They are ordinary Khmer words (happiness, gold, flower, star …) of the dictionary of the Buddhist Institute;
//! that people bear them: Wikipedia, "Cambodian name". Nobody in particular is meant.

/// Family names: Khmer, Latin.
pub(super) const FAMILY: [(&str, &str); 16] = [
    ("សុខ", "Sok"),
    ("មាស", "Meas"),
    ("ប្រាក់", "Prak"),
    ("កែវ", "Keo"),
    ("ជា", "Chea"),
    ("ចាន់", "Chan"),
    ("ហេង", "Heng"),
    ("គឹម", "Kim"),
    ("លី", "Ly"),
    ("សេង", "Seng"),
    ("ពេជ្រ", "Pich"),
    ("ឈឹម", "Chhim"),
    ("ម៉ៅ", "Mao"),
    ("អ៊ុក", "Ouk"),
    ("នួន", "Nuon"),
    ("សំ", "Sam"),
];

/// Given names of women: Khmer, Latin.
pub(super) const WOMEN: [(&str, &str); 14] = [
    ("បុប្ផា", "Bopha"),
    ("កុលាប", "Kolap"),
    ("ធីតា", "Thida"),
    ("សុភាព", "Sopheap"),
    ("សុខា", "Sokha"),
    ("ចិន្តា", "Chenda"),
    ("មាលា", "Mealea"),
    ("រចនា", "Rachana"),
    ("នារី", "Neary"),
    ("វណ្ណា", "Vanna"),
    ("សុធា", "Sothea"),
    ("ម៉ាលី", "Maly"),
    ("បទុម", "Botum"),
    ("ផល្លា", "Phalla"),
];

/// Given names of men: Khmer, Latin.
pub(super) const MEN: [(&str, &str); 14] = [
    ("តារា", "Dara"),
    ("វាសនា", "Veasna"),
    ("សំណាង", "Samnang"),
    ("កុសល", "Kosal"),
    ("វិសាល", "Visal"),
    ("សុវណ្ណ", "Sovann"),
    ("សេរី", "Serei"),
    ("រង្សី", "Rangsei"),
    ("សុខា", "Sokha"),
    ("ឫទ្ធី", "Rithy"),
    ("បុណ្យ", "Bun"),
    ("វុទ្ធី", "Vuthy"),
    ("សុធា", "Sothea"),
    ("មករា", "Makara"),
];
