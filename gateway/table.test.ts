import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { gatewayLab } from '../tests/support/gateway-lab.ts';
import type { Entry, GatewayLab } from '../tests/support/gateway-lab.ts';
import { echo, rawAgent } from '../tests/support/raw-agent.ts';
import { RawTab } from '../tests/support/raw-tab.ts';
import { Metrics } from './metrics.ts';
import { HostTable, parseTable } from './table.ts';

const PIN = `sha256:${'A'.repeat(43)}`;
const host = (fields: object = {}): string =>
  JSON.stringify({ hosts: { n1: { url: 'https://10.0.0.1:7001', pin: PIN, ...fields } } });

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startLab(hosts: Record<string, Entry>): Promise<GatewayLab> {
  const lab = await gatewayLab(hosts);
  cleanups.push(() => lab.close());
  return lab;
}

describe('the host table', () => {
  test('gives address, port and pin of a host', () => {
    expect([...parseTable(host())]).toEqual([['n1', { hostname: '10.0.0.1', port: 7001, pin: 'A'.repeat(43) }]]);
  });

  test.each([
    ['https://agent.example', 'agent.example', 443],
    ['https://[2001:db8::1]:7001', '2001:db8::1', 7001],
    ['https://10.0.0.1:7001/', '10.0.0.1', 7001]
  ])('reads %s', (url, hostname, port) => {
    expect(parseTable(host({ url })).values().next().value).toMatchObject({ hostname, port });
  });

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no hosts', '{}'],
    ['a list of hosts', '{"hosts":[]}'],
    ['an unknown field', '{"hosts":{},"keys":{}}'],
    ['a host that is no object', '{"hosts":{"n1":"https://10.0.0.1"}}'],
    ['a host id that is none', '{"hosts":{"../n1":{"url":"https://10.0.0.1","pin":"sha256:x"}}}'],
    ['plain http', host({ url: 'http://10.0.0.1:7001' })],
    ['a path', host({ url: 'https://10.0.0.1/agent' })],
    ['a query', host({ url: 'https://10.0.0.1/?x' })],
    ['a user', host({ url: 'https://root@10.0.0.1/' })],
    ['a url that is a number', host({ url: 7001 })],
    ['no pin', '{"hosts":{"n1":{"url":"https://10.0.0.1"}}}'],
    ['a pin of another hash', host({ pin: `sha1:${'A'.repeat(43)}` })],
    ['a pin in hex', host({ pin: `sha256:${'a'.repeat(64)}` })],
    ['an unknown field of a host', host({ key: 'x' })]
  ])('with %s is refused as a whole', (_, text) => {
    expect(() => parseTable(text)).toThrow();
  });

  test('never yields a host that was not spelled out, whatever is in the file', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          expect([...parseTable(text).keys()]).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      })
    );
  });
});

test('a table that is missing or broken at the start is a fault that names the file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'smps-table-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const file = join(directory, 'hosts.json');
  const open = (): Promise<HostTable> =>
    HostTable.open(
      file,
      () => undefined,
      new Metrics(),
      () => undefined
    );
  await expect(open()).rejects.toMatchObject({ code: 'corrupt-state', detail: { file } });
  await writeFile(file, 'oops');
  await expect(open()).rejects.toMatchObject({ code: 'corrupt-state', detail: { file } });
});

describe('a table that changes while the gateway runs', () => {
  test('is used for the next link', async () => {
    const agent = await rawAgent(echo);
    cleanups.push(() => agent.close());
    const lab = await startLab({ n1: agent });
    const tab = await RawTab.connect(lab.url);
    expect((await tab.refused(1, 'n2')).name).toBe('unknown-host');
    await lab.setTable({ n1: agent, n2: agent });
    await tab.open(2, 'n2');
    tab.close();
  });

  test('into something broken is logged, and the old one stays', async () => {
    const agent = await rawAgent(echo);
    cleanups.push(() => agent.close());
    const lab = await startLab({ n1: agent });
    const tab = await RawTab.connect(lab.url);
    await tab.open(1, 'n1');
    await lab.setTableText('{ "hosts": { "n1": ');
    expect(lab.log.find((line) => line.event === 'table-refused')).toMatchObject({ kept: 1 });
    expect(lab.gateway.metrics.tableErrors).toBe(1);
    await tab.open(2, 'n1');
    tab.data(1, new Uint8Array(20));
    await tab.take('data', 1);
    tab.close();
  });
});
