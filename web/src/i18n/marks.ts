/** What stands between a label and what it labels, in each language. */
export const colons = { en: ":", km: "៖" } as const;
