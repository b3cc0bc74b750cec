/** What facts are called on the screen, where the program knows them; others are shown by their own names. */
import { fieldOf, memberOf } from "../fold/event";
import type { Lang } from "../words/locale.svelte";

const WORDS: Record<string, [en: string, km: string]> = {
  status: ["Status", "ស្ថានភាព"],
  "placement.site": ["Site", "ទីតាំងដី"],
  "placement.plot": ["Plot", "ដីឡូត៍"],
  "merged.to": ["Goes on in", "បន្តក្នុងកំណត់ត្រា"],
  size: ["Number of members", "ចំនួនសមាជិកគ្រួសារ"],
  "household.size": ["Number of members", "ចំនួនសមាជិកគ្រួសារ"],
  "household.code": ["Code", "លេខកូដ"],
  "card.code": ["Code", "លេខកូដ"],
  "head.name": ["Head of household", "មេគ្រួសារ"],
  "head.name_latin": ["Name in Latin letters", "ឈ្មោះជាអក្សរឡាតាំង"],
  "head.sex": ["Sex of the head", "ភេទមេគ្រួសារ"],
  "head.birth_year": ["Year of birth", "ឆ្នាំកំណើត"],
  "head.phone": ["Phone number", "លេខទូរសព្ទ"],
  "contact.phone": ["Phone number", "លេខទូរសព្ទ"],
  "id_poor.card": ["ID Poor card", "ប័ណ្ណសមធម៌"],
  "dwelling.tenure": ["Tenure", "ការកាន់កាប់ដីធ្លី"],
  "dwelling.rooms": ["Rooms", "បន្ទប់"],
  "dwelling.sangkat": ["Sangkat", "សង្កាត់"],
  "dwelling.flooded_last_year": ["Flooded last year", "លិចទឹកឆ្នាំមុន"],
  "work.kind": ["Occupation", "មុខរបរ"],
  "work.minutes": ["Minutes to work", "នាទីទៅកន្លែងធ្វើការ"],
  "visit.resident": ["Lives there", "រស់នៅទីនោះ"],
  "outcome.work_kept": ["Work", "មុខរបរ"],
  "outcome.nights_a_week": ["Nights a week there", "យប់ក្នុងមួយសប្ដាហ៍នៅទីនោះ"],
  "outcome.water": ["Water", "ទឹក"],
  "outcome.electricity": ["Electricity", "អគ្គិសនី"],
  "outcome.toilet": ["Toilet", "បង្គន់"],
  "outcome.flooded": ["Flooded", "លិចទឹក"],
  "outcome.debt": ["Debt", "បំណុល"],
};

const FIELDS: Record<string, [en: string, km: string]> = {
  name: ["Name", "ឈ្មោះ"],
  name_latin: ["Name in Latin letters", "ឈ្មោះជាអក្សរឡាតាំង"],
  sex: ["Sex", "ភេទ"],
  relation: ["Relationship", "ត្រូវជា"],
  birth_year: ["Year of birth", "ឆ្នាំកំណើត"],
  difficulty: ["Disability", "ពិការភាព"],
  school_attends: ["School", "សាលា"],
  household: ["Household", "គ្រួសារ"],
  answer: ["Answer", "ចម្លើយ"],
};

export function labelOf(path: string, lang: Lang): string {
  const at = lang === "en" ? 0 : 1;
  const known = WORDS[path] ?? (memberOf(path) !== null || path.includes("/") ? FIELDS[fieldOf(path)] : undefined);
  if (known) return known[at];
  const consent = /^consent\.(.+)$/.exec(path)?.[1];
  if (consent) return `${lang === "en" ? "Consent" : "ការយល់ព្រម"} (${consent.replaceAll("_", " ")})`;
  return fieldOf(path).replaceAll("_", " ").replaceAll(".", " › ");
}
