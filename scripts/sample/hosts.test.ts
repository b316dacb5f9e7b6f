import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { hostNames, planHosts, chooseDriver } from './hosts.ts';
import { freePort, isFree, listenError } from './ports.ts';

const idsOf = (count: number): string =>
  hostNames(count)
    .map(({ id, site }) => `${id}/${site}`)
    .join(' ');

describe('hosts of the sample', () => {
  it('stand at two sites, the odd one at north', () => {
    expect(idsOf(4)).toBe('n1/north n2/north s1/south s2/south');
    expect(idsOf(3)).toBe('n1/north n2/north s1/south');
    expect(idsOf(1)).toBe('n1/north');
  });

  it('keep their driver and, while it is free, their port', async () => {
    const first = await planHosts('/s', [], 2, 'simulated');
    expect(new Set(first.map(({ port }) => port)).size).toBe(2);
    const second = await planHosts('/s', first, 4, 'libvirt');
    expect(second.find(({ id }) => id === 's1')).toEqual(first.find(({ id }) => id === 's1'));
    expect(second.map(({ driver }) => driver)).toEqual(['simulated', 'libvirt', 'simulated', 'libvirt']);
  });

  it('have a real Xen host beside them when asked, at a site of theirs', async () => {
    const hosts = await planHosts('/s', [], 2, 'simulated', true);
    expect(hosts.map(({ id, site, driver }) => `${id}/${site}/${driver}`)).toEqual([
      'n1/north/simulated',
      's1/south/simulated',
      'x1/south/libvirt'
    ]);
    expect((await planHosts('/s', hosts, 2, 'simulated')).map(({ id }) => id)).toEqual(['n1', 's1']);
  });

  it('move to the next port when theirs is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      expect(await isFree(port)).toBe(false);
      expect(await listenError(port)).toBe('EADDRINUSE');
      expect(await freePort(port)).toBeGreaterThan(port);
      const [host] = await planHosts(
        '/s',
        await planHosts('/s', [], 1, 'simulated').then(([only]) => (only ? [{ ...only, port }] : [])),
        1,
        'simulated'
      );
      expect(host?.port).toBeGreaterThan(port);
    } finally {
      server.close();
    }
  });
});

describe('driver of the sample', () => {
  it('stays what the state was made with, and says how to have real hosts', async () => {
    const said: string[] = [];
    await expect(chooseDriver('auto', 'simulated', (line) => said.push(line))).resolves.toBe('simulated');
    expect(said).toEqual([expect.stringMatching(/^hosts are simulated, as they were made; .*npm start -- --reset$/)]);
  });

  it('is simulated without a word where that was asked for', async () => {
    const said: string[] = [];
    await expect(chooseDriver('simulated', null, (line) => said.push(line))).resolves.toBe('simulated');
    expect(said).toEqual([]);
  });

  it('cannot be changed under existing hosts', async () => {
    await expect(chooseDriver('libvirt', 'simulated', () => undefined)).rejects.toMatchObject({ code: 'usage' });
    await expect(chooseDriver('simulated', 'libvirt', () => undefined)).rejects.toThrow('--reset');
  });
});
