//! The Kaplan–Meier estimate, where every day of leaving is known.

use super::observation::Observation;

/// The 97.5 % point of the normal distribution.
const NORMAL_975: f64 = 1.959_963_984_540_054;

/// A time at which families left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// When.
    pub time: f64,
    /// Families who were still there just before, and seen at this time or later.
    pub at_risk: usize,
    /// Families who left.
    pub left: usize,
    /// The share still there afterwards.
    pub survival: f64,
    /// The standard error of the share (Greenwood 1926).
    pub standard_error: f64,
    /// Lower end of the 95 % confidence interval, on the log(-log) scale (Kalbfleisch and Prentice 1980); 0 where the share is 0.
    pub low: f64,
    /// Its upper end; 0 where the share is 0, and 1 where it is 1.
    pub high: f64,
}

/// The Kaplan–Meier estimate (1958), a step for every time at which somebody left. `None` if a time of leaving is only known to lie between two:
/// it would have to be guessed, and [`fit`](super::fit) needs no guess.
pub fn kaplan_meier(observations: &[Observation]) -> Option<Vec<Step>> {
    if !observations.iter().all(Observation::is_exact_or_censored) {
        return None;
    }
    let mut times: Vec<(f64, bool)> = observations
        .iter()
        .map(|observation| (observation.left(), observation.is_exact()))
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut steps = Vec::new();
    let (mut survival, mut greenwood, mut gone) = (1.0, 0.0, 0);
    for same in times.chunk_by(|a, b| a.0 == b.0) {
        let at_risk = times.len() - gone;
        let left = same.iter().filter(|(_, left)| *left).count();
        gone += same.len();
        if left == 0 {
            continue;
        }
        let (risk, many) = (at_risk as f64, left as f64);
        survival *= (risk - many) / risk;
        greenwood += if left == at_risk {
            0.0
        } else {
            many / (risk * (risk - many))
        };
        let (low, high) = log_log(survival, greenwood);
        steps.push(Step {
            time: same[0].0,
            at_risk,
            left,
            survival,
            standard_error: survival * greenwood.sqrt(),
            low,
            high,
        });
    }
    Some(steps)
}

fn log_log(survival: f64, greenwood: f64) -> (f64, f64) {
    if survival <= 0.0 || survival >= 1.0 {
        return (survival, survival);
    }
    let log = survival.ln();
    let wide = NORMAL_975 * greenwood.sqrt() / log.abs();
    (survival.powf(wide.exp()), survival.powf((-wide).exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Freireich and others 1963, 6-MP group, as in Gehan 1965; standard errors as in Lawless 1982 and the manuals of many programs.
    #[test]
    fn the_remission_times_of_1963_have_their_published_curve() {
        let times = [
            6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
        ];
        let left = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
        let observations: Vec<Observation> = times
            .iter()
            .zip(left)
            .map(|(time, left)| {
                Observation::new(f64::from(*time), (left == 1).then_some(f64::from(*time))).unwrap()
            })
            .collect();
        let steps = kaplan_meier(&observations).unwrap();
        let published = [
            (6.0, 21, 0.8571, 0.0764),
            (7.0, 17, 0.8067, 0.0869),
            (10.0, 15, 0.7529, 0.0963),
            (13.0, 12, 0.6902, 0.1068),
            (16.0, 11, 0.6275, 0.1141),
            (22.0, 7, 0.5378, 0.1282),
            (23.0, 6, 0.4482, 0.1346),
        ];
        assert_eq!(steps.len(), published.len());
        for (step, (time, at_risk, survival, error)) in steps.iter().zip(published) {
            assert_eq!((step.time, step.at_risk), (time, at_risk));
            assert!((step.survival - survival).abs() <= 5e-5, "{step:?}");
            assert!((step.standard_error - error).abs() <= 5e-5, "{step:?}");
            assert!(step.low < step.survival && step.survival < step.high);
        }
    }

    #[test]
    fn when_everybody_left_nobody_is_there() {
        let observations = [1.0, 2.0].map(|time| Observation::new(time, Some(time)).unwrap());
        let steps = kaplan_meier(&observations).unwrap();
        assert_eq!((steps[1].survival, steps[1].standard_error), (0.0, 0.0));
        assert_eq!((steps[1].low, steps[1].high), (0.0, 0.0));
        assert_eq!(kaplan_meier(&[]), Some(vec![]));
        assert_eq!(kaplan_meier(&[Observation::new(1.0, Some(2.0)).unwrap()]), None);
    }
}
