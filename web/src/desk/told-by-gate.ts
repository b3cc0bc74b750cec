/** What the gate counts otherwise than the desk: families by whether all of their children go to school, instead of children. */
export const ALL_AT_SCHOOL = "school_after_move";
