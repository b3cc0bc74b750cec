//! Hilbert's curve over the world: places that are near each other mostly come near each other in its order (D. Hilbert, 1891; the loop
//! follows Warren, *Hacker's Delight*, 2nd ed., 16–2).

/// Where along the curve a place of the world (2³² × 2³² units) lies.
pub(super) fn along(x: u32, y: u32) -> u64 {
    let (mut x, mut y) = (x, y);
    let mut distance = 0_u64;
    for level in (0..32).rev() {
        let side = 1_u32 << level;
        let (right, low) = (u32::from(x & side > 0), u32::from(y & side > 0));
        distance = (distance << 2) | u64::from((3 * right) ^ low);
        if low == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_visits_neighbours_one_after_the_other() {
        let mut cells: Vec<(u64, u32, u32)> = (0..16)
            .flat_map(|x| (0..16).map(move |y| (along(x << 28, y << 28), x, y)))
            .collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            let ((_, ax, ay), (_, bx, by)) = (pair[0], pair[1]);
            assert_eq!(ax.abs_diff(bx) + ay.abs_diff(by), 1, "{pair:?}");
        }
    }
}
