//! Placements against published optima, and against trying everything.

use proptest::prelude::*;

use super::*;

/// Time never ends.
fn endless() -> f64 {
    0.0
}

/// Families placed and value of the best placement, by trying every one.
fn tried(problem: &Problem) -> (usize, f64) {
    fn go(problem: &Problem, family: usize, sites: &mut Vec<Option<usize>>, best: &mut (usize, f64)) {
        if family == problem.families() {
            let placed = sites.iter().flatten().count();
            let value = value(problem, sites);
            if is_allowed(problem, sites) && (placed > best.0 || placed == best.0 && value > best.1) {
                *best = (placed, value);
            }
            return;
        }
        for site in std::iter::once(None).chain((0..problem.sites()).map(Some)) {
            if site.is_none_or(|site| problem.score(family, site).is_some()) {
                sites.push(site);
                go(problem, family + 1, sites, best);
                sites.pop();
            }
        }
    }
    let mut best = (0, 0.0);
    if problem.families() > 0 {
        best.1 = f64::NEG_INFINITY;
    }
    go(problem, 0, &mut Vec::new(), &mut best);
    best
}

fn is_allowed(problem: &Problem, sites: &[Option<usize>]) -> bool {
    let of = |site: usize| move |(_, at): &(usize, &Option<usize>)| **at == Some(site);
    let within = (0..problem.sites()).all(|site| {
        let at = sites.iter().enumerate().filter(of(site));
        let load: f64 = at.map(|(family, _)| problem.load(family, site)).sum();
        load <= problem.capacity(site) + 1e-9
    });
    let served = problem.services().iter().all(|service| {
        let at = sites
            .iter()
            .enumerate()
            .filter(|(_, at)| at.is_some_and(|at| service.sites.contains(&at)));
        let needs: f64 = at.map(|(family, _)| service.needs[family]).sum();
        needs <= service.places + 1e-9
    });
    let together = problem
        .together()
        .iter()
        .all(|group| group.iter().all(|family| sites[*family] == sites[group[0]]));
    within && served && together
}

fn check(problem: &Problem) -> Result<(), TestCaseError> {
    let proposal = propose(problem, &endless);
    prop_assert!(is_allowed(problem, &proposal.sites));
    prop_assert!(proposal.is_proven() && !proposal.stopped, "{:?}", proposal);
    prop_assert_eq!(proposal.placed, proposal.sites.iter().flatten().count());
    let (placed, best) = tried(problem);
    prop_assert_eq!(proposal.placed, placed);
    prop_assert!(
        (proposal.value - best).abs() < 1e-9,
        "{} instead of {}",
        proposal.value,
        best
    );
    let greedy = greedy(problem);
    prop_assert!(is_allowed(problem, &greedy));
    Ok(())
}

prop_compose! {
    fn problems(loads: bool)(families in 0_usize..6, sites in 0_usize..4)(
        scores in prop::collection::vec(prop::option::weighted(0.8, -20_i32..60), families * sites),
        loads in prop::collection::vec(if loads { 0_u32..7 } else { 1_u32..2 }, families * sites),
        capacities in prop::collection::vec(if loads { 0_u32..16 } else { 0_u32..4 }, sites),
        tenths in any::<bool>(),
        families in Just(families),
    ) -> Problem {
        let by = if tenths { 10.0 } else { 1.0 };
        let scores = scores.into_iter().map(|score| score.map(|score| f64::from(score) / by)).collect();
        let capacities = capacities.into_iter().map(|capacity| f64::from(capacity) / by).collect();
        let loads = loads.into_iter().map(|load| f64::from(load) / by).collect();
        Problem::new(families, scores, capacities).unwrap().with_loads(loads).unwrap()
    }
}

