// Whether libvirt starts a VM when its daemon does, which is when the host boots: a mark beside its configuration, of its host alone.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { refuse } from './refusal.ts';
import { VirshError } from './virsh.ts';

export async function setAutostart(host: LibvirtHost, id: VmId, on: boolean): Promise<readonly Effect[]> {
  await host.domains.demand(id);
  try {
    await mark(host, id, on);
  } catch (error) {
    if (!(error instanceof VirshError) || !/transient domain/.test(error.message)) throw error;
    refuse('unsupported', {
      what: 'starting this VM with its host',
      reason: 'it has no lasting configuration: it is gone once it stops',
      instead: 'define it with virsh first'
    });
  }
  const { autostart } = await host.domains.demand(id);
  return [effectNow('autostart', text(on), { text: text(autostart), by: 'hypervisor' })];
}

/** @throws VirshError, Fault */
export async function mark(host: LibvirtHost, id: VmId, on: boolean): Promise<void> {
  await host.virsh.change(['autostart', id, ...(on ? [] : ['--disable'])]);
  host.changed(id);
}

const text = (on: boolean): string => (on ? 'on' : 'off');
