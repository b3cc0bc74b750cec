//! Who lives in a household.

use phteah_registry::event::MemberId;

use super::names::{FAMILY, MEN, WOMEN};
use crate::draw::Draw;

/// A member of a household.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub id: MemberId,
    pub name_km: String,
    pub name_en: String,
    pub is_woman: bool,
    pub birth_year: i16,
    pub relation: &'static str,
    pub has_difficulty: bool,
}

/// The household's members in the year in which it is surveyed; the first is its head. Some four to five on average, as among poor households in
/// Phnom Penh (4.6, STT).
pub(super) fn draw(draw: &mut Draw, year: i16) -> Vec<Member> {
    let family = *draw.pick(&FAMILY);
    // Two heads of five are women in surveyed settlements.
    let head_is_woman = draw.chance(0.4);
    let head_age = age(draw, 24, 68);
    let mut members = vec![member(draw, family, head_is_woman, year - head_age, "head")];
    if draw.chance(if head_is_woman { 0.35 } else { 0.9 }) {
        let other = *draw.pick(&FAMILY);
        let born = year - (head_age + age(draw, 0, 8) - 4).max(18);
        members.push(member(draw, other, !head_is_woman, born, "spouse"));
    }
    for _ in 0..draw.whole(0, 4) {
        let oldest = (head_age - 18).clamp(0, 22);
        let (is_woman, born) = (draw.chance(0.5), year - age(draw, 0, oldest));
        members.push(member(draw, family, is_woman, born, "child"));
    }
    for _ in 0..draw.whole(0, 2) {
        let (is_woman, born) = (draw.chance(0.6), year - age(draw, 40, 80));
        members.push(member(draw, family, is_woman, born, "other"));
    }
    members
}

fn age(draw: &mut Draw, low: i16, high: i16) -> i16 {
    low + (draw.unit() * f64::from(high - low + 1)) as i16
}

fn member(
    draw: &mut Draw,
    family: (&str, &str),
    is_woman: bool,
    birth_year: i16,
    relation: &'static str,
) -> Member {
    let given = *draw.pick(if is_woman { &WOMEN } else { &MEN });
    Member {
        id: MemberId::new(draw.bytes()),
        name_km: format!("{} {}", family.0, given.0),
        name_en: format!("{} {}", family.1, given.1),
        is_woman,
        birth_year,
        relation,
        has_difficulty: draw.chance(0.05),
    }
}
