//! What is to be decided: families, sites, scores, loads, capacities and what binds families or sites together.

use thiserror::Error;

/// Numbers beyond this size are refused, so that no sum of them overflows.
pub const LARGEST: f64 = 1e15;

/// Families × sites that one problem may hold: beyond it the memory of a small server does not suffice.
pub const MAX_CELLS: usize = 5_000_000;

/// Sites that one problem may have: the way of a family's move may lead over any pair of them.
pub const MAX_SITES: usize = 1_000;

/// Why a placement cannot be computed. Families and sites are counted from 0, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlacementError {
    /// A table of another size than families × sites.
    #[error("{what} holds {found} cells where {expected} are needed: one for each family and site")]
    Size {
        /// Scores, loads or capacities.
        what: &'static str,
        /// How many were given.
        found: usize,
        /// How many are needed.
        expected: usize,
    },
    /// More families and sites than fit into memory.
    #[error(
        "{cells} pairs of family and site, or {sites} sites, are more than can be placed at once ({MAX_CELLS} and {MAX_SITES}): place one area at a time"
    )]
    TooLarge {
        /// Families × sites.
        cells: usize,
        /// Sites.
        sites: usize,
    },
    /// A score that is infinite, not a number or too large.
    #[error("family {family}, site {site}: the score is not a number between -1e15 and 1e15")]
    Score {
        /// Which family.
        family: usize,
        /// Which site.
        site: usize,
    },
    /// A load that is negative, infinite, not a number or too large.
    #[error("family {family}, site {site}: the load is not a number between 0 and 1e15")]
    Load {
        /// Which family.
        family: usize,
        /// Which site.
        site: usize,
    },
    /// A capacity that is negative, infinite, not a number or too large.
    #[error("{what}: the capacity is not a number between 0 and 1e15")]
    Capacity {
        /// The site, or the service.
        what: String,
    },
    /// A family or a site that does not exist, or stands in two groups.
    #[error("{what} names a family or a site that does not exist, or one that is named already")]
    Reference {
        /// The group or the service.
        what: String,
    },
}

/// A service with few places that the families of some sites use: a school, a nursery, a clinic.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name, for reasons.
    pub name: String,
    /// How many places it has left.
    pub places: f64,
    /// The sites whose families would use it.
    pub sites: Vec<usize>,
    /// How many places each family needs, in the order of the families: its children under six, say.
    pub needs: Vec<f64>,
}

/// A placement to be decided. Every number in it was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    families: usize,
    sites: usize,
    scores: Vec<Option<f64>>,
    loads: Option<Vec<f64>>,
    capacities: Vec<f64>,
    services: Vec<Service>,
    together: Vec<Vec<usize>>,
}

fn measurable(number: f64) -> bool {
    (0.0..=LARGEST).contains(&number)
}

impl Problem {
    /// Families that count 1 each.
    ///
    /// `scores` holds a row for each family with a cell for each site: how good the site is *for this family*, in any unit that can be
    /// summed; `None` where the family cannot live there. `capacities` holds how much each site can take, in the unit of the loads.
    pub fn new(
        families: usize,
        scores: Vec<Option<f64>>,
        capacities: Vec<f64>,
    ) -> Result<Self, PlacementError> {
        let sites = capacities.len();
        let cells = families.saturating_mul(sites);
        if cells > MAX_CELLS || sites > MAX_SITES {
            return Err(PlacementError::TooLarge { cells, sites });
        }
        if scores.len() != cells {
            return Err(PlacementError::Size {
                what: "the table of scores",
                found: scores.len(),
                expected: cells,
            });
        }
        let wrong = |score: &Option<f64>| score.is_some_and(|score| !measurable(score.abs()));
        if let Some(cell) = scores.iter().position(wrong) {
            return Err(PlacementError::Score {
                family: cell / sites,
                site: cell % sites,
            });
        }
        if let Some(site) = capacities.iter().position(|capacity| !measurable(*capacity)) {
            return Err(PlacementError::Capacity {
                what: format!("site {site}"),
            });
        }
        Ok(Self {
            families,
            sites,
            scores,
            loads: None,
            capacities,
            services: Vec::new(),
            together: Vec::new(),
        })
    }

