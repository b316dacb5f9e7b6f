import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { PoolFacts } from './storage.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import { parseStartTime } from './started.ts';
import { unmanagedVm, withDevices } from './unmanaged.ts';
import { parseDomain } from './domain-xml.ts';
import { parseXlConfigs, parseXlList } from './xl-list.ts';
import { runKey, XlDomains } from './xl.ts';
import type { Managed } from './xl.ts';

/** Printed by xl of Xen 4.17: domain 0, a guest of libvirt, and one that xl made. */
const recorded = (name: string): string => readFileSync(new URL(`fixtures/xen/${name}`, import.meta.url), 'utf8');
const OURS = '11111111-2222-4333-8444-555555555501' as VmId;
const ALIEN = 'f1a2c866-3669-4b9b-b4ba-9ec57e96bc3e' as VmId;

describe('what xl prints', () => {
  it('is a list of domains without domain 0', () => {
    expect(parseXlList(recorded('xl-list.txt'))).toEqual([
      {
        id: OURS,
        run: '2',
        name: 'reads',
        state: 'running',
        suspended: false,
        memory: 144,
        vcpus: 1,
        cpuTime: 179_400_000_000
      },
      {
        id: ALIEN,
        run: '6',
        name: 'alien',
        state: 'paused',
        suspended: false,
        memory: 128,
        vcpus: 1,
        cpuTime: 2_600_000_000
      }
    ]);
  });

  it('may name a domain with spaces and figures, or with more than its column holds', () => {
    for (const name of ['7 of 9', 'a'.repeat(60), '  8 1 1']) {
      const line = `${name.padEnd(40)} ${'12'.padStart(5)} ${'64'.padStart(5)} ${'2'.padStart(5)}     ---s--  ${'0.5'.padStart(8)} ${ALIEN}        -                -`;
      expect(parseXlList(line)).toMatchObject([{ name, run: '12', memory: 64, vcpus: 2, state: 'stopping' }]);
    }
  });

  it('is their configuration, by the number of the run', () => {
    const configs = parseXlConfigs(recorded('xl-list.json'));
    expect([...configs.keys()]).toEqual(['2', '6']);
    expect(configs.get('6')).toEqual({
      kind: 'pv',
      vcpus: 1,
      vcpusMax: 2,
      memoryMax: 262_144,
      disks: [],
      nics: []
    });
    expect(configs.get('2')).toMatchObject({
      disks: [
        { target: 'xvda', path: '/guest/d1.img', readOnly: false, cdrom: false },
        { target: 'xvdb', path: '/guest/d2.img' },
        { target: 'xvdc', path: '/guest/d3.img' }
      ],
      nics: [{ mac: '00:16:3e:00:00:01', bridge: 'br0' }, { mac: '00:16:3e:00:00:02' }, { mac: '00:16:3e:00:00:03' }]
    });
  });

  it('that is anything else is nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (text, json) => {
        expect(parseXlList(text)).toEqual([]);
        for (const each of [text, json, `[{"domid":1,"config":${json}}]`]) {
          for (const config of parseXlConfigs(each).values()) expect(config.disks.length).toBeLessThanOrEqual(256);
        }
      })
    );
    expect(
      parseXlConfigs('[{"domid":1,"config":{"disks":[{}, null, 3, {"vdev":5}],"nics":[{"mac":"x"}]}}]').get('1')
    ).toEqual({
      kind: 'hvm',
      vcpus: null,
      vcpusMax: null,
      memoryMax: null,
      disks: [],
      nics: []
    });
  });

  it('is an instant', () => {
    expect(parseStartTime('1795724408.90\n')).toBe(1_795_724_408_900);
    expect(parseStartTime('')).toBeNull();
  });
});

