import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { mib, millis, vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { memorySeen, memoryStep, uncounted, vcpusSeen } from './seen.ts';

const plain = (text: string | undefined): string => (text ?? '').replaceAll('\u00a0', ' ');
const seen = (cpus: number | null, memory: number | null) => ({
  by: 'guest-agent' as const,
  at: millis(0),
  vcpus: cpus === null ? null : vcpus(cpus),
  memory: memory === null ? null : mib(memory)
});

test('what the guest confirms, what is on its way, and silence are three different signs', () => {
  expect(vcpusSeen(en, aVm(1, { vcpus: vcpus(4), seen: seen(4, null) }))).toMatchObject({
    kind: 'confirmed',
    text: 'guest sees 4'
  });
  expect(vcpusSeen(en, aVm(1, { vcpus: vcpus(4), seen: seen(2, null) }))).toMatchObject({
    kind: 'waiting',
    text: '2 of 4'
  });
  expect(vcpusSeen(en, aVm(1, { seen: seen(null, 200) }))?.kind).toBe('silent');
  expect(vcpusSeen(en, aVm(1, { seen: null }))?.kind).toBe('silent');
});

test('vCPUs a guest has left unused, because the host cannot take them back, are no wait', () => {
  const vm = aVm(1, { vcpus: vcpus(3), vcpusNext: vcpus(2), seen: seen(2, null) });
  expect(vcpusSeen(en, vm)).toMatchObject({ kind: 'confirmed', text: 'guest uses 2 of 3' });
});

test('a guest that does not run sees nothing', () => {
  expect(vcpusSeen(en, aVm(1, { state: 'off' }))).toBeNull();
  expect(memorySeen(en, aVm(1, { state: 'paused' }))).toBeNull();
});

test('a kernel keeps a little memory to itself: that is still confirmed, much less is not', () => {
  const memory = (asked: number, reported: number) =>
    memorySeen(en, aVm(1, { memory: mib(asked), seen: seen(1, reported) }));
  expect(memory(4096, 3890)?.kind).toBe('confirmed');
  expect(memory(128, 96)?.kind).toBe('confirmed');
  expect(memory(4096, 1024)).toMatchObject({ kind: 'waiting' });
  expect(plain(memory(4096, 1024)?.text)).toBe('1 GiB of 4 GiB');
  expect(memory(192, 96)?.kind).toBe('waiting');
});

test('memory that was taken away but is still in the guest is not confirmed', () => {
  expect(memorySeen(en, aVm(1, { memory: mib(1024), seen: seen(1, 2048) }))?.kind).toBe('waiting');
});

test('the memory buttons take finer steps for small guests', () => {
  expect([128, 2048, 65_536].map((n) => memoryStep(mib(n)))).toEqual([64, 256, 1024]);
});

test('that nobody counts a user network is said of a VM that has no other', () => {
  const networks = [
    { name: 'user', mode: 'user' },
    { name: 'lan', mode: 'bridge' }
  ];
  const host = aHost('n1', [], { networks });
  const mac = '52:54:00:00:00:01';
  const nic = { mac, model: 'virtio', network: 'user', linkUp: true, seen: null, addresses: [], pending: null };
  expect(uncounted(en, host, aVm(1, { nics: [nic] }))).toContain('User network');
  expect(uncounted(en, host, aVm(1, { nics: [nic, { ...nic, network: 'lan' }] }))).toBeUndefined();
  expect(uncounted(en, host, aVm(1, { nics: [] }))).toBeUndefined();
});
