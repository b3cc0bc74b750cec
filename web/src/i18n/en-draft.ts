/** Words for work in progress: drafts, undo, links, help, plots of one's own. */
import { one } from "./plural";

export const draft = {
  undo: "Undo",
  redo: "Redo",
  resumed: "Your changes from last time are still here. They are not saved.",
  asSaved: "Show as saved",
  keep: "Keep them",
  unkept: "This browser keeps nothing: changes that you do not save are lost when you close the page.",
  chunkFailed: "This part of the page could not be loaded.",
  chunkHow: "Check the connection and try again. What you entered is kept.",
  loading: "Loading…",
};

export const links = {
  title: "Part of the link leads nowhere:",
  scenario: (name: string) => `There is no scenario “${name}” here. It may have been deleted.`,
  site: (id: string) => `There is no site “${id}” in this ranking.`,
  against: (name: string) => `There is no scenario “${name}” to compare with.`,
  compare: (ids: string) => `These sites of the comparison are not in this ranking: ${ids}.`,
  layers: (names: string) => `There are no layers of these names: ${names}.`,
  weights: "Its weights belong to other criteria and are not used.",
  unreadable: (part: string) => `The part “${part}” cannot be read. The link may be cut off.`,
};

export const help = {
  button: "Help",
  data: "Data",
  dataLong: "Download the layers",
  welcome:
    "Phteah ranks places where families can live next. Move a weight: the order follows at once. Click a site to see why it stands there.",
  welcomeShort: "Where families can live next: tap a site to see why.",
  welcomeMore: "How it works",
  title: "How this page works",
  what: "What it does",
  whatText:
    "Every candidate site is measured: floods, routes to school and work, land. Each measure gets a score from 0 to 100. The weights say how much each counts; added up, they are the score of the site. The best score has rank 1.",
  start: "What to do first",
  steps: [
    "Look at the list: the best sites stand on top. The map shows the same order in colours.",
    "Click a site. Its card says what was measured and why it has this score.",
    "Under “Weights”, say what counts most. Nothing is saved until you save a copy.",
    "Compare sites, ask how sure the order is, or draw a plot of your own.",
    "Print a shortlist or download the files.",
  ],
  sure: "What is not certain",
  plusMinus: "±: some values of this site are not known. Its score may be higher or lower by this much.",
  weightings: (draws: string, first: string) =>
    `“Among the first ${first} in 96% of weightings”: the program tries ${draws} other weights that are close to yours. In 96 of 100 the site is among the first ${first}.`,
  toCheck:
    "“To be checked”: it is not known whether the site must be excluded. Find that out first. Where sites are ordered by the lowest score, it stands behind all that pass every limit for certain.",
  keys: "Keys",
  keyList: {
    undo: "take the last step back",
    redo: "make it again",
    compare: "in the list: take a site into the comparison",
    leave: "close what is open",
  },
  yours: "Your work",
  yoursText:
    "Changes stay in this browser until you save them, also when the page is closed. The address of the page is a link to what you see: send it to a colleague.",
  explain: "What does this mean?",
};

export const plots = {
  title: "Plots of your own",
  list: "Plots",
  nameless: (n: string) => `Plot ${n}`,
  another: "Draw another",
  drop: "Delete this plot",
  name: "Name",
  tenure: "Land tenure",
  price: "Land price",
  fromParcels: "as the parcels under it",
  priceWrong: "Write a number from 0 to 1,000,000, or leave it empty.",
  area: (area: string) => `Area ${area}`,
  file: "Open a file",
  fileHow: "KML, GPX or GeoJSON. You can also drop the file onto the map.",
  dropHere: "Drop the file here: its outlines become plots.",
  taken: (n: number, shown: string) => `${shown} ${one(n, "plot", "plots")} taken from the file.`,
  noRoom: (shown: string) => `${shown} left out: there is no room for more plots.`,
  left: {
    unreadable: (n: string) => `${n} cannot be read.`,
    nothing: () => "There is no outline in it.",
    not_degrees: (n: string) => `${n} not in degrees (WGS 84): save the file in that system.`,
    too_few: (n: string) => `${n} with fewer than three corners.`,
    too_many: (n: string) => `${n} with more than 2,000 corners: draw it more simply.`,
    too_large: () => "It is larger than 5 MB.",
    zipped: () => "It is packed: unpack it and take the KML file inside.",
    unknown: () => "Only KML, GPX and GeoJSON files can be read.",
  },
  kept: "Kept with the scenario on the server.",
  notKept: "Only in this browser so far.",
  keep: "Keep with the scenario",
  keeping: "Being kept…",
  keepFailed: "The plots could not be kept.",
  loadAgain: "Load the kept ones",
  noRank: "Plots do not change the ranking of the sites.",
  holes: (n: number, shown: string) => `${shown} ${one(n, "hole", "holes")} cut out of it.`,
  full: "There is no room for more plots: delete one.",
};

export const movers = {
  onMap: "Choose on the map",
  onMapHow: "Click settlements on the map to choose them, or to leave them out again.",
  done: "Done",
  bySangkat: "By sangkat",
  nowhere: "Outside every known sangkat",
  group: (name: string, n: string, of: string) => `${name}: ${n} of ${of}`,
};

export const deskPrint = {
  print: "Print",
  table: "Comparison of sites",
  sure: "How sure is this order?",
};

export const settings = {
  title: "What differs in the settings",
  none: "The settings are the same.",
  weight: (name: string) => `Weight of ${name}`,
  value: (name: string) => `What ${name} is worth`,
  onlyHere: (name: string) => `Criterion only in the second: ${name}`,
  onlyThere: (name: string) => `Criterion only in the first: ${name}`,
  limit: (reason: string) => `Limit: ${reason}`,
  limitOn: "applies",
  limitOff: "does not apply",
  method: "Method",
  move: "Who would move",
  moveAll: "all settlements",
  moveSome: (n: number, shown: string) => `${shown} ${one(n, "settlement", "settlements")}`,
  sites: "How sites are made",
  travel: "How people travel",
  other: (field: string) => `Setting: ${field}`,
  changed: "changed",
  came: "Came into the first ten",
  went: "Left the first ten",
  firstSame: "The first ten are the same sites.",
};