describe('domains that xl made', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const lab = (
    managed: () => Managed,
    list: () => string | null = () => recorded('xl-list.txt'),
    textOf = (): string => ''
  ) => {
    const asked: string[] = [];
    const news = vi.fn();
    const xl = new XlDomains(
      () => Promise.resolve(managed()),
      textOf,
      news,
      (args) => {
        asked.push(args.join(' '));
        return Promise.resolve(args.includes('-l') ? recorded('xl-list.json') : list());
      }
    );
    const look = async (): Promise<readonly VmId[]> => {
      await vi.advanceTimersByTimeAsync(10_000);
      await xl.domains();
      await vi.advanceTimersByTimeAsync(0);
      return [...(await xl.domains()).keys()];
    };
    return { xl, asked, news, look };
  };
  const managing = (runs: readonly [VmId, string][], ids: readonly VmId[] = []): Managed => ({
    runs: new Set(runs.map(([id, run]) => runKey(id, run))),
    ids: new Set([...ids, ...runs.map(([id]) => id)])
  });

  it('are those that libvirt does not have', async () => {
    const { xl, asked, news, look } = lab(() => managing([[OURS, '2']]));
    const found = await xl.domains();
    expect([...found.keys()]).toEqual([ALIEN]);
    expect(xl.answers).toBe(true);
    expect(news).toHaveBeenCalledTimes(1);
    expect(asked).toEqual(['list -v', 'list -l']);
    expect(await look()).toEqual([ALIEN]);
    expect(news).toHaveBeenCalledTimes(1);
  });

  it('are asked for every 10 s at most', async () => {
    const { xl, asked } = lab(() =>
      managing([
        [OURS, '2'],
        [ALIEN, '6']
      ])
    );
    expect((await xl.domains()).size).toBe(0);
    await vi.advanceTimersByTimeAsync(9_000);
    await xl.domains();
    expect(asked).toEqual(['list -v', 'list -l']);
  });

  it('are not those that libvirt is about to start, or has started or ended meanwhile', async () => {
    let round = 0;
    const { xl, look } = lab(() =>
      round++ === 0 ? managing([[OURS, '2']], [ALIEN]) : managing([[ALIEN, '6']], [OURS])
    );
    expect((await xl.domains()).size).toBe(0);
    expect(await look()).toEqual([]);
  });

  it('are those that run under an id libvirt knows and still does not run a minute later', async () => {
    const { xl, look } = lab(() => managing([[OURS, '2']], [ALIEN]));
    expect((await xl.domains()).size).toBe(0);
    for (let at = 10; at < 60; at += 10) expect(await look()).toEqual([]);
    expect(await look()).toEqual([ALIEN]);
  });

  it('have a load once they were seen twice', async () => {
    let seconds = 2.6;
    const { xl, look } = lab(
      () => managing([[OURS, '2']]),
      () => recorded('xl-list.txt').replace(' 2.6 ', ` ${seconds.toFixed(1)} `)
    );
    expect((await xl.domains()).get(ALIEN)?.rate).toBeNull();
    seconds += 5;
    await look();
    expect((await xl.domains()).get(ALIEN)?.rate).toBeCloseTo(0.5e6);
  });

  it('are unknown where xl cannot be run, and where libvirt is away nothing is told apart', async () => {
    expect(
      (
        await lab(
          () => managing([]),
          () => null
        ).xl.domains()
      ).size
    ).toBe(0);
    const { xl, look } = lab(() => {
      throw new Error('away');
    });
    expect((await xl.domains()).size).toBe(0);
    expect(await look()).toEqual([]);
    expect(xl.answers).toBe(false);
  });

  it('are shown as they are, with volumes by name, and as not managed', () => {
    const [ours] = parseXlList(recorded('xl-list.txt'));
    const config = parseXlConfigs(recorded('xl-list.json')).get('2') ?? null;
    const volume = { name: 'd1.img', path: '/guest/d1.img', capacity: bytes(64), allocation: null, format: 'raw' };
    const pool: PoolFacts = {
      name: 'guests',
      path: '/guest',
      capacity: bytes(100),
      free: bytes(36),
      volumes: [volume]
    };
    const vm = ours === undefined ? null : unmanagedVm({ ...ours, config, at: 5, rate: null }, [pool]);
    expect(vm).toMatchObject({
      name: 'reads',
      unmanaged: 'xl',
      kind: 'pv',
      vcpus: 1,
      vcpusMax: 2,
      memory: 144,
      memoryMax: 256,
      seen: { by: 'hypervisor', at: 5, vcpus: 1, memory: null }
    });
    expect(vm?.disks.map(({ target, pool: where, volume: name, capacity }) => [target, where, name, capacity])).toEqual(
      [
        ['xvda', 'guests', 'd1.img', 64],
        ['xvdb', null, null, null],
        ['xvdc', null, null, null]
      ]
    );
  });
});

describe('devices that xl gave a domain of libvirt', () => {
  const text = recorded('running.xml');
  const live = parseDomain(text);
  const seen = async (now: string, run = '2') => {
    const xl = new XlDomains(
      () => Promise.resolve({ runs: new Set([runKey(OURS, '2'), runKey(ALIEN, '6')]), ids: new Set([OURS, ALIEN]) }),
      () => text,
      () => undefined,
      (args) => Promise.resolve(recorded(args.includes('-l') ? 'xl-list.json' : 'xl-list.txt'))
    );
    await xl.domains();
    return xl.devicesOf({ id: OURS, live: { ...live, run }, texts: [now, ''] });
  };

  it('are known for as long as libvirt runs it with what it ran it with then', async () => {
    expect((await seen(text))?.disks.map(({ target }) => target)).toEqual(['xvda', 'xvdb', 'xvdc']);
    expect(await seen(text.replace('xvdb', 'xvde'))).toBeNull();
    expect(await seen(text, '3')).toBeNull();
  });

  it('are shown beside those libvirt knows, and those it took away are not', async () => {
    const config = await seen(text);
    if (config === null) throw new Error('nothing is known of it');
    const all = withDevices(live, config);
    expect(all.disks.map(({ target, source }) => [target, source])).toEqual([
      ['xvda', { kind: 'path', path: '/guest/d1.img' }],
      ['xvdb', { kind: 'path', path: '/guest/d2.img' }],
      ['xvdc', { kind: 'path', path: '/guest/d3.img' }]
    ]);
    expect(all.nics.map(({ mac, device, source }) => [mac, device, source])).toEqual([
      ['00:16:3e:00:00:01', 'vif2.0', 'br0'],
      ['00:16:3e:00:00:02', null, 'br0'],
      ['00:16:3e:00:00:03', null, 'br0']
    ]);
    const none = withDevices(live, { ...config, disks: [], nics: [] });
    expect([none.disks, none.nics]).toEqual([[], []]);
  });

  it('leave the drives of an emulated machine alone', async () => {
    const config = await seen(text);
    const [disk] = live.disks;
    if (config === null || disk === undefined) throw new Error('nothing is known of it');
    const emulated = { ...live, disks: [{ ...disk, target: 'hdc', bus: 'ide', device: 'cdrom' }] };
    expect(withDevices(emulated, { ...config, disks: [] }).disks).toEqual(emulated.disks);
  });
});
