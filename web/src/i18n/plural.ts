/** English tells one from many; Khmer does not. */
export const one = (n: number, single: string, many: string) => (n === 1 ? single : many);
