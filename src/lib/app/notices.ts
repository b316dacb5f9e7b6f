// What the operator should be told without having asked: hosts lost and back, VMs that crashed. Pure: two fleets in,
// sentences out; a loss of many hosts at once (a gateway) is one sentence.
import type { ShellMessages } from '#lib/messages/messages.ts';
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Tone } from '#lib/ui/signs/state-sign.ts';

export type Notice = { readonly text: string; readonly tone: Tone };

const names = ({ common }: ShellMessages, hosts: readonly Host[]): string =>
  hosts.length <= 3 ? hosts.map((host) => host.name).join(common.comma) : common.hosts(hosts.length);

/** `unsteady`: hosts that have just become so, told once; `quiet`: of whose links nothing is told. */
type Steadiness = { readonly unsteady: readonly Host[]; readonly quiet: (host: HostId) => boolean };

export function notices(
  m: ShellMessages,
  before: Fleet,
  after: Fleet,
  { unsteady, quiet }: Steadiness = { unsteady: [], quiet: () => false }
): Notice[] {
  const words = m.tasks.notice;
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
        crashed.push({ text: words.crashed(vm.name, host.name), tone: 'bad' });
      }
    }
  }
  const notice = (hosts: readonly Host[], say: (hosts: string) => string, tone: Tone): Notice[] =>
    hosts.length === 0 ? [] : [{ text: say(names(m, hosts)), tone }];
  return [
    ...notice(unsteady, words.unsteady, 'warn'),
    ...notice(lost, words.lost, 'warn'),
    ...notice(back, words.back, 'good'),
    ...notice(refused, words.refused, 'bad'),
    ...crashed
  ];
}
