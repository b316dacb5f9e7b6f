// Structured logs: one JSON object a line. Names, counts and reasons only; never a payload, a key or a header of a client.

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;
export type Log = (event: string, fields?: LogFields) => void;

const MAX_TEXT = 300;

/** Long texts are cut: some come from outside. JSON escapes line breaks, so one event is always one line. */
export function jsonLog(write: (line: string) => void, now: () => number = Date.now): Log {
  return (event, fields = {}) => {
    const cut = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value
    ]);
    write(`${JSON.stringify({ at: new Date(now()).toISOString(), event, ...Object.fromEntries(cut) })}\n`);
  };
}
