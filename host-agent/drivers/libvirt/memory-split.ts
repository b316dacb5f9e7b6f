// How a VM's memory is divided between what it boots with and a virtio-mem device that can grow while it runs.
// The same division is used at creation and for “at next boot”.
import { element, elements, find, mapChildren } from './xml.ts';
import type { Element } from './xml.ts';
import type { Mib } from '../../../src/lib/model/units.ts';

/** Linux adds memory in blocks of 128 MiB: a smaller rest of a device could never be used. */
const STEP = 128;

export type MemorySplit = {
  /** MiB. */
  readonly boot: number;
  /** MiB of the virtio-mem device, a multiple of 128; 0: no device. */
  readonly device: number;
};

/** @param max how far it shall be able to go while it runs; rounded up to what the guest can use. */
export const splitMemory = (memory: Mib, max: number): MemorySplit => ({
  boot: memory,
  device: Math.max(0, Math.ceil((max - memory) / STEP) * STEP)
});

const mib = (name: string, value: number): Element => element(name, { unit: 'MiB' }, String(value));

/** The elements at the head of a domain. */
export const memoryHead = ({ boot, device }: MemorySplit): readonly Element[] => [
  ...(device > 0 ? [element('maxMemory', { slots: '8', unit: 'MiB' }, String(boot + device))] : []),
  mib('memory', boot + device),
  mib('currentMemory', boot + device)
];

/** `<numa>`, which memory devices need; null without one. */
export const memoryNuma = ({ boot, device }: MemorySplit, vcpusMax: number): Element | null =>
  device === 0
    ? null
    : element(
        'numa',
        {},
        element('cell', {
          id: '0',
          cpus: vcpusMax > 1 ? `0-${vcpusMax - 1}` : '0',
          memory: String(boot),
          unit: 'MiB'
        })
      );

export const memoryDevice = ({ device }: MemorySplit): Element | null =>
  device === 0
    ? null
    : element(
        'memory',
        { model: 'virtio-mem' },
        element(
          'target',
          {},
          mib('size', device),
          element('node', {}, '0'),
          mib('block', 2),
          element('requested', { unit: 'KiB' }, '0')
        )
      );

/** The inactive configuration `root` with its memory divided anew; devices of other kinds are left as they are. */
export function withMemory(root: Element, split: MemorySplit, vcpusMax: number): Element {
  const numa = memoryNuma(split, vcpusMax);
  const head = memoryHead(split);
  const kept = new Set(['maxMemory', 'memory', 'currentMemory']);
  const changed = mapChildren(root, (child) => {
    if (kept.has(child.name)) return null;
    if (child.name === 'cpu') return withNuma(child, numa);
    if (child.name !== 'devices') return child;
    const others = mapChildren(child, (device) =>
      device.name === 'memory' && device.attributes.model === 'virtio-mem' ? null : device
    );
    const device = memoryDevice(split);
    return device === null ? others : { ...others, children: [...others.children, device] };
  });
  const cpu = find(changed, 'cpu') === null && numa !== null ? [element('cpu', {}, numa)] : [];
  return { ...changed, children: [...changed.children, ...head, ...cpu] };
}

const withNuma = (cpu: Element, numa: Element | null): Element => {
  const rest = mapChildren(cpu, (child) => (child.name === 'numa' ? null : child));
  return numa === null ? rest : { ...rest, children: [...rest.children, numa] };
};

/** True when the division above can be used: it has a virtio-mem device of ours, or no memory devices and no NUMA at all. */
export function canSplit(root: Element): boolean {
  const modules = elements(find(root, 'devices'), 'memory');
  const cells = elements(find(root, 'cpu', 'numa'), 'cell');
  if (cells.length > 1) return false;
  return modules.length === 0 ? cells.length === 0 : modules.every((each) => each.attributes.model === 'virtio-mem');
}
