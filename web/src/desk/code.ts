/** A household's code as it stands on its card: `WEK5-KV50-R`. */
export const codeShown = (code: string): string => code.replace(/^(.{4})(.{4})(.*)$/, "$1-$2-$3");
