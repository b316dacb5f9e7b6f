// What the agent tells its administrator: one JSON object a line, on stderr. Never a payload, a key or a code.

export type Level = 'debug' | 'info' | 'warn' | 'error';
export type Log = (
  level: Level,
  event: string,
  fields?: Readonly<Record<string, string | number | boolean | null>>
) => void;

/** Lines of at least `least` to stderr, each with its time and the host's id. */
export function stderrLog(host: string, least: Level = 'info'): Log {
  const order: readonly Level[] = ['debug', 'info', 'warn', 'error'];
  return (level, event, fields = {}) => {
    if (order.indexOf(level) < order.indexOf(least)) return;
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, host, event, ...fields })}\n`);
  };
}

/** For embedding the agent where nobody reads. */
export const silent: Log = () => undefined;
