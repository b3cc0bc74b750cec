/** What a planner should know about a result, in Khmer. */
import type { Sentences } from "./words";

/** Whose judgements, where that has to be told. */
const whose = ([by, group]: readonly string[]) => (by && group ? `${by} លើ ${group}៖ ` : "");

export const notices = {
  no_alternatives: () => "គ្មានទីតាំងសម្រាប់ដាក់ចំណាត់ថ្នាក់ទេ។",
  all_excluded: () => "ទីតាំងទាំងអស់មិនត្រូវបានរាប់បញ្ចូលទេ។",
  one_alternative: () => "មានទីតាំងតែមួយគត់៖ ចំណាត់ថ្នាក់របស់វាគ្មានន័យទេ។",
  nothing_ranked: () => "គ្មានទីតាំងណាមានចំណាត់ថ្នាក់ទេ។",
  zero_weight: ({ criterion }, s) => `${s.say(criterion)} មានទម្ងន់ 0 ហើយមិនរាប់បញ្ចូលទេ។`,
  category_without_value: ({ criterion, categories }, s) =>
    `${s.say(criterion)}៖ គ្មានពិន្ទុសម្រាប់ ${s.list(categories)} ដូច្នេះចាត់ទុកថាមិនទាន់ដឹង។`,
  all_unknown: ({ criterion }, s) => `${s.say(criterion)} មិនទាន់ដឹងសម្រាប់ទីតាំងណាមួយឡើយ ដូច្នេះមិនអាចបែងចែកទីតាំងបានទេ។`,
  same_for_many: ({ criterion, same, sites, value }, s) =>
    `${s.say(criterion)} មិនបែងចែកទីតាំងទេ៖ ${s.number(same)} ក្នុងចំណោម ${s.number(sites)} មានពិន្ទុដូចគ្នា (${s.percent(value)})។`,
  too_little_known: ({ sites, share }, s) =>
    `ទីតាំង ${s.number(sites)} គ្មានចំណាត់ថ្នាក់ទេ ព្រោះទម្ងន់លើស ${s.percent(share)} មិនទាន់ដឹង៖ បានដាក់ដោយឡែក ជាមួយអ្វីដែលត្រូវស្វែងយល់។`,
  exclusion_undecided: ({ sites }, s) =>
    `មិនទាន់ដឹងថាទីតាំង ${s.number(sites)} ត្រូវដកចេញពីចំណាត់ថ្នាក់ឬទេ៖ ឈរក្រោយទីតាំងដែលច្បាស់ថាមិនត្រូវដកចេញពីចំណាត់ថ្នាក់។ ត្រូវស្វែងយល់។`,
  limit_known_nowhere: ({ measure }, s) =>
    `មិនអាចពិនិត្យលក្ខខណ្ឌលើ ${s.say(measure)} បានទេ៖ មិនទាន់ដឹងសម្រាប់ទីតាំងណាមួយឡើយ ដូច្នេះមិនដកទីតាំងណា និងមិនប្ដូរលំដាប់ទេ។ សូមនាំចូលស្រទាប់។`,
  ordered_otherwise: ({ rule }) => `អ្វីដែលមិនទាន់ដឹងរាប់លើសតម្លៃទាបបំផុត៖ លំដាប់តាម ${rule}។`,
  layers_unused: ({ layers }, s) => `សេណារីយ៉ូនេះមិនប្រើស្រទាប់ទាំងនេះទេ៖ ${s.list(layers.map(s.role))}។`,
  criterion_without_layer: ({ criterion, share }, s) =>
    `គ្មានស្រទាប់សម្រាប់ ${s.say(criterion)} (${s.percent(share)} នៃទម្ងន់)៖ មិនទាន់ដឹងសម្រាប់ទីតាំងណាមួយឡើយ ដូច្នេះមិនអាចបែងចែកទីតាំងបានទេ។`,
  over_budget: ({ sites, known, budget }, s) =>
    `ទីតាំង ${s.number(sites)} ក្នុងចំណោម ${s.number(known)} ដែលដឹងតម្លៃ មានតម្លៃលើស ${s.number(budget)} ដុល្លារក្នុងមួយគ្រួសារ។`,
  cost_unknown: ({ sites, all }, s) =>
    `មិនទាន់ដឹងតម្លៃសម្រាប់ទីតាំង ${s.number(sites)} ក្នុងចំណោម ${s.number(all)}៖ អ្វីដែលមិនដឹង មិនរាប់ជា 0 ទេ។`,
  constant_criterion: ({ criterion }, s) => `${s.say(criterion)} មានពិន្ទុដូចគ្នានៅគ្រប់ទីតាំង ដូច្នេះមិនអាចបែងចែកទីតាំងបានទេ។`,

  judged_weights: ({ group, people, ratio, consensus }, s) =>
    `ទម្ងន់ក្នុង ${group} បានមកពីការវាយតម្លៃរបស់មនុស្ស ${s.number(people)} នាក់` +
    (ratio === null ? "" : ` សមាមាត្រភាពស៊ីសង្វាក់គ្នា ${s.number(ratio)}`) +
    (consensus === null ? "" : ` ការយល់ស្រប ${s.percent(consensus)}`) +
    "។",
  weights_not_as_judged: ({ group }) => `ទម្ងន់ក្នុង ${group} លែងដូចការវាយតម្លៃហើយ៖ បានកែដោយដៃ។`,
  low_consensus: ({ group, consensus }, s) =>
    `អ្នកដែលវាយតម្លៃ ${group} យល់ស្របគ្នាតិច (${s.percent(consensus)})៖ សូមពិភាក្សាគ្នាមុននឹងប្រើមធ្យម។`,
  no_random_index: ({ whose: of, criteria }, s) =>
    `${whose(of)}លក្ខណៈវិនិច្ឆ័យ ${s.number(criteria)} លើសពីតារាងដែលមាន (15)៖ មិនអាចវាយតម្លៃភាពស៊ីសង្វាក់គ្នាបានទេ។`,
  inconsistent: ({ whose: of, ratio, first, second, judged, implied }, s) =>
    `${whose(of)}ការវាយតម្លៃផ្ទុយគ្នា (សមាមាត្រភាពស៊ីសង្វាក់គ្នា ${s.number(ratio)} លើស 0.10)។ សូមពិនិត្យ ${first} និង ${second} មុនគេ៖ ` +
    `បានវាយតម្លៃ ${s.number(judged)} ប៉ុន្តែអ្វីផ្សេងទៀតបង្ហាញថា ${s.number(implied)}។`,

  layer_unavailable: ({ layer, cause }) => `ស្រទាប់ «${layer}» មិនអាចប្រើបានទេ ដូច្នេះមិនបានប្រើ (${cause})៖ សូមនាំចូលម្ដងទៀត។`,
  no_parcels: () => "មិនទាន់មានទិន្នន័យក្បាលដីទេ៖ គ្មានដីសម្រាប់បង្កើតទីតាំង។ សូមនាំចូលស្រទាប់ក្បាលដី។",
  no_available_parcels: ({ parcels, silent }, s) =>
    `ក្នុងចំណោមក្បាលដី ${s.number(parcels)} គ្មានក្បាលណាកំណត់ថាអាចយកបានទេ (${s.number(silent)} មិនបានបញ្ជាក់)៖ សូមបំពេញ «available» ` +
    "ឬឱ្យសេណារីយ៉ូយកក្បាលដីដែលមិនបានបញ្ជាក់ (sites.take_unknown_availability)។",
  no_flood_raster: ({ years }, s) =>
    `គ្មានទិន្នន័យជម្រៅទឹកជំនន់សម្រាប់រយៈពេលវិលត្រឡប់ ${s.number(years)} ឆ្នាំទេ៖ សូមនាំចូល ឬជ្រើសរយៈពេលដែលមាន។ ` +
    "រហូតដល់ពេលនោះ វានៅមិនទាន់ដឹងសម្រាប់គ្រប់ទីតាំង។",
  flood_from_zones: ({ years }, s) =>
    `គ្មានទិន្នន័យជម្រៅទឹកជំនន់សម្រាប់រយៈពេលវិលត្រឡប់ ${s.number(years)} ឆ្នាំទេ៖ ប្រើតំបន់លិចទឹកជំនួស ដែលមិនសូវលម្អិត។ សូមនាំចូលជម្រៅទឹកជំនន់។`,
  year_from_zones: () => "គ្មានទិន្នន័យជម្រៅទឹកជំនន់ទេ៖ ប្រើតំបន់លិចទឹកជំនួសសម្រាប់ទឹកជំនន់ក្នុងមួយឆ្នាំ ដែលមិនសូវលម្អិត។ សូមនាំចូលជម្រៅទឹកជំនន់។",
  no_flood_depths: () => "គ្មានទិន្នន័យជម្រៅទឹកជំនន់ទេ៖ ទឹកជំនន់ប្រចាំឆ្នាំមិនទាន់ដឹងសម្រាប់គ្រប់ទីតាំង។",
  no_return_period: ({ layer }) =>
    `ជម្រៅទឹកជំនន់ «${layer}» មិនបានបញ្ជាក់រយៈពេលវិលត្រឡប់ ដូច្នេះមិនបានប្រើទេ៖ សូមនាំចូលម្ដងទៀតដោយបញ្ជាក់រយៈពេល។`,
  no_boundaries: () => "គ្មានទិន្នន័យព្រំប្រទល់ទេ៖ មិនអាចប្រាប់ថាទីតាំងស្ថិតក្នុងខណ្ឌ និងសង្កាត់ណា។",
  nothing_to_cut: ({ role }, s) => `គ្មានស្រទាប់ ${s.role(role)} ទេ៖ ទីតាំងអាចមានផ្នែកដែលគួរកាត់ចេញ។`,
  cut_out_incomplete: ({ role, sites, all }, s) =>
    `ស្រទាប់ ${s.role(role)} មិនពេញលេញនៅក្រោមទីតាំង ${s.number(sites)} ក្នុងចំណោម ${s.number(all)}៖ ទីតាំងអាចមានផ្នែកដែលគួរកាត់ចេញ លើសពីអ្វីដែលដឹង។`,
  no_reserve_to_cut: () => "គ្មានស្រទាប់ផ្លូវដែលត្រូវទុកចំណីផ្លូវទេ៖ ទីតាំងអាចមានផ្នែកដែលគួរកាត់ចេញ។",
  no_flood_to_cut: ({ years }, s) =>
    `គ្មានទិន្នន័យជម្រៅទឹកជំនន់សម្រាប់រយៈពេលវិលត្រឡប់ ${s.number(years)} ឆ្នាំទេ៖ ទីតាំងអាចមានផ្នែកដែលគួរកាត់ចេញ។`,
  no_settlements: () => "គ្មានទិន្នន័យសហគមន៍ទេ៖ មិនដឹងថាទីតាំងនីមួយៗឆ្ងាយពីផ្ទះបច្ចុប្បន្នប៉ុន្មានទេ។",
  households_unknown: ({ silent, settlements }, s) =>
    `សហគមន៍ ${s.number(silent)} ក្នុងចំណោម ${s.number(settlements)} មិនបានបញ្ជាក់ចំនួនគ្រួសារ ដូច្នេះមិនរាប់បញ្ចូលក្នុងចម្ងាយពីកន្លែងរស់នៅសព្វថ្ងៃទេ។`,
  settlement_off_network: ({ places }, s) => `កន្លែងចាស់ ${s.number(places)} មិននៅជិតផ្លូវ ដូច្នេះគ្មានផ្លូវពីទីនោះទៅទីតាំងណាមួយទេ។`,
  disruption_beyond: ({ places, sites }, s) =>
    `ផ្លូវពីកន្លែងចាស់ ${s.number(places)} ឬទៅទីតាំង ${s.number(sites)} អាចស្ថិតនៅក្រៅកន្លែងដែលផ្លូវពេញលេញ៖ រយៈពេលមិនទាន់ដឹងច្បាស់ ហើយអ្នកដែលគ្មានផ្លូវដែលដឹង រាប់ថាទៅមិនដល់។ សូមនាំចូលផ្លូវបន្ថែម។`,
  no_parcels_under: () => "គ្មានទិន្នន័យក្បាលដីទេ៖ មិនដឹងថាទីតាំងដែលគូរស្ថិតលើដីរបស់អ្នកណា និងតម្លៃប៉ុន្មានទេ។",
  no_elevation: () => "គ្មានទិន្នន័យរយៈកម្ពស់ទេ៖ ជម្រាលរបស់គ្រប់ទីតាំងមិនទាន់ដឹង។",
  elevation_crs: ({ layer, crs }) =>
    `ទិន្នន័យរយៈកម្ពស់ «${layer}» មិនស្ថិតក្នុងប្រព័ន្ធ ${crs} ទេ ដូច្នេះមិនបានប្រើ។ សូមបំប្លែងដោយ gdalwarp រួចនាំចូលម្ដងទៀត។`,
  no_flood_on_roads: ({ years }, s) =>
    `គ្មានទិន្នន័យជម្រៅទឹកជំនន់សម្រាប់រយៈពេលវិលត្រឡប់ ${s.number(years)} ឆ្នាំទេ៖ មិនដឹងថាផ្លូវណាដាច់ ហើយរយៈពេលធ្វើដំណើរក៏មិនដឹងដែរ។`,
  no_flood_zones: () => "គ្មានទិន្នន័យតំបន់លិចទឹកទេ៖ ចំណែកនៃទីតាំងនីមួយៗក្នុងតំបន់នោះមិនទាន់ដឹង។",
  no_indicator: ({ field }) => `គ្មានស្រទាប់សូចនាករដែលមាន «${field}» ទេ៖ វាមិនទាន់ដឹងសម្រាប់គ្រប់ទីតាំង។ សូមនាំចូលតារាង។`,
  no_indicator_year: ({ field, year }) => `សូចនាករ «${field}» គ្មានទិន្នន័យសម្រាប់ឆ្នាំ ${year} ទេ៖ វាមិនទាន់ដឹងសម្រាប់គ្រប់ទីតាំង។`,
  no_service: ({ service }, s) =>
    `គ្មានទិន្នន័យ ${s.say(service)} ទេ៖ ចម្ងាយពីទីតាំងទៅទីនោះមិនទាន់ដឹង មិនមែនសូន្យទេ។ សូមនាំចូលស្រទាប់សេវាដែលមាន។`,
  services_not_open: ({ services, day }, s) => `សេវា ${s.number(services)} មិនបើកនៅថ្ងៃ ${day} ដូច្នេះមិនរាប់បញ្ចូលទេ។`,
  service_dates_unknown: ({ services, day }, s) =>
    `មិនដឹងថាសេវា ${s.number(services)} បើកនៅថ្ងៃ ${day} ឬអត់៖ រាប់បញ្ចូល។ សូមបញ្ជាក់កាលបរិច្ឆេទ (opened, closed)។`,
  services_closed: ({ services }, s) =>
    `សេវា ${s.number(services)} បានបញ្ជាក់ថាបិទ ដូច្នេះមិនរាប់បញ្ចូលទេ។ សូមបញ្ជាក់ថ្ងៃ (as_of) ដើម្បីរាប់សេវាដែលបើកនៅថ្ងៃនោះ។`,
  no_roads: () => "គ្មានទិន្នន័យផ្លូវទេ៖ រយៈពេលធ្វើដំណើរទាំងអស់មិនទាន់ដឹង។ សូមនាំចូលស្រទាប់ផ្លូវ។",
  roads_in_pieces: ({ pieces, share }, s) =>
    `ផ្លូវមាន ${s.number(pieces)} ផ្នែកដែលមិនតភ្ជាប់គ្នា ផ្នែកធំជាងគេមាន ${s.percent(share)} នៃប្រវែងផ្លូវ។ ទីតាំងនៅផ្នែកផ្សេងគ្នាមិនអាចទៅដល់គ្នាបានទេ។`,
  road_class_unknown: ({ roads }, s) =>
    `ផ្លូវ ${s.number(roads)} មានប្រភេទដែលមិនស្គាល់ ដូច្នេះមិនរាប់បញ្ចូលទេ។ សូមនាំចូលម្ដងទៀតដោយបញ្ជាក់ប្រភេទ ឧ. --map class='residential'។`,
  road_class_missing: ({ roads }, s) =>
    `ផ្លូវ ${s.number(roads)} មិនបានបញ្ជាក់ប្រភេទ៖ ដើរបាន ប៉ុន្តែជិះមិនបានទេ។ សូមនាំចូលម្ដងទៀតដោយបញ្ជាក់ប្រភេទ ឧ. --map class='residential'។`,
  flood_unknown_on_roads: ({ years, unknown, stretches }, s) =>
    `ទឹកជំនន់ ${s.number(years)} ឆ្នាំម្ដង មិនដឹងពេញលេញលើកំណាត់ផ្លូវ ${s.number(unknown)} ក្នុងចំណោម ${s.number(stretches)}៖ អ្វីដែលមិនដឹងនៅបើកចំហ។`,

  part_cut_out: ({ share }, s) =>
    `${s.percent(share)} នៃផ្ទៃដែលគូរ ស្ថិតនៅកន្លែងដែលមិនអាចសង់ (ទឹក តំបន់ការពារ ចំណីផ្លូវ ឬទឹកជំនន់ជ្រៅ) ហើយមិនរាប់បញ្ចូលទេ។`,
  few_households: ({ households, asked }, s) =>
    `ទីតាំងដែលគូរដាក់បាន ${s.number(households)} គ្រួសារ តិចជាង ${s.number(asked)} ដែលសេណារីយ៉ូត្រូវការ។`,
} satisfies Partial<Sentences>;
