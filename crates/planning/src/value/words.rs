//! Value functions in plain words: "full score up to 15 minutes' walk, none from 60".

use super::ValueFunction;
use crate::measure::{Measure, Tenure, plain_number};
use crate::text::Text;

/// How raw numbers are said.
struct Speech<'a> {
    /// With the unit; Khmer without its subject.
    amount: &'a dyn Fn(f64) -> Text,
    /// English without the unit, which has just been said.
    short: &'a dyn Fn(f64) -> String,
    /// What a Khmer sentence puts before the amount.
    khmer_subject: &'a str,
    /// A category.
    label: &'a dyn Fn(&str) -> Text,
}

impl ValueFunction {
    /// The function in words, raw numbers said with the measure's unit.
    pub fn in_words(&self, measure: &Measure) -> Text {
        self.speak(&Speech {
            amount: &|number| measure.amount(number),
            short: &|number| measure.short_amount(number),
            khmer_subject: measure.khmer_subject(),
            label: &|category| {
                Tenure::from_name(category)
                    .filter(|_| *measure == Measure::Tenure)
                    .map_or_else(|| Text::new(category, category), Tenure::label)
            },
        })
    }

    /// The function in words with bare numbers, for a criterion whose unit nobody stated.
    pub fn in_plain_words(&self) -> Text {
        self.speak(&Speech {
            amount: &|number| Text::new(plain_number(number), plain_number(number)),
            short: &plain_number,
            khmer_subject: "តម្លៃ",
            label: &|category| Text::new(category, category),
        })
    }

    fn speak(&self, speech: &Speech<'_>) -> Text {
        match self {
            Self::Linear { worst, best } => ramp(*worst, *best, speech),
            Self::Trapezoid { a, b, c, d } => trapezoid([*a, *b, *c, *d], speech),
            Self::Piecewise { points } => match points.as_slice() {
                [[worst, 0.0], [best, 1.0]] | [[best, 1.0], [worst, 0.0]] => ramp(*worst, *best, speech),
                _ => curve(points, speech),
            },
            Self::Step { below, steps } => step(*below, steps, speech),
            Self::Logistic { midpoint, slope } => logistic(*midpoint, *slope, speech),
            Self::Table { values } => {
                let said = |(category, value): (&String, &f64)| {
                    let (label, score) = ((speech.label)(category), score_of(*value));
                    Text::new(
                        format!("{}: {}", label.en, score.en),
                        format!("{}៖ {}", label.km, score.km),
                    )
                };
                join(&values.iter().map(said).collect::<Vec<_>>())
            }
        }
    }
}

/// A value as marks.
fn score_of(value: f64) -> Text {
    if value >= 1.0 {
        Text::new("full score", "ពិន្ទុពេញ")
    } else if value <= 0.0 {
        Text::new("none", "គ្មានពិន្ទុ")
    } else {
        let percent = plain_number(value * 100.0);
        Text::new(
            format!("{percent}% of the full score"),
            format!("{percent}% នៃពិន្ទុ"),
        )
    }
}

fn join(parts: &[Text]) -> Text {
    let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
    let km: Vec<&str> = parts.iter().map(|part| part.km.as_str()).collect();
    Text::new(en.join(", "), km.join(" "))
}

fn ramp(worst: f64, best: f64, speech: &Speech<'_>) -> Text {
    let (full, none) = ((speech.amount)(best), (speech.amount)(worst));
    let (short, subject) = ((speech.short)(worst), speech.khmer_subject);
    if worst < best {
        return Text::new(
            format!("full score from {}, none up to {short}", full.en),
            format!(
                "ពិន្ទុពេញបើ{subject}ចាប់ពី {} ឡើងទៅ គ្មានពិន្ទុបើ{subject}មិនលើស {}",
                full.km, none.km
            ),
        );
    }
    // "Up to 0 m" would puzzle: under zero there is nothing.
    let (en, km) = if best == 0.0 {
        ("at", "")
    } else {
        ("up to", "មិនលើស")
    };
    Text::new(
        format!("full score {en} {}, none from {short}", full.en),
        format!(
            "ពិន្ទុពេញបើ{subject}{km} {} គ្មានពិន្ទុបើ{subject}ចាប់ពី {} ឡើងទៅ",
            full.km, none.km
        ),
    )
}

