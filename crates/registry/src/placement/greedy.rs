//! The plain greedy answer: what somebody with a list and a pencil would do.

use super::problem::Problem;

/// Takes the pairs of family and site by falling score, and places each family at the first site that still has room for it; pairs of one
/// score in the order of the families, then of the sites. Neighbours who stay together are one family with the sum of their scores.
///
/// Returns each family's site.
pub fn greedy(problem: &Problem) -> Vec<Option<usize>> {
    let mut unit_of: Vec<usize> = (0..problem.families()).collect();
    for group in problem.together() {
        let first = group.iter().copied().min().unwrap_or_default();
        for &family in group {
            unit_of[family] = first;
        }
    }
    let mut units: Vec<Vec<usize>> = vec![Vec::new(); problem.families()];
    for (family, unit) in unit_of.iter().enumerate() {
        units[*unit].push(family);
    }
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (unit, families) in units
        .iter()
        .enumerate()
        .filter(|(_, families)| !families.is_empty())
    {
        for site in 0..problem.sites() {
            let score: Option<f64> = families.iter().map(|family| problem.score(*family, site)).sum();
            pairs.extend(score.map(|score| (score, unit, site)));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut used = vec![0.0; problem.sites()];
    let mut used_places = vec![0.0; problem.services().len()];
    let mut placed: Vec<Option<usize>> = vec![None; problem.families()];
    for (_, unit, site) in pairs {
        let families = &units[unit];
        if placed[families[0]].is_some() {
            continue;
        }
        let load: f64 = families.iter().map(|family| problem.load(*family, site)).sum();
        let needs = |service: usize| -> f64 {
            let service = &problem.services()[service];
            if service.sites.contains(&site) {
                families.iter().map(|family| service.needs[*family]).sum()
            } else {
                0.0
            }
        };
        let fits = |used: f64, more: f64, of: f64| more == 0.0 || used + more <= of * (1.0 + 1e-9);
        let services = || used_places.iter().enumerate().zip(problem.services());
        if fits(used[site], load, problem.capacity(site))
            && services().all(|((index, used), service)| fits(*used, needs(index), service.places))
        {
            used[site] += load;
            for (index, used) in used_places.iter_mut().enumerate() {
                *used += needs(index);
            }
            for &family in families {
                placed[family] = Some(site);
            }
        }
    }
    placed
}
