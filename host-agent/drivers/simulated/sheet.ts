// A simulated VM as its host describes it to the one it moves to. What comes in is from another host: read strictly.
import { CPU_LIST, MAX_CAP, MAX_WEIGHT, ORDINARY } from '../../../src/lib/model/cpu-share.ts';
import type { CpuShare } from '../../../src/lib/model/cpu-share.ts';
import { PENDING } from '../../../src/lib/model/fleet.ts';
import { TAG, MAX_TAGS, vmId } from '../../../src/lib/model/ids.ts';
import { bytes, mib, millis, vcpus } from '../../../src/lib/model/units.ts';
import type { Fields } from '../../files/fields.ts';
import { always } from './guest.ts';
import type { Guest, Live } from './guest.ts';

const NAME = /^(?!\.)[A-Za-z0-9._+-]{1,128}$/;
const MAX_MIB = 2 ** 33;
const MAX_VCPUS = 4096;

/** Everything but what its guest is still about to notice: it has noticed on the other side. */
export const sheetOf = ({ live, disks, nics, tags, ...rest }: Guest): object => ({
  ...rest,
  // One that is saved does not move.
  saved: undefined,
  // The agents see to that (migration/).
  autostart: undefined,
  tags: tags.join(','),
  disks: disks.map((disk) => ({ ...disk, seen: undefined })),
  nics: nics.map((nic) => ({ ...nic, seen: undefined })),
  live: live && {
    startedAt: live.startedAt,
    bootedAt: Math.ceil(live.bootedAt),
    vcpus: live.vcpus,
    memory: live.memory,
    share: live.share,
    affinity: live.affinity
  }
});

/** @throws Fault `corrupt-state` for anything that is not exactly a sheet */
export function readSheet(fields: Fields): Guest {
  const guest: Guest = {
    id: vmId(fields.text('id')),
    name: fields.text('name', /^[^]{1,1024}$/),
    description: fields.text('description', /^[^]{0,16384}$/),
    tags: fields
      .text('tags')
      .split(',')
      .filter((tag) => TAG.test(tag))
      .slice(0, MAX_TAGS),
    protected: fields.flag('protected'),
    autostart: false,
    image: fields.maybe('image', () => fields.text('image', NAME)),
    state: fields.choice('state', ['running', 'paused', 'off', 'crashed']),
    vcpusMax: vcpus(fields.whole('vcpusMax', 1, MAX_VCPUS)),
    memoryMax: mib(fields.whole('memoryMax', 1, MAX_MIB)),
    vcpus: vcpus(fields.whole('vcpus', 1, MAX_VCPUS)),
    memory: mib(fields.whole('memory', 1, MAX_MIB)),
    ...readCpus(fields),
    disks: fields.list('disks', (disk) => {
      const capacity = bytes(disk.whole('capacity', 0));
      return {
        target: disk.text('target', /^[a-z0-9]{1,32}$/),
        device: disk.choice('device', ['disk', 'cdrom']),
        pool: disk.maybe('pool', () => disk.text('pool', NAME)),
        volume: disk.maybe('volume', () => disk.text('volume', NAME)),
        capacity,
        readOnly: disk.flag('readOnly'),
        seen: always(capacity),
        pending: disk.maybe('pending', () => disk.choice('pending', PENDING))
      };
    }),
    nics: fields.list('nics', (nic) => ({
      mac: nic.text('mac', /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/),
      network: nic.text('network', NAME),
      seen: always(null),
      pending: nic.maybe('pending', () => nic.choice('pending', PENDING))
    })),
    live: fields.maybe('live', () => readLive(fields.object('live'))),
    saved: null
  };
  fields.end();
  if ((guest.live === null) !== ['off', 'crashed'].includes(guest.state)) throw fields.corrupt('it runs and does not');
  return { ...guest, nics: guest.nics.map((nic, order) => ({ ...nic, seen: always(`eth${order}`) })) };
}

/** An older host sends neither. */
const readCpus = (fields: Fields): Pick<Live, 'share' | 'affinity'> => ({
  share: fields.maybe('share', () => readShare(fields.object('share'))) ?? ORDINARY,
  affinity: fields.maybe('affinity', () => fields.text('affinity', CPU_LIST)) ?? ''
});

function readShare(fields: Fields): CpuShare {
  const weight = fields.whole('weight', 1, MAX_WEIGHT);
  const cap = fields.maybe('cap', () => fields.whole('cap', 1, MAX_CAP));
  fields.end();
  return { weight, cap };
}

function readLive(fields: Fields): Live {
  const [count, memory] = [vcpus(fields.whole('vcpus', 1, MAX_VCPUS)), mib(fields.whole('memory', 1, MAX_MIB))];
  const live: Live = {
    startedAt: millis(fields.whole('startedAt', 0)),
    bootedAt: fields.whole('bootedAt', 0),
    vcpus: count,
    memory,
    ...readCpus(fields),
    seenVcpus: always(count),
    seenMemory: always(memory)
  };
  fields.end();
  return live;
}
