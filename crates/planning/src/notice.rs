//! Everything that a planner should know about a result that is still an answer.

use crate::said::{Aside, Percent, Ratio, Whose};
use crate::text::Text;

crate::sentences! {
    /// What a planner should know about a decision, or about what was measured for it.
    Notice {
        // The decision.
        NoAlternatives = "no_alternatives", "There is no candidate site to rank.";
        AllExcluded = "all_excluded", "Every candidate site is excluded.";
        OneAlternative = "one_alternative", "There is only one candidate site: its rank says nothing.";
        NothingRanked = "nothing_ranked", "No site has a rank: there is nothing to be sure of.";
        ZeroWeight { criterion: Text } = "zero_weight", "{criterion} has the weight 0 and does not count.";
        CategoryWithoutValue { criterion: Text, categories: Vec<String> } = "category_without_value", "{criterion}: no value is given for {categories}; treated as unknown.";
        AllUnknown { criterion: Text } = "all_unknown", "{criterion} is not known for any site and cannot tell them apart.";
        SameForMany { criterion: Text, same: usize, sites: usize, value: Percent } = "same_for_many", "{criterion} does not tell your sites apart: {same} of {sites} are worth the same ({value} of 100).";
        TooLittleKnown { sites: usize, share: Percent } = "too_little_known", "{sites} sites have no rank, because more than {share} % of the weight is unknown there: they are listed apart, with what to find out.";
        ExclusionUndecided { sites: usize } = "exclusion_undecided", "Of {sites} sites it is not known whether a limit excludes them. They stand behind all sites that pass for certain, because at worst it does: each says what to find out.";
        LimitKnownNowhere { measure: Text } = "limit_known_nowhere", "A limit on {measure} cannot be checked: it is not known for any site, and so it excludes none and moves none. Import a layer that tells it.";
        OrderedOtherwise { rule: String } = "ordered_otherwise", "What is not known counts for more than its lowest: sites are ordered by the rule {rule}.";
        LayersUnused { layers: Vec<String> } = "layers_unused", "Nothing in this scenario uses these layers: {layers}.";
        CriterionWithoutLayer { criterion: Text, share: Percent } = "criterion_without_layer", "No layer is loaded for {criterion} ({share} % of the weight): it is not known for any site and cannot tell them apart.";
        OverBudget { sites: usize, known: usize, budget: f64 } = "over_budget", "{sites} of {known} sites whose cost is known cost more than US${budget} a household.";
        CostUnknown { sites: usize, all: usize } = "cost_unknown", "What a place costs is unknown for {sites} of {all} sites: no cost counts as 0.";
        ConstantCriterion { criterion: Text } = "constant_criterion", "{criterion} is worth the same at every site and cannot tell them apart.";

        // Judged weights. A group without a name is the top level.
        JudgedWeights { group: String, people: usize, ratio: Aside, consensus: Aside } = "judged_weights", "The weights in {group} come from judgements: people {people}{ratio}{consensus}.";
        WeightsNotAsJudged { group: String } = "weights_not_as_judged", "The weights in {group} are no longer those that the judgements give: changed by hand.";
        LowConsensus { group: String, consensus: Percent } = "low_consensus", "The people who judged {group} agree little (consensus {consensus} %): talk before the mean decides.";
        NoRandomIndex { whose: Whose, criteria: usize } = "no_random_index", "{whose}{criteria} criteria are beyond the tables of random indices (15): consistency is not judged.";
        Inconsistent { whose: Whose, ratio: Ratio, first: String, second: String, judged: Ratio, implied: Ratio } = "inconsistent", "{whose}The judgements contradict each other (consistency ratio {ratio}, over 0.10). Look first at {first} against {second}: judged {judged}, the others imply {implied}.";

        // What was measured.
        LayerUnavailable { layer: String, cause: String } = "layer_unavailable", "The layer '{layer}' cannot be used and was left out: {cause}. What it would tell is unknown.";
        NoParcels = "no_parcels", "No parcels are loaded: there is no land to make sites of. Import a layer of parcels.";
        NoAvailableParcels { parcels: usize, silent: usize } = "no_available_parcels", "None of the {parcels} parcels is marked as available ({silent} say nothing about it): fill the field 'available', or let the scenario take those that say nothing (sites.take_unknown_availability).";
        NoFloodRaster { years: usize } = "no_flood_raster", "No flood depth is loaded for a return period of {years} years: import one, or choose a period that is there. Until then it is unknown for every site.";
        FloodFromZones { years: usize } = "flood_from_zones", "No flood depth is loaded for a return period of {years} years: the flood zones stand for it. That is coarser, and known between bounds. Import the depths to know more.";
        YearFromZones = "year_from_zones", "No flood depths are loaded: for what a year brings the flood zones stand. That is coarser, and known between bounds. Import the depths to know more.";
        NoFloodDepths = "no_flood_depths", "No flood depths are loaded: what a year brings is unknown for every site.";
        NoReturnPeriod { layer: String } = "no_return_period", "The flood depth '{layer}' states no return period and was left out: import it again with one.";
        NoBoundaries = "no_boundaries", "No boundaries are loaded: sites cannot say in which khan and sangkat they lie.";
        NothingToCut { role: String } = "nothing_to_cut", "No layer of {role} is loaded: sites may contain what should be cut out of them.";
        CutOutIncomplete { role: String, sites: usize, all: usize } = "cut_out_incomplete", "The layers of {role} are not complete under {sites} of {all} sites: there may be more to cut out of them than is known. Look there, or say where the layer is complete (--coverage).";
        NoReserveToCut = "no_reserve_to_cut", "No layer of roads is loaded, whose reserve should be kept free: sites may contain what should be cut out of them.";
        NoFloodToCut { years: usize } = "no_flood_to_cut", "No flood depth is loaded for a return period of {years} years: sites may contain what should be cut out of them.";
        NoSettlements = "no_settlements", "No settlements are loaded: how far each site is from today's homes is unknown.";
        HouseholdsUnknown { silent: usize, settlements: usize } = "households_unknown", "{silent} of {settlements} settlements state no number of households and do not count in the disruption.";
        SettlementOffNetwork { places: usize } = "settlement_off_network", "{places} of the places to move from lie on no road: nobody gets from there to any site.";
        DisruptionBeyond { places: usize, sites: usize } = "disruption_beyond", "The way of {places} of the places to move from, or to {sites} of the sites, may lead over roads beyond the area in which the roads are complete: their time is known between bounds only, and whom no known road brings there counts as not reached. Import roads of a larger area to know more.";
        NoParcelsUnder = "no_parcels_under", "No parcels are loaded: whose land a drawn site lies on, and its price, are unknown.";
        NoElevation = "no_elevation", "No elevation model is loaded: the slope of every site is unknown.";
        ElevationCrs { layer: String, crs: String } = "elevation_crs", "The elevation model '{layer}' is not in {crs}: slopes need equal units across and up, so it was left out. Reproject it with gdalwarp and import it again.";
        NoFloodOnRoads { years: usize } = "no_flood_on_roads", "No flood depth is loaded for a return period of {years} years: which roads it cuts is unknown, and so are travel times over them.";
        NoFloodZones = "no_flood_zones", "No flood zones are loaded: the share of each site inside them is unknown.";
        NoIndicator { field: String } = "no_indicator", "No layer of indicators has the field '{field}': it is unknown for every site. Import the table, or name a field that it has.";
        NoIndicatorYear { field: String, year: usize } = "no_indicator_year", "The indicator '{field}' has no value for the year {year}: it is unknown for every site.";
        NoService { service: Text } = "no_service", "No {service} is loaded: how far sites are from one is unknown, not zero. Import a layer of services that has them.";
        ServicesNotOpen { services: usize, day: String } = "services_not_open", "{services} services are not open on {day} and do not count.";
        ServiceDatesUnknown { services: usize, day: String } = "service_dates_unknown", "Whether {services} services are open on {day} is not known: they count. Give their dates (opened, closed) where they matter.";
        ServicesClosed { services: usize } = "services_closed", "{services} services state that they close and do not count. Name the day that is meant (as_of) to count those that are open on it.";
        NoRoads = "no_roads", "No roads are loaded: every travel time is unknown. Import a layer of roads.";
        RoadsInPieces { pieces: usize, share: Percent } = "roads_in_pieces", "The roads fall into {pieces} parts that are not joined; the largest has {share}% of their length. What lies on different parts cannot reach each other: check whether lines that should meet do.";
        RoadClassUnknown { roads: usize } = "road_class_unknown", "{roads} roads state a class that is not known here: they are taken for no streets, and nobody travels them. Import them again with a class, for example --map class='residential'.";
        RoadClassMissing { roads: usize } = "road_class_missing", "{roads} roads state no class: they are walked, and nobody rides on them. Import them again with a class, for example --map class='residential'.";
        FloodUnknownOnRoads { years: usize, unknown: usize, stretches: usize } = "flood_unknown_on_roads", "The {years}-year flood is not known along the whole of {unknown} of {stretches} stretches of road; what is not known stays open.";

        // A site that was drawn by hand.
        PartCutOut { share: Percent } = "part_cut_out", "{share}% of the drawn outline lies where nothing may be built (water, protected land, road reserve or deep flood) and does not count.";
        FewHouseholds { households: usize, asked: usize } = "few_households", "The drawn site holds {households} households, fewer than the {asked} that the scenario asks of a site.";
    }
}
