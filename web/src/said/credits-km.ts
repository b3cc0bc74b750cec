/**
 * Who is named for data, in Khmer: those who have a name in Khmer of their own. Everybody else, and wording that a licence prescribes, is
 * named as they name themselves.
 */
export const credits: Record<string, string> = {
  // As the ministry writes itself (mlmupc.gov.kh), and others write it (apsaraauthority.gov.kh).
  "Ministry of Land Management, Urban Planning and Construction": "ក្រសួងរៀបចំដែនដី នគរូបនីយកម្ម និងសំណង់",
  // The licence asks for this name and this sign; what follows in English is "contributors".
  "© OpenStreetMap contributors": "© OpenStreetMap",
};
