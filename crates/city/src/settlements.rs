//! Urban poor settlements as a survey records them: nearly half beside water, many along the railway. Names are made up.

use geo::{Coord, Point};

use crate::anchors::Anchor;
use crate::draw::{Draw, Part};
use crate::fabric::{Density, Sangkats};
use crate::model::{Known, Rail, Settlement, SettlementShape, Tenure, Threat, Water};
use crate::shape::{along, blob, cm, direction, distance, left, polygon, ring_area};

/// Settlements counted in 2018 were 277.
const COUNT: usize = 280;
/// Land per household in m², lanes included.
const HOUSEHOLD_M2: f64 = 55.0;

/// Auspicious words of which names are made.
const WORDS: [(&str, &str); 12] = [
    ("Samaki", "សាមគ្គី"),
    ("Rung Roeang", "រុងរឿង"),
    ("Santepheap", "សន្តិភាព"),
    ("Meanchey", "មានជ័យ"),
    ("Sen Rikreay", "សែនរីករាយ"),
    ("Preaek", "ព្រែក"),
    ("Boeng Thmei", "បឹងថ្មី"),
    ("Phum Thmei", "ភូមិថ្មី"),
    ("Mittapheap", "មិត្តភាព"),
    ("Sovann", "សុវណ្ណ"),
    ("Chamroeun", "ចម្រើន"),
    ("Trapeang", "ត្រពាំង"),
];

/// What a settlement lies beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Water,
    Rail,
    Street,
}

/// Generates the settlements.
pub(crate) fn generate(
    water: &[Water],
    rail: &[Rail],
    anchors: &[Anchor<'_>],
    density: &Density<'_>,
    sangkats: &Sangkats<'_>,
    seed: u64,
) -> Vec<Settlement> {
    let mut draw = Draw::new(seed, Part::Settlements, 0);
    let banks = water
        .iter()
        .flat_map(|water| water.geometry.exterior().0.windows(2));
    let sides = [
        (Beside::Water, weighted(banks, density, sangkats)),
        (
            Beside::Rail,
            weighted(
                rail.iter().flat_map(|rail| rail.geometry.0.windows(2)),
                density,
                sangkats,
            ),
        ),
    ];
    let blocks: Vec<(usize, f64)> = anchors
        .iter()
        .enumerate()
        .filter(|(_, a)| a.sangkat.is_some() && a.people > 0.0)
        .map(|(i, a)| (i, a.people))
        .collect();
    let mut taken: Vec<Coord<f64>> = Vec::new();
    let mut settlements = Vec::new();
    // A place too near another is drawn again; the bound only guards against facts that leave no room.
    for _ in 0..COUNT * 40 {
        if settlements.len() == COUNT {
            break;
        }
        let beside = draw.weighted(&[
            (Beside::Water, 0.47),
            (Beside::Rail, 0.16),
            (Beside::Street, 0.37),
        ]);
        let at = match sides
            .iter()
            .find(|(side, list)| *side == beside && !list.is_empty())
        {
            Some((_, list)) => {
                let (a, b) = draw.weighted(list);
                // Banks run counter-clockwise around the water, so that the land lies to their right.
                along(a, b, draw.unit()) - left(direction(b - a)) * draw.between(10.0, 32.0)
            }
            None if blocks.is_empty() => continue,
            None => anchors[draw.weighted(&blocks)].at,
        };
        if sangkats.find(at, None).is_none() || taken.iter().any(|&other| distance(other, at) < 260.0) {
            continue;
        }
        taken.push(at);
        settlements.push(settlement(settlements.len(), at, beside, &mut draw));
    }
    settlements
}

/// A straight piece of a bank or a railway.
type Stretch = (Coord<f64>, Coord<f64>);

/// Stretches within the municipality, weighted by length and by how urban they are.
fn weighted<'a>(
    stretches: impl Iterator<Item = &'a [Coord<f64>]>,
    density: &Density<'_>,
    sangkats: &Sangkats<'_>,
) -> Vec<(Stretch, f64)> {
    let inside = stretches.filter(|w| sangkats.find(w[0], None).is_some());
    inside
        .map(|w| {
            (
                (w[0], w[1]),
                distance(w[0], w[1]) * (0.03 + density.urban(w[0]).max(0.0)),
            )
        })
        .collect()
}

fn settlement(index: usize, at: Coord<f64>, beside: Beside, draw: &mut Draw) -> Settlement {
    let half = Coord {
        x: draw.between(22.0, 85.0),
        y: draw.between(18.0, 60.0),
    };
    let outline = polygon(&blob(at, half, 9, 0.4, draw));
    let crowding = draw.between(0.6, 1.5);
    let households = (ring_area(&outline.exterior().0) / HOUSEHOLD_M2 * crowding).max(8.0) as u32;
    let wet = beside == Beside::Water;
    let floods = if wet {
        draw.between(1.0, 7.0)
    } else {
        draw.between(0.0, 2.5)
    }
    .round();
    let depth = if floods > 0.0 {
        draw.between(0.1, if wet { 1.3 } else { 0.6 })
    } else {
        0.0
    };
    let (flooding_known, depth_known) = (draw.chance(0.9), draw.chance(0.92));
    let (en, km) = *draw.pick(&WORDS);
    let mut answer =
        |yes: f64| draw.weighted(&[(Known::Yes, yes), (Known::No, 0.93 - yes), (Known::Unknown, 0.07)]);
    let (water, electricity, toilets, road) = (
        answer(0.58),
        answer(0.82),
        answer(0.5),
        answer(if wet { 0.4 } else { 0.7 }),
    );
    let tenure = match beside {
        Beside::Water | Beside::Rail => draw.weighted(&[
            (Tenure::StatePublic, 0.68),
            (Tenure::StatePrivate, 0.08),
            (Tenure::SoftTitle, 0.09),
            (Tenure::Unknown, 0.15),
        ]),
        Beside::Street => draw.weighted(&[
            (Tenure::StatePublic, 0.25),
            (Tenure::SoftTitle, 0.32),
            (Tenure::HardTitle, 0.1),
            (Tenure::Monastery, 0.08),
            (Tenure::SocialLandConcession, 0.05),
            (Tenure::Unknown, 0.2),
        ]),
    };
    let eviction_threat = draw.weighted(&[
        (Threat::None, 0.45),
        (Threat::Rumoured, 0.25),
        (Threat::Notified, 0.15),
        (Threat::Unknown, 0.15),
    ]);
    let surveyed_on = format!(
        "{}-{:02}-{:02}",
        draw.whole(2022, 2025),
        draw.whole(1, 12),
        draw.whole(1, 28)
    );
    Settlement {
        survey_id: format!("UPS-{:04}", index + 1),
        name_en: format!("{en} {} (illustrative)", index + 1),
        name_km: format!("{km} {} (ឧទាហរណ៍)", index + 1),
        households,
        tenure,
        flooding_per_year: flooding_known.then_some(floods),
        flood_depth_m: (flooding_known && depth_known).then_some((depth * 10.0).round() / 10.0),
        eviction_threat,
        water,
        electricity,
        toilets,
        road,
        surveyed_on,
        geometry: if draw.chance(0.82) {
            SettlementShape::Area(outline)
        } else {
            SettlementShape::Place(Point(cm(at)))
        },
    }
}
