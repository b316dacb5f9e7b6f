// Whether a value that was kept outside is what it should be.

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most;
export const isList = (value: unknown, most: number): value is unknown[] =>
  Array.isArray(value) && value.length <= most;
export const numberIn = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;