    /// The same with a load for each family and site: how much of the site's capacity the family takes there.
    pub fn with_loads(self, loads: Vec<f64>) -> Result<Self, PlacementError> {
        if loads.len() != self.scores.len() {
            return Err(PlacementError::Size {
                what: "the table of loads",
                found: loads.len(),
                expected: self.scores.len(),
            });
        }
        if let Some(cell) = loads.iter().position(|load| !measurable(*load)) {
            return Err(PlacementError::Load {
                family: cell / self.sites,
                site: cell % self.sites,
            });
        }
        Ok(Self {
            loads: Some(loads),
            ..self
        })
    }

    /// The same with a service whose places limit, beside the sites' own capacities, who can live at its sites.
    pub fn with_service(mut self, service: Service) -> Result<Self, PlacementError> {
        if !measurable(service.places) {
            return Err(PlacementError::Capacity { what: service.name });
        }
        if service.needs.len() != self.families {
            return Err(PlacementError::Size {
                what: "the list of a service's needs",
                found: service.needs.len(),
                expected: self.families,
            });
        }
        if let Some(family) = service.needs.iter().position(|need| !measurable(*need)) {
            let site = service.sites.first().copied().unwrap_or_default();
            return Err(PlacementError::Load { family, site });
        }
        let mut seen = vec![false; self.sites];
        for &site in &service.sites {
            if seen.get(site).copied().unwrap_or(true) {
                return Err(PlacementError::Reference { what: service.name });
            }
            seen[site] = true;
        }
        self.services.push(service);
        Ok(self)
    }

    /// The same with neighbours who wish it kept together: all at one site, or all unplaced. A family stands in one group at the most.
    pub fn with_together(mut self, neighbours: Vec<usize>) -> Result<Self, PlacementError> {
        let mut seen = vec![false; self.families];
        for &family in self.together.iter().flatten() {
            seen[family] = true;
        }
        for &family in &neighbours {
            if seen.get(family).copied().unwrap_or(true) {
                return Err(PlacementError::Reference {
                    what: "a group of neighbours".into(),
                });
            }
            seen[family] = true;
        }
        if neighbours.len() > 1 {
            self.together.push(neighbours);
        }
        Ok(self)
    }

    /// The same without the sites at which a need is not met: a wheelchair and no level way, a threat known there.
    #[must_use]
    pub fn requiring(mut self, meets: impl Fn(usize, usize) -> bool) -> Self {
        for family in 0..self.families {
            for site in 0..self.sites {
                if !meets(family, site) {
                    self.scores[family * self.sites + site] = None;
                }
            }
        }
        self
    }

    /// The same with a family, and the neighbours who stay with it, at this site for certain: what it takes is gone, and nobody asks for
    /// it any more. `None` if it does not fit there.
    pub(super) fn granting(&self, family: usize, site: usize) -> Option<Self> {
        let mut problem = self.clone();
        for family in self.neighbours(family) {
            self.score(family, site)?;
            problem.capacities[site] -= self.load(family, site);
            for service in &mut problem.services {
                if service.sites.contains(&site) {
                    service.places -= service.needs[family];
                }
            }
            for site in 0..self.sites {
                problem.scores[family * self.sites + site] = None;
            }
        }
        // What differences of decimal numbers lose.
        let enough = |left: &mut f64, of: f64| {
            let fits = *left >= -1e-9 * of;
            // 0.5 - 0.4 has to hold 0.1 again: nine decimals, where there are so many digits.
            if of < 1e6 {
                *left = (*left * 1e9).round() / 1e9;
            }
            *left = left.max(0.0);
            fits
        };
        let fits = enough(&mut problem.capacities[site], self.capacities[site])
            && problem
                .services
                .iter_mut()
                .zip(&self.services)
                .all(|(left, of)| enough(&mut left.places, of.places));
        fits.then_some(problem)
    }

