import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WEIGHT } from '../../../src/lib/model/cpu-share.ts';
import { scaleHere, SHARES, sharesOf, WEIGHT, weightOf } from './cgroup.ts';
import { affinityOf, withAffinity, withCredit } from './cputune.ts';
import { METADATA, readDomain } from './domain-xml.ts';
import { readCredit, readPosix } from './schedinfo.ts';
import { printElement, readElement } from './xml.ts';
import type { Element } from './xml.ts';

const domain = (inside: string): Element =>
  readElement(
    `<domain type='xen'><name>a</name><uuid>11111111-1111-4111-8111-111111111111</uuid><memory>1024</memory>${inside}</domain>`
  );
const tuneOf = (root: Element) => readDomain(readElement(printElement(root))).tune;
const TWO = `<vcpu current='2'>4</vcpu>`;
const NOTE = `<metadata><smps:vm xmlns:smps='${METADATA}' tags='a' cpu-cap='70'/><other:x xmlns:other='o'/></metadata>`;

describe('what a configuration says of CPU time', () => {
  it('is nothing where it says nothing', () => {
    expect(tuneOf(domain(TWO))).toEqual({ shares: null, quota: null, cap: null, pins: ['', ''] });
  });

  it('is the smallest of the quotas, of all vCPUs together', () => {
    const tune = `<cputune><shares>512</shares><period>50000</period><quota>40000</quota><global_period>100000</global_period><global_quota>250000</global_quota></cputune>`;
    expect(tuneOf(domain(TWO + tune))).toMatchObject({ shares: 512, quota: 160 });
    expect(tuneOf(domain(TWO + `<cputune><global_quota>50000</global_quota></cputune>`)).quota).toBe(50);
    expect(
      tuneOf(domain(TWO + `<cputune><global_quota>-1</global_quota><quota>-1</quota></cputune>`)).quota
    ).toBeNull();
  });

  it('has a cap of Xen in our own note', () => {
    expect(tuneOf(domain(TWO + NOTE)).cap).toBe(70);
  });

  it('changes in weight and cap alone: tags, other notes and pins stay', () => {
    const root = domain(`${TWO}${NOTE}<cputune><shares>9</shares><vcpupin vcpu='0' cpuset='1'/></cputune>`);
    const capped = withCredit(root, { weight: 512, cap: 150 }, METADATA);
    expect(tuneOf(capped)).toEqual({ shares: 512, quota: null, cap: 150, pins: ['1', ''] });
    const free = withCredit(capped, { weight: 300, cap: null }, METADATA);
    expect(tuneOf(free)).toMatchObject({ shares: 300, cap: null });
    expect(readDomain(free).tags).toEqual(['a']);
    expect(printElement(free)).toContain('other:x');
  });

  it('is noted in a domain that has no note yet', () => {
    expect(tuneOf(withCredit(domain(TWO), { weight: 512, cap: 150 }, METADATA))).toMatchObject({
      shares: 512,
      cap: 150
    });
  });
});

describe('the CPUs a domain may run on', () => {
  it('are those of all its vCPUs together; any where one of them may run on any, or they are all there are', () => {
    const pins = (list: string) => ({ ...tuneOf(domain(TWO)), pins: list.split(' ') });
    expect(affinityOf(pins('0 2-3'), 8)).toBe('0,2-3');
    expect(affinityOf({ ...pins(''), pins: ['0', ''] }, 8)).toBe('');
    expect(affinityOf(pins('0-1 2-3'), 4)).toBe('');
    expect(affinityOf(pins('0-1 2-3'), null)).toBe('0-3');
  });

  it('come from a set for all vCPUs where one has none of its own', () => {
    const root = domain(`<vcpu cpuset='0-3,^2' current='2'>4</vcpu><cputune><vcpupin vcpu='1' cpuset='5'/></cputune>`);
    expect(tuneOf(root).pins).toEqual(['', '5']);
    expect(tuneOf(domain(`<vcpu cpuset='0-3'>1</vcpu>`)).pins).toEqual(['0-3']);
  });

  it('are given to every vCPU, and taken away again with all that was said before', () => {
    const root = domain(
      `<vcpu cpuset='7' current='2'>4</vcpu><cputune><shares>9</shares><vcpupin vcpu='1' cpuset='5'/></cputune>`
    );
    const pinned = withAffinity(root, '0-1', 4);
    expect(tuneOf(pinned)).toMatchObject({ shares: 9, pins: ['0-1', '0-1'] });
    expect(printElement(pinned).match(/<vcpupin/g)).toHaveLength(4);
    expect(tuneOf(withAffinity(pinned, '', 4))).toMatchObject({ shares: 9, pins: ['', ''] });
  });
});

describe('schedinfo', () => {
  it('of Xen tells weight and cap, whichever credit scheduler it is', () => {
    expect(readCredit('Scheduler      : credit\nweight         : 512\ncap            : 50\n')).toEqual({
      weight: 512,
      cap: 50
    });
    expect(readCredit('Scheduler      : credit2\nweight         : 256\ncap            : 0\n')).toEqual({
      weight: 256,
      cap: null
    });
  });

  it('of a domain that does not run, or another scheduler, tells nothing', () => {
    expect(readCredit('Scheduler      : Unknown\n')).toBeNull();
    expect(readCredit('Scheduler      : rtds\n')).toBeNull();
  });

  it('of QEMU is in the measure of its cgroups', () => {
    const text = 'Scheduler      : posix\ncpu_shares     : 2048\nglobal_period  : 100000\nglobal_quota   : 50000\n';
    expect(readPosix(text, SHARES)).toEqual({ weight: 512, cap: 50 });
    expect(readPosix(text.replace('2048', '200').replace('50000', '-1'), WEIGHT)).toEqual({ weight: 512, cap: null });
    expect(readPosix('cpu_shares     : 0\n', SHARES)).toBeNull();
  });
});

describe('weights in cgroups', () => {
  it('of version 1 are exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_WEIGHT }), (weight) => {
        expect(weightOf(sharesOf(weight, SHARES), SHARES)).toBe(weight);
      })
    );
  });

  it('of version 2 are the nearest, within their range', () => {
    expect(sharesOf(256, WEIGHT)).toBe(100);
    expect(sharesOf(1, WEIGHT)).toBe(1);
    expect(sharesOf(MAX_WEIGHT, WEIGHT)).toBe(10_000);
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 25_600 }), (weight) => {
        expect(Math.abs(weightOf(sharesOf(weight, WEIGHT), WEIGHT) - weight)).toBeLessThanOrEqual(2);
      })
    );
  });

  it('are those of the version that is mounted', () => {
    const root = mkdtempSync(join(tmpdir(), 'smps-cgroup-'));
    try {
      expect(scaleHere(root)).toBeNull();
      mkdirSync(join(root, 'cpu'));
      writeFileSync(join(root, 'cpu', 'cpu.shares'), '1024\n');
      expect(scaleHere(root)).toBe(SHARES);
      writeFileSync(join(root, 'cgroup.controllers'), 'cpuset io memory\n');
      expect(scaleHere(root)).toBeNull();
      writeFileSync(join(root, 'cgroup.controllers'), 'cpuset cpu io\n');
      expect(scaleHere(root)).toBe(WEIGHT);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