proptest! {
    #[test]
    fn one_plot_each_is_as_good_as_trying_everything(problem in problems(false)) {
        check(&problem)?;
    }

    #[test]
    fn loads_are_as_good_as_trying_everything(problem in problems(true)) {
        check(&problem)?;
    }

    #[test]
    fn services_and_neighbours_are_as_good_as_trying_everything(
        problem in problems(true),
        needs in prop::collection::vec(0_u32..4, 6),
        places in 0_u32..9,
        first in any::<bool>(),
    ) {
        let sites: Vec<usize> = (0..problem.sites()).filter(|site| first || *site > 0).collect();
        let needs = needs[..problem.families()].iter().map(|need| f64::from(*need)).collect();
        let service = Service { name: "nursery".into(), places: places.into(), sites, needs };
        let mut problem = problem.with_service(service).unwrap();
        if problem.families() > 3 {
            problem = problem.with_together(vec![0, 3]).unwrap();
        }
        check(&problem)?;
    }

    #[test]
    fn first_wishes_cost_what_solving_again_says(problem in problems(false)) {
        let proposal = propose(&problem, &endless);
        let mut wishes = FirstWishes::new(&problem, &proposal);
        for family in 0..problem.families() {
            let Some(wish) = wishes.of(family, &endless) else { continue };
            let granted = problem.granting(family, wish.site).unwrap();
            let (placed, value) = tried(&granted);
            let value = value + problem.score(family, wish.site).unwrap();
            prop_assert_eq!(proposal.placed - wish.families, placed + 1);
            prop_assert!((proposal.value - wish.at_least - value).abs() < 1e-9);
            prop_assert_eq!(wish.at_least, wish.at_most);
        }
    }

    #[test]
    fn first_wishes_with_loads_lie_between_what_is_said(problem in problems(true)) {
        let proposal = propose(&problem, &endless);
        let mut wishes = FirstWishes::new(&problem, &proposal);
        for family in 0..problem.families() {
            let Some(wish) = wishes.of(family, &endless) else { continue };
            let granted = problem.granting(family, wish.site).unwrap();
            let (placed, value) = tried(&granted);
            let loss = proposal.value - value - problem.score(family, wish.site).unwrap();
            prop_assert_eq!(proposal.placed - wish.families, placed + 1);
            if wish.families == 0 {
                prop_assert!(wish.at_least - 1e-9 <= loss && loss <= wish.at_most + 1e-9);
            }
        }
    }
}

/// A published instance: rows are agents (sites), columns jobs (families).
fn published(values: &[&[f64]], loads: &[&[f64]], capacities: &[f64]) -> Problem {
    let jobs = values[0].len();
    let by_job = |rows: &[&[f64]]| -> Vec<f64> {
        (0..jobs)
            .flat_map(|job| rows.iter().map(move |row| row[job]))
            .collect()
    };
    let scores = by_job(values).into_iter().map(Some).collect();
    let problem = Problem::new(jobs, scores, capacities.to_vec()).unwrap();
    problem.with_loads(by_job(loads)).unwrap()
}

/// OR-Library (J. E. Beasley), file gap1, problem c515-1: its published optimum is 336.
#[test]
fn a_published_instance_has_its_published_optimum() {
    let values: [&[f64]; 5] = [
        &[
            17., 21., 22., 18., 24., 15., 20., 18., 19., 18., 16., 22., 24., 24., 16.,
        ],
        &[
            23., 16., 21., 16., 17., 16., 19., 25., 18., 21., 17., 15., 25., 17., 24.,
        ],
        &[
            16., 20., 16., 25., 24., 16., 17., 19., 19., 18., 20., 16., 17., 21., 24.,
        ],
        &[
            19., 19., 22., 22., 20., 16., 19., 17., 21., 19., 25., 23., 25., 25., 25.,
        ],
        &[
            18., 19., 15., 15., 21., 25., 16., 16., 23., 15., 22., 17., 19., 22., 24.,
        ],
    ];
    let loads: [&[f64]; 5] = [
        &[
            8., 15., 14., 23., 8., 16., 8., 25., 9., 17., 25., 15., 10., 8., 24.,
        ],
        &[
            15., 7., 23., 22., 11., 11., 12., 10., 17., 16., 7., 16., 10., 18., 22.,
        ],
        &[
            21., 20., 6., 22., 24., 10., 24., 9., 21., 14., 11., 14., 11., 19., 16.,
        ],
        &[20., 11., 8., 14., 9., 5., 6., 19., 19., 7., 6., 6., 13., 9., 18.],
        &[
            8., 13., 13., 13., 10., 20., 25., 16., 16., 17., 10., 10., 5., 12., 23.,
        ],
    ];
    let proposal = propose(&published(&values, &loads, &[36., 34., 38., 27., 33.]), &endless);
    assert_eq!((proposal.placed, proposal.value), (15, 336.0));
    assert!(proposal.is_proven());
}