    /// The family and the neighbours who stay with it.
    pub(super) fn neighbours(&self, family: usize) -> Vec<usize> {
        let group = self.together.iter().find(|group| group.contains(&family));
        group.cloned().unwrap_or_else(|| vec![family])
    }

    /// How many families there are.
    pub fn families(&self) -> usize {
        self.families
    }

    /// How many sites there are.
    pub fn sites(&self) -> usize {
        self.sites
    }

    /// How good a site is for a family; `None` where it cannot live there.
    pub fn score(&self, family: usize, site: usize) -> Option<f64> {
        self.scores[family * self.sites + site]
    }

    /// How much of a site's capacity a family takes.
    pub fn load(&self, family: usize, site: usize) -> f64 {
        self.loads
            .as_ref()
            .map_or(1.0, |loads| loads[family * self.sites + site])
    }

    /// How much a site can take.
    pub fn capacity(&self, site: usize) -> f64 {
        self.capacities[site]
    }

    /// The services with few places.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The groups of neighbours, each of two families at least.
    pub fn together(&self) -> &[Vec<usize>] {
        &self.together
    }

    /// A family's best sites *for it*, the best first; sites of one score in their own order.
    pub fn wishes(&self, family: usize) -> Vec<usize> {
        let mut sites: Vec<(usize, f64)> = (0..self.sites)
            .filter_map(|site| Some((site, self.score(family, site)?)))
            .collect();
        sites.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        sites.into_iter().map(|(site, _)| site).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_be_summed_are_refused() {
        let one = |score| Problem::new(1, vec![Some(score)], vec![1.0]);
        for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(one(score), Err(PlacementError::Score { family: 0, site: 0 }));
        }
        for capacity in [f64::NAN, -1.0, f64::INFINITY] {
            assert!(Problem::new(1, vec![Some(1.0)], vec![capacity]).is_err());
        }
        for load in [f64::NAN, -0.5, f64::INFINITY] {
            assert!(one(1.0).unwrap().with_loads(vec![load]).is_err());
        }
        assert!(matches!(
            Problem::new(2, vec![None], vec![1.0]),
            Err(PlacementError::Size { .. })
        ));
        assert!(matches!(
            Problem::new(usize::MAX, vec![], vec![1.0; 2]),
            Err(PlacementError::TooLarge { .. })
        ));
        assert!(matches!(
            Problem::new(0, vec![], vec![1.0; MAX_SITES + 1]),
            Err(PlacementError::TooLarge { .. })
        ));
    }

    #[test]
    fn groups_and_services_name_what_exists_once() {
        let problem = || Problem::new(2, vec![Some(1.0); 2], vec![2.0]).unwrap();
        assert!(problem().with_together(vec![0, 2]).is_err());
        assert!(problem().with_together(vec![0, 0]).is_err());
        let twice = problem().with_together(vec![0, 1]).unwrap();
        assert!(twice.with_together(vec![1]).is_err());
        let service = |sites: Vec<usize>, needs: Vec<f64>| Service {
            name: "nursery".into(),
            places: 1.0,
            sites,
            needs,
        };
        assert!(problem().with_service(service(vec![1], vec![1.0; 2])).is_err());
        assert!(problem().with_service(service(vec![0, 0], vec![1.0; 2])).is_err());
        assert!(problem().with_service(service(vec![0], vec![1.0])).is_err());
        assert!(problem().with_service(service(vec![0], vec![1.0, -1.0])).is_err());
        assert!(problem().with_service(service(vec![0], vec![1.0; 2])).is_ok());
    }

    #[test]
    fn wishes_are_the_possible_sites_by_score() {
        let scores = vec![Some(1.0), None, Some(3.0), Some(3.0)];
        let problem = Problem::new(1, scores, vec![1.0; 4]).unwrap();
        assert_eq!(problem.wishes(0), [2, 3, 0]);
        let with_need = problem.requiring(|_, site| site != 2);
        assert_eq!(with_need.wishes(0), [3, 0]);
    }
}