fn trapezoid([a, b, c, d]: [f64; 4], speech: &Speech<'_>) -> Text {
    let amount = speech.amount;
    let ([a_km, b_km, c_km, d_km], subject) = (
        [amount(a).km, amount(b).km, amount(c).km, amount(d).km],
        speech.khmer_subject,
    );
    let (c_en, b_en) = (amount(c).en, (speech.short)(b));
    let full = if b < c {
        Text::new(
            format!("full score from {b_en} to {c_en}"),
            format!("ពិន្ទុពេញបើ{subject}ចន្លោះពី {b_km} ដល់ {c_km}"),
        )
    } else {
        Text::new(
            format!("full score at {c_en}"),
            format!("ពិន្ទុពេញបើ{subject} {c_km}"),
        )
    };
    // A sheer side keeps its own end among the full score, so "up to" would be wrong there.
    let under = if a < b {
        ("up to", "មិនលើស")
    } else {
        ("below", "តិចជាង")
    };
    let over = if c < d {
        ("from", "ចាប់ពី")
    } else {
        ("above", "លើស")
    };
    let none = Text::new(
        format!(
            "none {} {} or {} {}",
            under.0,
            (speech.short)(a),
            over.0,
            (speech.short)(d)
        ),
        format!("គ្មានពិន្ទុបើ{subject}{} {a_km} ឬ{} {d_km}", under.1, over.1),
    );
    join(&[full, none])
}

/// Points of a curve, flat before the first and after the last.
fn curve(points: &[[f64; 2]], speech: &Speech<'_>) -> Text {
    let subject = speech.khmer_subject;
    let said = |(index, [raw, value]): (usize, &[f64; 2])| {
        let (amount, score) = ((speech.amount)(*raw), score_of(*value));
        let raw_en = if index == 0 {
            amount.en
        } else {
            (speech.short)(*raw)
        };
        let (en, km, onwards) = if index == 0 {
            ("up to", "មិនលើស", "")
        } else if index + 1 == points.len() {
            ("from", "ចាប់ពី", " ឡើងទៅ")
        } else {
            ("at", "", "")
        };
        Text::new(
            format!("{} {en} {raw_en}", score.en),
            format!("{}បើ{subject}{km} {}{onwards}", score.km, amount.km),
        )
    };
    join(&points.iter().enumerate().map(said).collect::<Vec<_>>())
}

fn step(below: f64, steps: &[[f64; 2]], speech: &Speech<'_>) -> Text {
    let Some([first, _]) = steps.first() else {
        return score_of(below);
    };
    let (first, under, subject) = ((speech.amount)(*first), score_of(below), speech.khmer_subject);
    let mut parts = vec![Text::new(
        format!("{} below {}", under.en, first.en),
        format!("{}បើ{subject}តិចជាង {}", under.km, first.km),
    )];
    parts.extend(steps.iter().map(|[raw, value]| {
        let (raw, score) = ((speech.amount)(*raw), score_of(*value));
        Text::new(
            format!("{} from {}", score.en, raw.en),
            format!("{}បើ{subject}ចាប់ពី {}", score.km, raw.km),
        )
    }));
    join(&parts)
}

fn logistic(midpoint: f64, slope: f64, speech: &Speech<'_>) -> Text {
    // ln(9): where an S-curve reaches nine tenths.
    let most = midpoint + 9.0_f64.ln() / slope;
    let (half, most_km, subject) = (
        (speech.amount)(midpoint),
        (speech.amount)(most).km,
        speech.khmer_subject,
    );
    let (en, km) = if slope > 0.0 {
        ("from", "ចាប់ពី")
    } else {
        ("up to", "មិនលើស")
    };
    Text::new(
        format!(
            "half score at {}, nine tenths {en} {}",
            half.en,
            (speech.short)(most)
        ),
        format!(
            "ពាក់កណ្ដាលពិន្ទុបើ{subject} {} ប្រាំបួនភាគដប់នៃពិន្ទុបើ{subject}{km} {most_km}",
            half.km
        ),
    )
}
