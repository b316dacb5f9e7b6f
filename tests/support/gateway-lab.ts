// A gateway on loopback for tests: its host table in a temporary directory, its log in memory, all of it gone at the end.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../../gateway/server.ts';
import type { Gateway, GatewayOptions } from '../../gateway/server.ts';

export type Entry = { readonly port: number; readonly pin: string };
export type LogLine = { readonly event: string; readonly [field: string]: unknown };

export type GatewayLab = {
  readonly gateway: Gateway;
  readonly url: string;
  readonly log: readonly LogLine[];
  /** Replaces the table by rename and waits until the gateway has read it. */
  setTable(hosts: Readonly<Record<string, Entry>>): Promise<void>;
  /** The same with any text. */
  setTableText(text: string): Promise<void>;
  /** Resolves with the next log line (or one already there) for which `is` holds. */
  logged(is: (line: LogLine) => boolean): Promise<LogLine>;
  close(): Promise<void>;
};

const tableOf = (hosts: Readonly<Record<string, Entry>>): string =>
  JSON.stringify({
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([id, { port, pin }]) => [id, { url: `https://127.0.0.1:${String(port)}`, pin }])
    )
  });

export async function gatewayLab(
  hosts: Readonly<Record<string, Entry>>,
  options: Partial<GatewayOptions> = {}
): Promise<GatewayLab> {
  const directory = await mkdtemp(join(tmpdir(), 'smps-gateway-'));
  const table = join(directory, 'hosts.json');
  await writeFile(table, tableOf(hosts));
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  const gateway = await startGateway({
    table,
    port: 0,
    address: '127.0.0.1',
    origins: [],
    staticDirectory: null,
    tls: null,
    log: (event, fields) => {
      log.push({ event, ...fields });
      for (const look of [...waiting]) look();
    },
    ...options
  });
  const logged = (is: (line: LogLine) => boolean): Promise<LogLine> =>
    new Promise((resolve) => {
      const look = (): void => {
        const line = log.find(is);
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      look();
    });
  const setTableText = async (text: string): Promise<void> => {
    const from = log.length;
    await writeFile(`${table}.new`, text);
    await rename(`${table}.new`, table);
    await logged((line) => log.indexOf(line) >= from && /^table-(loaded|refused)$/.test(line.event));
  };
  return {
    gateway,
    url: `ws://127.0.0.1:${String(gateway.port)}/v1/link`,
    log,
    logged,
    setTableText,
    setTable: (next) => setTableText(tableOf(next)),
    close: async () => {
      await gateway.close();
      await rm(directory, { recursive: true });
    }
  };
}
