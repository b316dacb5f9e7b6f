// A domain of `xl` as operators see it, and why nothing can be done to it here.
import { createHash } from 'node:crypto';
import type { Vm } from '../../../src/lib/model/fleet.ts';
import { revision } from '../../../src/lib/model/ids.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { kibToMib, mib, millis, vcpus } from '../../../src/lib/model/units.ts';
import { refuse } from './refusal.ts';
import { volumeAt } from './storage.ts';
import type { PoolFacts } from './storage.ts';
import type { XlConfig } from './xl-list.ts';
import type { XlDomain } from './xl.ts';
import type { DiskXml, DomainXml, NicXml } from './domain-xml.ts';
import type { LibvirtHost } from './host.ts';

export function unmanagedVm(domain: XlDomain, pools: readonly PoolFacts[]): Vm {
  const { config } = domain;
  const asked = config?.vcpus ?? domain.vcpus;
  const limit = config?.memoryMax ?? null;
  return {
    id: domain.id,
    name: domain.name.slice(0, 1024),
    state: domain.state,
    kind: config?.kind ?? 'hvm',
    revision: revision(
      createHash('sha256')
        .update(JSON.stringify([domain.name, config]))
        .digest('hex')
        .slice(0, 16)
    ),
    vcpus: vcpus(Math.min(asked, 4096)),
    vcpusMax: vcpus(Math.min(config?.vcpusMax ?? asked, 4096)),
    vcpusNext: null,
    memory: mib(domain.memory),
    memoryMax: limit === null ? mib(domain.memory) : kibToMib(limit),
    memoryNext: null,
    cpuShare: null,
    cpuShareNext: null,
    affinity: null,
    affinityNext: null,
    startedAt: null,
    savedAt: null,
    description: '',
    tags: [],
    protected: false,
    autostart: null,
    unmanaged: 'xl',
    consoles: [],
    disks: (config?.disks ?? []).map(({ target, path, readOnly, cdrom }) => {
      const place = path === null ? null : volumeAt(pools, path);
      const volume = pools.find(({ name }) => name === place?.pool)?.volumes.find(({ name }) => name === place?.volume);
      return {
        target: target.slice(0, 64),
        bus: 'xen',
        device: cdrom ? 'cdrom' : 'disk',
        pool: place?.pool.slice(0, 256) ?? null,
        volume: place?.volume.slice(0, 256) ?? null,
        capacity: volume?.capacity ?? null,
        readOnly,
        seen: null,
        pending: null
      };
    }),
    nics: (config?.nics ?? []).map(({ mac, bridge }) => ({
      mac,
      model: 'netfront',
      network: bridge.slice(0, 256),
      linkUp: true,
      seen: null,
      addresses: [],
      pending: null
    })),
    seen: { by: 'hypervisor', at: millis(domain.at), vcpus: vcpus(Math.min(domain.vcpus, 4096)), memory: null }
  };
}

/** What it runs with, as xl sees its devices: those of the emulated machine are not xl's to change while it runs. */
export function withDevices(live: DomainXml, config: XlConfig): DomainXml {
  const there = (disk: DiskXml): boolean =>
    disk.bus !== 'xen' || disk.device === 'cdrom' || config.disks.some(({ target }) => target === disk.target);
  const [targets, macs] = [new Set(live.disks.map(({ target }) => target)), new Set(live.nics.map(({ mac }) => mac))];
  const added = config.disks.filter(({ target }) => !targets.has(target));
  const plugged = config.nics.filter(({ mac }) => !macs.has(mac));
  return {
    ...live,
    disks: [
      ...live.disks.filter(there),
      ...added.map(({ target, path, readOnly, cdrom }): DiskXml => {
        const source = path === null ? null : ({ kind: 'path', path } as const);
        const device = cdrom ? 'cdrom' : 'disk';
        return { target, bus: 'xen', device, readOnly, source, serial: null, pci: null, alias: null, driver: null };
      })
    ],
    nics: [
      ...live.nics.filter(({ mac }) => config.nics.some((nic) => nic.mac === mac)),
      ...plugged.map(({ mac, bridge }): NicXml => {
        const source = bridge === '' ? null : bridge;
        return { mac, model: 'netfront', type: 'bridge', source, linkUp: true, device: null };
      })
    ]
  };
}

/** Refuses changes of what is not libvirt's to change: domain 0, and domains of `xl`. */
export async function demandOurs(host: LibvirtHost, id: VmId): Promise<void> {
  if (id === (await host.domains.zero())) refuse('not-found', { kind: 'VM', id });
  const past = (await host.pastLibvirt()).get(id);
  if (past === undefined) return;
  refuse('unsupported', {
    what: `changing ${past.name}`,
    reason: 'it was made with xl, past libvirt, which knows nothing of it',
    instead:
      'to have it managed here: virsh domxml-from-native --format xen-xl FILE.cfg > vm.xml; virsh define vm.xml; ' +
      `end it with xl shutdown ${past.name}; then start it here`
  });
}
