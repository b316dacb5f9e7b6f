// From what the operator typed to the host and the VM meant. When more than one could be meant, nothing is guessed.
import { Fault } from '../lib/model/fault.ts';
import type { Fleet, Host, Vm } from '../lib/model/fleet.ts';
import { UUID } from '../lib/model/ids.ts';
import type { Pairing } from '../lib/session/pairing.ts';
import { usage } from './status.ts';

/** By id, else by name. @throws Fault `not-found`, `usage` when several have the name */
export function findPairing<Of extends Pick<Pairing, 'host' | 'name'>>(pairings: readonly Of[], text: string): Of {
  const byId = pairings.find((pairing) => pairing.host === text);
  if (byId) return byId;
  const named = pairings.filter((pairing) => pairing.name === text);
  if (named.length > 1) usage(`several hosts are called “${text}”: ${named.map((pairing) => pairing.host).join(', ')}`);
  if (!named[0]) throw new Fault('not-found', { kind: 'host', id: text });
  return named[0];
}

/** @throws Fault `usage` unless there is exactly one host */
export function onlyHost(fleet: Fleet): Host {
  const [host, ...others] = fleet.hosts.values();
  if (!host || others.length > 0) usage('say which host: --host HOST');
  return host;
}

/**
 * By id, or by name when that is unique among all hosts: a host that cannot be reached might have one of that name too.
 * @throws Fault `not-found`, `usage`, `unreachable` when it may be on a host that is
 */
export function findVm(fleet: Fleet, text: string): { readonly host: Host; readonly vm: Vm } {
  const byId = UUID.test(text);
  const found = [...fleet.hosts.values()].flatMap((host) =>
    [...host.vms.values()].filter((vm) => (byId ? vm.id === text : vm.name === text)).map((vm) => ({ host, vm }))
  );
  const [first, ...others] = found;
  const away = [...fleet.hosts.values()].filter((host) => host.link !== 'online').map((host) => host.id);
  if (!first) {
    if (away.length === 0) throw new Fault('not-found', { kind: 'VM', id: text });
    throw new Fault('unreachable', { host: away.join(', '), reason: `the VM “${text}” is on no host that answers` });
  }
  if (others.length > 0) {
    const where = found.map(({ host, vm }) => `${vm.id} on ${host.id}`).join(', ');
    usage(`several VMs are called “${text}” (${where}): give the id, or --host HOST`);
  }
  if (!byId && away.length > 0) {
    usage(
      `“${text}” is on ${first.host.id}, but ${away.join(', ')} cannot be reached and may have one of that name: ` +
        `give its id, or --host ${first.host.id}`
    );
  }
  return first;
}
