import { one } from "./plural";

/** Words of the map itself: what lies at a place, the scale, measuring, and where one is. */
export const mapWords = {
  here: {
    title: "What is here",
    close: "Close",
    asking: "Asking the layers…",
    nothing: "No visible layer has anything here.",
    failed: "The server did not answer.",
    source: (source: string) => `Source: ${source}`,
    more: "More lies here than is listed.",
    unknownValue: "not known",
    unmapped: "No map covers this place: not known, not dry.",
    dry: "No water",
    away: (metres: string) => `${metres} m from here`,
    site: (name: string) => `Part of site ${name}`,
    noSite: {
      not_available: "In no site: the land is marked as not available.",
      availability_unknown: "In no site: nothing says whether the land is available.",
      too_small_or_cut_out:
        "In no site: with the parcels beside it, it is too small for a site, or what must not be built on was cut out of it.",
    },
    yes: "yes",
    no: "no",
  },
  refine: {
    title: "Find and sort",
    khan: "Khan",
    allKhans: "All khans",
    households: "Room for at least, households",
    sort: "Sort by",
    sorts: { rank: "Rank", households: "Room for households", area: "Area", name: "Name" },
    toCheck: "Only what is to be checked",
    clear: "Clear",
    shown: (n: number, shown: string) => `${shown} ${one(n, "site", "sites")} shown`,
  },
  hint: {
    rank: (rank: string, score: string) => `Rank ${rank} · score ${score}`,
    excluded: "Excluded",
  },
  tools: {
    measure: "Measure a distance or an area",
    measureHow: "Click along the way. Close the shape on its first point for an area.",
    measureStop: "Stop measuring",
    distance: (length: string) => `Distance ${length}`,
    area: (area: string) => `Area ${area}`,
    locate: "Where am I",
    located: (metres: string) => `You are here, within ${metres} m`,
    outside: "You are outside the area of this map.",
    refused: "The browser did not give your position. Allow it for this page, then try again.",
    noPosition: "Your position could not be found. Go outdoors and try again.",
    insecure: "Browsers give a position only over HTTPS or on this computer.",
    scale: (length: string) => `Scale: ${length}`,
    pointer: "Latitude and longitude under the pointer",
  },
  legend: {
    layers: (n: number, shown: string) => `${shown} ${one(n, "layer", "layers")} on the map`,
    unmapped: "hatched: no map, not known",
    dry: "no colour: no water",
  },
};
