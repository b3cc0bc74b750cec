//! Everything that can be wrong with a scenario.

use crate::said::Found;
use crate::text::Text;

crate::sentences! {
    /// What is wrong at a place of a scenario, and what would be right.
    Mistake {
        // Reading: kinds of values.
        NotTable { found: Found } = "not_table", "must be a table, but is {found}";
        NotNumber { found: Found } = "not_number", "must be a number, but is {found}";
        NotTrueOrFalse { found: Found } = "not_true_or_false", "must be true or false, but is {found}";
        NotText { found: Found } = "not_text", "must be some text, but is {found}";
        NotList { found: Found } = "not_list", "must be a list, but is {found}";
        NotOneOf { found: Found, what: String, known: Vec<String> } = "not_one_of", "{found} is not {what}; use one of {known}";
        MissingTable = "missing_table", "is missing: give a table";
        MissingNumber = "missing_number", "is missing: give a number";
        MissingText = "missing_text", "is missing: give some text";
        MissingList = "missing_list", "is missing: give a list";
        MissingChoice { what: String, known: Vec<String> } = "missing_choice", "is missing: give {what}, one of {known}";
        OutOfRange { low: f64, high: f64, found: f64 } = "out_of_range", "must lie between {low} and {high}, but is {found}";
        NotWhole { low: f64, high: f64, found: f64 } = "not_whole", "must be a whole number from {low} to {high}, but is {found}";
        UnknownKey { known: Vec<String> } = "unknown_key", "is not known here; known are {known}";
        NotAbove0 = "not_above_0", "must be more than 0";
        Negative = "negative", "must not be negative";

        // Value functions.
        WorstIsBest { both: f64 } = "worst_is_best", "worst and best are both {both}: they must differ, or every site gets the same";
        TrapezoidFalls { a: f64, b: f64, c: f64, d: f64 } = "trapezoid_falls", "a, b, c, d must not fall, but are {a}, {b}, {c}, {d}";
        TrapezoidFlat = "trapezoid_flat", "a and d are equal: they must differ";
        SlopeZero = "slope_zero", "is 0: every site would get one half";
        NoCategories = "no_categories", "is empty: give a value to each category";
        TooFewPoints { least: usize } = "too_few_points", "needs at least {least} of [raw, value]";
        PointOutOfRange { found: f64 } = "point_out_of_range", "its value must lie between 0 and 1, but is {found}";
        PointsFall { number: f64, before: f64 } = "points_fall", "raw numbers must rise, but {number} follows {before}";
        NotAPoint = "not_a_point", "must be a pair of numbers [raw, value]";
        NotAWorth { found: Found } = "not_a_worth", "must be a number from 0 to 1, but is {found}";
        GoalFalls = "goal_falls", "is max (more is better), but the value function falls with more: make them agree";
        GoalRises = "goal_rises", "is min (less is better), but the value function rises with more: make them agree";
        UnknownTenureValued = "unknown_tenure_valued", "must not have a value: an unknown tenure stays unknown and widens the score's bounds";
        NotATenure { known: Vec<String> } = "not_a_tenure", "is not a tenure; known are {known}";
        CategoryNeedsTable { measure: Text } = "category_needs_table", "{measure} is a category: use kind = \"table\"";
        NumberTakesNoTable { measure: Text } = "number_takes_no_table", "{measure} is a number: a table of categories does not fit it";

        // Measures.
        MissingReturnPeriod = "missing_return_period", "is missing: give the annual return period in years, such as 100";
        MissingDepth = "missing_depth", "is missing: give the depth in metres for statistic deeper_share";
        DepthNotHere = "depth_not_here", "belongs to statistic deeper_share only: remove it";

        // Costs.
        MissingCost = "missing_cost", "is missing: give US dollars, or 0 where it costs nothing";
        CostsNeedUnits = "costs_need_units", "needs unit costs: give a table [cost]";

        // The order.
        MissingAlpha = "missing_alpha", "is missing: say how much the highest possible score counts, from 0 to 1";
        AlphaNotHere = "alpha_not_here", "belongs to by = \"hurwicz\" only: remove it";

        // Limits.
        LimitsTwo = "limits_two", "limits both a criterion and a measure: keep one of them";
        LimitsNothing = "limits_nothing", "limits nothing: give criterion = \"its id\" or measure = {{ kind = … }}";
        NotOneLimit = "not_one_limit", "needs exactly one limit: at_most, at_least, one_of or on_network";
        OnNetworkFalse = "on_network_false", "can only be true: leave it out otherwise";
        ExcludesAll = "excludes_all", "is empty: every site would be excluded";
        NotACategory = "not_a_category", "must be a category in quotes";
        CategoryTakesOneOf { measure: Text } = "category_takes_one_of", "{measure} is a category: use one_of";
        NumberTakesNoOneOf { measure: Text } = "number_takes_no_one_of", "{measure} is a number: use at_most or at_least";
        NotATravelTime { measure: Text } = "not_a_travel_time", "{measure} is not a travel time: limit one instead";
        StrangeCriterion { id: String, known: Vec<String> } = "strange_criterion", "there is no criterion \"{id}\"; there are {known}";

        // The whole.
        NoCriterion = "no_criterion", "is missing: give at least one [[criterion]]";
        SameId { id: String, first: String } = "same_id", "\"{id}\" is the id of {first} too: ids must differ";
        SameImpliedId { id: String } = "same_implied_id", "another exclusion is called \"{id}\" too: give each an id of its own";
        AllWeightsZero = "all_weights_zero", "every weight is 0: give at least one criterion a weight above 0";
        WeightsTooLarge = "weights_too_large", "the weights are too large to add up: use smaller numbers";
        NegativeWeight = "negative_weight", "must not be negative: use 0 to switch it off";
        NotTenureList = "not_tenure_list", "must be a list of tenures that may be joined";
        TenureTwice { tenure: String } = "tenure_twice", "{tenure} stands in two groups: a tenure belongs to one";
        NotADay { found: Found } = "not_a_day", "must be a day in quotes, such as \"2026-01-31\", but is {found}";
        NotSettlementId = "not_settlement_id", "must be a settlement id in quotes";
        NoSettlements = "no_settlement_ids", "is empty: write \"all\" or at least one settlement id";
        NotSettlements = "not_settlements", "must be \"all\" or a list of settlement ids";

        // Levels of weights.
        NoGroups { id: String } = "no_groups", "there is no group \"{id}\"; add a [[group]]";
        StrangeGroup { id: String, known: Vec<String> } = "strange_group", "there is no group \"{id}\"; there are {known}";
        SameGroupId { id: String } = "same_group_id", "\"{id}\" is the id of a criterion or another group too: ids must differ";
        GroupInItself = "group_in_itself", "the group lies within itself: one of the groups around it must stand at the top";
        JudgedTwiceBy { by: String } = "judged_twice_by", "\"{by}\" judged this group before: one list of pairs for each person";
        JudgedTwice = "judged_twice", "this group was judged before: say who judged with by = \"…\"";
        WeightIsJudged = "weight_is_judged", "comes from the judgements: remove the number, or the judgements";
        WeightNeither = "weight_neither", "is missing: give a number, or [[judgements]] of its group";
        NotAPair = "not_a_pair", "must name two members and how many times more important the first is: [\"flood\", \"cost\", 3] or [\"flood\", \"cost\", \"1/3\"]";
        JudgesItself { member: String } = "judges_itself", "judges {member} against itself";
        PairTwice { first: String, second: String } = "pair_twice", "{first} against {second} was judged before: judge each pair once";
        NotAMember { member: String, known: Vec<String> } = "not_a_member", "{member} is not a member here; members are {known}";
        JudgementNotAbove0 { found: f64 } = "judgement_not_above_0", "a judgement must be more than 0, but is {found}";
        NoJudgement { found: f64 } = "no_judgement", "{found} is no judgement: use 1 to 9, or 1/9 to 1";
        NotJudged = "not_judged", "was not judged: give one of the two cells";
        NotInverse { upper: f64, lower: f64 } = "not_inverse", "is {upper} one way and {lower} the other, but they must be each other's inverse";
        NothingToJudge = "nothing_to_judge", "is empty: give at least one criterion";
        StandsTwice = "stands_twice", "stands in the hierarchy twice: a criterion belongs to one group";
        EmptyGroup = "empty_group", "is an empty group: give it members or remove it";
        BadMemberWeight = "bad_member_weight", "has a weight that is negative or no number";
        NoMemberWeight = "no_member_weight", "has no weight above 0 among its members";

        // Against what was measured.
        TooManyValues { found: usize, most: usize } = "too_many_values", "holds {found} values: a scenario has {most} at the most";
        NotToml { why: String } = "not_toml", "not valid TOML: {why}";
        NoSuchSettlement { ids: Vec<String> } = "no_such_settlement", "no settlement is called {ids}: take ids that the settlement layer has";
        NotMeasured = "not_measured", "was not measured: the matrix has no such column";
        NotCategories = "not_categories", "must hold categories";
        NotNumbers = "not_numbers", "must hold numbers";
    }
}
