import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { vifsOf } from './counters.ts';
import { parseDomain } from './domain-xml.ts';
import { figure, stateOf } from './domstats.ts';
import { parseFreecell } from './host-memory.ts';
import { parseNodeinfo } from './nodeinfo.ts';
import { listed } from './poll.ts';
import { vmOf } from './vm.ts';
import { countersOf, looksAt, parseCounters, parseCpuTime, parseLook } from './xen-figures.ts';

/** Printed by virsh 9.0 of libvirt 9.0 on Xen 4.17, with a PV guest that has been given a disk, a NIC and memory while it ran. */
const processors = { cpuShare: null, cpuShareNext: null, affinity: '', affinityNext: null };
const recorded = (name: string): string => readFileSync(new URL(`fixtures/xen/${name}`, import.meta.url), 'utf8');
const ID = '11111111-2222-4333-8444-555555555501' as VmId;
const running = parseDomain(recorded('running.xml'));
const look = (vcpus = recorded('vcpuinfo.txt').replace('offline', 'running')) =>
  parseLook([recorded('domstate.txt'), recorded('dommemstat.txt'), vcpus], 1_700_000_000_000);

describe('a look at a domain of Xen', () => {
  it('says its state, the memory it has, and how many vCPUs its guest has brought online', () => {
    expect(Object.fromEntries(look() ?? [])).toEqual({
      'state.state': '1',
      'balloon.current': '147456',
      'vcpu.online': '2',
      'vcpu.online-at': '1700000000000'
    });
  });

  it('says no number while one of them may be offline, or only waits for a CPU of the host', () => {
    expect([...(look(recorded('vcpuinfo.txt')) ?? []).keys()]).toEqual(['state.state', 'balloon.current']);
    // Of a domain that has ended meanwhile.
    expect(look('VCPU:           0\nCPU:            N/A\nState:          N/A\n')?.has('vcpu.online')).toBe(false);
  });

  it('asks of one that does not run its state alone', () => {
    expect(looksAt(ID, false)).toEqual([`domstate --reason ${ID}`]);
    expect(Object.fromEntries(parseLook(['shut off (crashed)\n'], 1) ?? [])).toEqual({
      'state.state': '5',
      'state.reason': '3'
    });
    expect(parseLook([''], 1)).toBeNull();
  });

  it('takes a domain that is on no CPU just now for running, and one that migrates for moving', () => {
    const state = (text: string): string => {
      const figures = parseLook([text], 1);
      return stateOf(figure(figures, 'state.state'), figure(figures, 'state.reason'));
    };
    expect(state('no state (unknown)')).toBe('running');
    expect(state('paused (migrating)')).toBe('moving');
    expect(state('paused (user)')).toBe('paused');
    expect(state('odd')).toBe('unknown');
  });

  it('shows what was asked and what the guest has apart, and nobody as a witness of its memory', () => {
    const domain = {
      id: ID,
      name: 'reads',
      state: 'running' as const,
      autostart: false,
      figures: look(),
      live: running,
      inactive: parseDomain(recorded('inactive.xml')),
      texts: ['', ''] as const
    };
    const vm = vmOf(domain, { pools: [], sight: null, startedAt: null, savedAt: null, stopping: false, processors });
    expect(vm).toMatchObject({
      kind: 'pv',
      vcpus: 2,
      vcpusMax: 2,
      memory: 144,
      memoryMax: 256,
      seen: { by: 'hypervisor', vcpus: 2, memory: null }
    });
    expect(vm.nics.map(({ mac, pending }) => [mac, pending])).toEqual([
      ['00:16:3e:00:00:01', null],
      ['00:16:3e:00:00:02', 'detach']
    ]);
    expect(vm.disks.map(({ target, pending }) => [target, pending])).toEqual([
      ['xvda', null],
      ['xvdb', 'detach']
    ]);
  });
});

describe('counters of a domain of Xen', () => {
  it('are asked of its disks, and of the NICs the host has a device for', () => {
    expect(countersOf(ID, running)).toEqual([
      `cpu-stats --total ${ID}`,
      `domblkstat ${ID} "xvda"`,
      `domblkstat ${ID} "xvdb"`,
      `domifstat ${ID} "vif2.0"`
    ]);
  });

  it('are kept under the names domstats would give them; what gave no answer is absent', () => {
    const figures = parseCounters([
      recorded('cpu-stats.txt'),
      recorded('domblkstat.txt'),
      '',
      recorded('domifstat.txt')
    ]);
    expect(Object.fromEntries(figures)).toEqual({
      'cpu.time': '178877524944',
      'block.count': '1',
      'block.0.rd.bytes': '12288',
      'block.0.wr.bytes': '0',
      'net.count': '1',
      'net.0.rx.bytes': '1356',
      'net.0.tx.bytes': '0'
    });
    expect([...parseCounters(['', '', ''])]).toEqual([]);
  });

  it('of all its interfaces are known in domain 0, with its directions, not the host’s', () => {
    expect(vifsOf(recorded('net-dev.txt'), '2')).toEqual([1356 + 1356 + 1286, 0]);
    expect(vifsOf(recorded('net-dev.txt'), '1')).toBeNull();
    expect(vifsOf('vif12.0: 1 0 0 0 0 0 0 0 2 0', '1')).toBeNull();
  });

  it('read whatever is printed without inventing a figure', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([...parseCounters([text, text])]).toEqual([]);
        expect(parseCpuTime(text)).toBeNull();
        expect(parseFreecell(text)).toBeNull();
      })
    );
  });

  it('count CPU time in nanoseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 8 }), fc.integer({ min: 0, max: 999_999_999 }), (whole, rest) => {
        const text = `Total:\n\tcpu_time  ${whole}.${String(rest).padStart(9, '0')} seconds\n`;
        expect(parseCpuTime(text)).toBe(whole * 1e9 + rest);
      })
    );
  });
});

describe('a Xen host', () => {
  it('is counted as Xen counts it', () => {
    expect(parseNodeinfo(recorded('nodeinfo.txt'))).toEqual({ cpus: 2, memory: 1_572_336, model: 'x86_64' });
    expect(parseNodeinfo('')).toEqual({ cpus: null, memory: null, model: '' });
    expect(parseFreecell(recorded('freecell.txt'))).toBe(618_444);
  });

  it('lists domains with the numbers of their runs', () => {
    expect(listed(recorded('list.txt'), true)).toEqual([
      { id: '00000000-0000-0000-0000-000000000000', run: '0', name: 'Domain-0' },
      { id: ID, run: '2', name: 'reads' }
    ]);
    expect(listed(`${ID} - 7 of 9\n`, true)).toEqual([{ id: ID, run: '-', name: '7 of 9' }]);
    expect(listed(`${ID} 7 of 9\n`, false)).toEqual([{ id: ID, run: null, name: '7 of 9' }]);
  });
});
