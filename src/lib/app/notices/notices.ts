// What the operator should be told without having asked: hosts lost and back, VMs that crashed. Pure: two fleets in,
// sentences out; a loss of many hosts at once (a gateway) is one sentence.
import type { Sentence, ShellMessages } from '#lib/messages/messages.ts';
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Tone } from '#lib/ui/signs/state-sign.ts';

/** What is told of the links of hosts. */
export type Telling = 'unsteady' | 'lost' | 'back' | 'refused';
/** `of`: what it tells of which hosts; null when it tells of no link. */
export type Notice = {
  readonly say: Sentence;
  readonly tone: Tone;
  readonly of: { readonly telling: Telling; readonly hosts: readonly HostId[] } | null;
};

const names = ({ common }: ShellMessages, hosts: readonly Host[]): string =>
  hosts.length <= 3 ? hosts.map((host) => host.name).join(common.comma) : common.hosts(hosts.length);

/**
 * `unsteady`: hosts that have just become so, told once; `quiet`: of whose links nothing is told. `told`: hosts the same was told of
 * a moment ago: where more follow, one notice tells of all for whom it is still so.
 */
type Known = {
  readonly unsteady: readonly Host[];
  readonly quiet: (host: HostId) => boolean;
  readonly told?: (telling: Telling) => readonly HostId[];
};

export function notices(
  before: Fleet,
  after: Fleet,
  { unsteady, quiet, told = () => [] }: Known = { unsteady: [], quiet: () => false }
): Notice[] {
  const lost: Host[] = [];
  const back: Host[] = [];
  const refused: Host[] = [];
  const crashed: Notice[] = [];
  for (const host of after.hosts.values()) {
    const earlier = before.hosts.get(host.id);
    if (!earlier || earlier === host) continue;
    if (!quiet(host.id)) {
      if (earlier.link === 'online' && host.link === 'offline') lost.push(host);
      // Heard of before: it is a return, not the first link of this tab.
      if (earlier.link !== 'online' && host.link === 'online' && earlier.facts !== null) back.push(host);
    }
    if (earlier.link !== 'refused' && host.link === 'refused') refused.push(host);
    for (const vm of host.vms.values()) {
      const state = earlier.vms.get(vm.id)?.state;
      if (vm.state === 'crashed' && state !== undefined && state !== 'crashed') {
        crashed.push({ say: (m) => m.tasks.notice.crashed(vm.name, host.name), tone: 'bad', of: null });
      }
    }
  }
  const still: Record<Telling, (host: Host) => boolean> = {
    unsteady: ({ id }) => quiet(id),
    lost: ({ link }) => link === 'offline',
    back: ({ link }) => link === 'online',
    refused: ({ link }) => link === 'refused'
  };
  const notice = (telling: Telling, fresh: readonly Host[], tone: Tone): Notice[] => {
    if (fresh.length === 0) return [];
    const before = told(telling).flatMap((id) => after.hosts.get(id) ?? []);
    const hosts = [...new Set([...before.filter(still[telling]), ...fresh])];
    return [
      { say: (m) => m.tasks.notice[telling](names(m, hosts)), tone, of: { telling, hosts: hosts.map(({ id }) => id) } }
    ];
  };
  return [
    ...notice('unsteady', unsteady, 'warn'),
    ...notice('lost', lost, 'warn'),
    ...notice('back', back, 'good'),
    ...notice('refused', refused, 'bad'),
    ...crashed
  ];
}
