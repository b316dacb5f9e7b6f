import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseDomain } from '../host-agent/drivers/libvirt/domain-xml.ts';
import type { Image } from '../host-agent/drivers/libvirt/images.ts';
import { meansOf } from '../host-agent/drivers/libvirt/means.ts';
import { capabilitiesOf } from '../host-agent/drivers/simulated/config.ts';
import type { RowName } from '../host-agent/drivers/offers.ts';
import { offerOf, ROW_NAMES, VM_SORTS } from '../host-agent/drivers/offers.ts';
import { settle } from '../host-agent/drivers/libvirt/refusal.ts';
import { xenKindFor } from '../host-agent/drivers/libvirt/xen-kinds.ts';
import { xenTemplate } from '../host-agent/drivers/libvirt/xen-template.ts';
import { vmId } from '../src/lib/model/ids.ts';
import { bytes, mib, vcpus } from '../src/lib/model/units.ts';
import { HYPERVISORS, hypervisorsMarkdown } from './hypervisors.ts';

test('docs/HYPERVISORS.md is what scripts/hypervisors.ts writes now', () => {
  expect(readFileSync(HYPERVISORS, 'utf8')).toBe(hypervisorsMarkdown());
});

test('every operation has its section, once', () => {
  const headings = [...hypervisorsMarkdown().matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
  expect(new Set(headings).size).toBe(ROW_NAMES.length);
});

test('of running VMs it says what the drivers say', () => {
  for (const [sort, capabilities] of [
    ['kvm', meansOf('kvm').capabilities],
    ['emulated', meansOf('qemu').capabilities],
    ['simulated', capabilitiesOf({})]
  ] as const) {
    for (const { name, live, means, reason } of capabilities) {
      expect(offerOf(name, sort)).toEqual(
        live ? { works: true, means, limit: reason } : { works: false, reason, instead: '' }
      );
    }
  }
});

describe.each(['pv', 'pvh', 'hvm'] as const)('of Xen’s %s guests it says what the driver makes of them', (kind) => {
  const sort = `xen-${kind}` as const;
  const common = { name: 'i', title: 'i', agent: false, minMemory: null, maxMemory: null, xen: kind } as const;
  const images = {
    'create-kernel': { ...common, kind: 'kernel', kernel: '/k', initrd: null, cmdline: '' },
    'create-disk': { ...common, kind: 'disk', path: '/d', format: 'raw', size: bytes(1) },
    'create-iso': { ...common, kind: 'iso', path: '/c' }
  } as const satisfies Partial<Record<RowName, Image>>;

  test.each(Object.entries(images))('%s', async (row, image) => {
    const outcome = await settle(() =>
      Promise.resolve(xenKindFor(image, { kinds: new Set([kind]), emulator: kind === 'hvm' }))
    );
    expect(outcome.status === 'done').toBe(offerOf(row as keyof typeof images, sort).works);
  });

  test('a disk’s format', () => {
    expect(offerOf('create-disk', sort)).toMatchObject({ limit: meansOf('xen', kind).disks.format });
  });

  test('consoles', () => {
    const vm = {
      ...{
        id: vmId(randomUUID()),
        name: 'v',
        description: '',
        tags: [],
        protected: false,
        autostart: false,
        seed: null,
        image: 'i'
      },
      ...{ vcpus: vcpus(1), vcpusMax: vcpus(1), memory: mib(64), memoryMax: mib(64), start: false, disks: [], nics: [] }
    };
    const naming = { name: 'v', title: null };
    const made = parseDomain(xenTemplate({ vm, image: images['create-kernel'], naming, devices: [], kind }));
    expect(made.kind).toBe(kind);
    expect(made.screen !== null).toBe(offerOf('screen', sort).works);
    expect(made.serial !== null).toBe(offerOf('serial', sort).works);
  });

  test('moves while they run', () => {
    expect(offerOf('migrate', sort).works).toBe(kind === 'pvh');
  });
});

test('nothing is refused without a reason', () => {
  const offers = VM_SORTS.flatMap((sort) => ROW_NAMES.map((name) => offerOf(name, sort)));
  const empty = offers.filter((offer) => (offer.works ? offer.means : offer.reason) === '');
  expect(empty).toEqual([]);
});
