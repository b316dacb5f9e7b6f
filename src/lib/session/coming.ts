// What a host is told of a VM that shall come to it, as the host that has the VM describes it.
import type { Host, Vm } from '../model/fleet.ts';
import type { Args } from '../protocol/schema.ts';

/** For a host that has not described itself: refused before it is sent. */
const NO_FACTS = { hypervisor: 'qemu', accelerator: 'emulated', cpuModel: '', pin: '' } as const;

export function comingVm(from: Pick<Host, 'facts' | 'pools'>, vm: Vm): Args<'migration.prepare'> {
  const { hypervisor, accelerator, cpuModel, pin } = from.facts ?? NO_FACTS;
  const disks = vm.disks.flatMap(({ target, pool, volume, capacity, readOnly }) => {
    if (pool === null || volume === null || capacity === null) return [];
    const format = from.pools.find(({ name }) => name === pool)?.volumes.find(({ name }) => name === volume)?.format;
    return [{ target, pool, volume, capacity, format: format ?? 'unknown', readOnly }];
  });
  const nics = vm.nics.map(({ network }) => ({ network }));
  const running = vm.state === 'running' || vm.state === 'paused';
  const like = { hypervisor, accelerator, cpuModel, memory: vm.memory, running };
  // Absent is no, as older hosts know it.
  const autostart = vm.autostart === true ? true : null;
  return { vm: vm.id, name: vm.name, ...like, autostart, from: pin, disks, nics };
}
