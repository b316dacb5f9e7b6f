// Why something cannot be, as planning says it: phrases that stand alone or behind “…: ”.
import type { VmState } from '../../model/fleet.ts';
import type { Lacking, Reason } from '../../plan/reason.ts';
import { plural } from '../plural.ts';
import { common } from './common.ts';

const many = plural('en');

export const reasons = {
  'host-unknown': 'nothing is known of the host yet',
  'host-unlinked': 'the host is not linked',
  'host-trouble': (trouble: string) => `the host is in trouble: ${trouble}`,
  'host-viewed': 'you may only look at this host',
  'host-offline': 'the host is not online',
  'host-maintenance': 'the host is in maintenance',
  'host-closed': 'the host takes nothing now',

  unsuited: 'the host does not suit the VM',
  platform: (needs: string, has: string) => `needs ${needs}; the host has ${has}`,
  'no-image': (name: string) => `the host has no image “${name}”`,
  'no-network': (name: string) => `the host has no network “${name}”`,
  'no-pool': (name: string) => `the host has no pool “${name}”`,
  'place-tags': (tags: string) => `its tags say ${tags}`,
  lacks: {
    vcpus: (n: number) => many(n, { one: '# vCPU is missing', other: '# vCPUs are missing' }),
    memory: (n: number) => many(n, { one: '# MiB of memory is missing', other: '# MiB of memory are missing' }),
    disk: (n: number) => many(n, { one: '# MiB of disk space is missing', other: '# MiB of disk space are missing' })
  } satisfies Record<Lacking, unknown>,
  meanwhile: (lacks: string) => `${lacks} while VMs move away`,

  held: 'the VM may not be moved',
  'vm-state': (state: VmState) =>
    state === 'saved' ? 'it is saved: restore it, or discard its saved state first' : `it is ${common.vmState[state]}`,
  pinned: 'its tags say pin',
  'pinned-until': (time: string) => `it was moved by hand and is pinned until ${time}`,
  'loose-disk': (target: string) => `its disk ${target} is in no pool`,
  'stays-on-xen': {
    pv: 'Xen does not move a PV guest while it runs: shut it down, and make it anew there from its disks',
    hvm: 'on Xen only PVH guests are moved while they run: shut it down, and make it anew there from its disks',
    disks: 'Xen copies no disks along with a move: shut it down, and make it anew there from its disks',
    off: 'on Xen a VM that is off is not moved: make it anew there from its disks'
  },
  unmanaged: 'it was made with another tool, and is not managed',
  'out-of-scope': 'it is outside the scope of this plan',

  'rule-apart': (rule: string, vm: string) => `rule “${rule}”: ${vm} is on this host`,
  'rule-together': (rule: string) => `rule “${rule}”: the others are on another host`,
  'rule-near': (rule: string, site: string) => `rule “${rule}”: the others are not at ${site}`,
  'rule-spread': (rule: string, least: number) => `rule “${rule}”: would be at fewer than ${least} sites`,
  'rule-needs': (rule: string, site: string) => `rule “${rule}”: none of what it needs is at ${site}`,
  'rule-needed': (rule: string, site: string) => `rule “${rule}”: others need it at ${site}`,
  'rule-broken': (rule: string, vms: string) => `${rule} would be broken (${vms})`,
  more: (vms: string, n: number) => `${vms} and ${n} more`,

  'no-such-vm': (index: number) => `there is no VM ${index}`,
  'no-such-host': (index: number) => `there is no host ${index}`,
  'moved-twice': 'the VM is moved twice',
  'shared-twice': 'the VM gets two CPU shares',
  'not-running': 'the VM does not run, and a plan changes CPU shares of running ones',
  'no-shares': 'the host cannot change the CPU share of a running VM',
  'no-yield': 'its tags do not say yields, and no plan changes its CPU share',
  'weight-range': (most: number) => `the weight of a CPU share is 1 to ${most}`,
  'cap-range': (least: number, most: number) => `its cap may be ${least}\u00a0% to ${most}\u00a0%`,
  'still-there': 'a VM it has to be apart from is still there',
  'not-there-yet': 'it could not be moved there first',
  circle: 'others wait for it in a circle',
  'makes-room': (vm: string) => `it makes room for ${vm}`,

  'odd-tag': (tag: string, vm: string) => `the tag ${tag} of ${vm} is no rule that can be read`,
  'spread-few': (rule: string, least: number, vms: number) =>
    `spread:${rule} wants ${least} sites, but only ${many(vms, { one: '# VM has', other: '# VMs have' })} that tag`,
  'needs-none': (rule: string) => `needs:${rule} is said, but no VM has the tag gives:${rule}`,
  said: (text: string) => text
} satisfies Record<Reason['kind'] | 'meanwhile' | 'more', unknown>;
