import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { meansOf } from '../host-agent/drivers/libvirt/means.ts';
import { capabilitiesOf } from '../host-agent/drivers/simulated/config.ts';
import { offerOf, ROW_NAMES, VM_SORTS } from '../host-agent/drivers/offers.ts';
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

test('nothing is refused without a reason', () => {
  const offers = VM_SORTS.flatMap((sort) => ROW_NAMES.map((name) => offerOf(name, sort)));
  const empty = offers.filter((offer) => (offer.works ? offer.means : offer.reason) === '');
  expect(empty).toEqual([]);
});
