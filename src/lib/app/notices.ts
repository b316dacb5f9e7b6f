// What the operator should be told without having asked: hosts lost and back, VMs that crashed. Pure: two fleets in,
// sentences out; a loss of many hosts at once (a gateway) is one sentence.
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { Tone } from '#lib/ui/signs/state-sign.ts';

export type Notice = { readonly text: string; readonly tone: Tone };

const names = (hosts: readonly Host[]): string =>
  hosts.length <= 3 ? hosts.map((host) => host.name).join(', ') : `${hosts.length} hosts`;

export function notices(before: Fleet, after: Fleet): Notice[] {
  const lost: Host[] = [];
  const back: Host[] = [];
  const refused: Host[] = [];
  const crashed: Notice[] = [];
  for (const host of after.hosts.values()) {
    const earlier = before.hosts.get(host.id);
    if (!earlier || earlier === host) continue;
    if (earlier.link === 'online' && host.link === 'offline') lost.push(host);
    // Heard of before: it is a return, not the first link of this tab.
    if (earlier.link !== 'online' && host.link === 'online' && earlier.facts !== null) back.push(host);
    if (earlier.link !== 'refused' && host.link === 'refused') refused.push(host);
    for (const vm of host.vms.values()) {
      const state = earlier.vms.get(vm.id)?.state;
      if (vm.state === 'crashed' && state !== undefined && state !== 'crashed') {
        crashed.push({ text: `${vm.name} on ${host.name} crashed`, tone: 'bad' });
      }
    }
  }
  const notice = (hosts: readonly Host[], text: string, tone: Tone): Notice[] =>
    hosts.length === 0 ? [] : [{ text: `${names(hosts)}: ${text}`, tone }];
  return [
    ...notice(lost, 'link lost, trying again by itself', 'warn'),
    ...notice(back, 'linked again', 'good'),
    ...notice(refused, 'refused the link, see the host’s page', 'bad'),
    ...crashed
  ];
}
