// Power of a VM: started, shut down, powered off, rebooted, paused, resumed, saved. Done means that it is so, or that the guest was
// asked and has not answered; then the effect says that.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Effect, VmState } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { cancelledBy } from '../control.ts';
import type { Control } from '../control.ts';
import type { PowerAction } from '../driver.ts';
import type { Domain } from './domains.ts';
import { memoryNext } from './domain-xml.ts';
import { effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { demandMemory } from './host-memory.ts';
import { describeAsSince } from './metadata.ts';
import { meansFor } from './means.ts';
import { demandWanted, refuse } from './refusal.ts';
import { discard, isRestored, LONG, save } from './save.ts';
import { VirshError } from './virsh.ts';

const NEEDS: Readonly<Record<PowerAction, readonly VmState[]>> = {
  start: ['off', 'crashed', 'saved'],
  shutdown: ['running'],
  'power-off': ['running', 'paused', 'starting', 'stopping', 'moving', 'unknown'],
  reboot: ['running'],
  pause: ['running'],
  resume: ['paused'],
  save: ['running'],
  'discard-saved': ['saved']
};

const BECOMES: Readonly<Record<PowerAction, VmState>> = {
  start: 'running',
  shutdown: 'off',
  'power-off': 'off',
  reboot: 'running',
  pause: 'paused',
  resume: 'running',
  save: 'saved',
  'discard-saved': 'off'
};

const SHUTDOWN_PATIENCE = 25_000;
const ASK_AGAIN = 6_000;
const REBOOT_PATIENCE = 20_000;
const FORGET_SHUTDOWN = 120_000;
/** libxl waits 60 s for the guest to take notice, and libvirt with it. */
const XEN_ASKS = 75_000;
const NOT_YET = 'the guest was asked and has not stopped yet; one that ignores it can be powered off';
const ASKED = 'the guest was asked to shut down before, and may still do so';

export async function power(
  host: LibvirtHost,
  id: VmId,
  action: PowerAction,
  control: Control
): Promise<readonly Effect[]> {
  // Until libvirt has given up asking, it tells nothing of the VM and does nothing to it.
  await host.asking.get(id)?.ended;
  const domain = await host.domains.demand(id);
  const needs = NEEDS[action];
  if (!needs.includes(domain.state)) refuse('wrong-state', { state: domain.state, needs: needs.join(' or ') });
  const kept = domain.state === 'saved' ? await host.saved.isKept(domain) : null;
  switch (action) {
    case 'start':
      await start(host, domain, control);
      break;
    case 'shutdown':
      return [await shutdown(host, domain, control)];
    case 'reboot':
      return [await reboot(host, domain)];
    case 'power-off':
      await destroy(host, id);
      break;
    case 'pause':
      await host.virsh.change(['suspend', id]);
      break;
    case 'resume':
      await host.virsh.change(['resume', id]);
      break;
    case 'save':
      return [await save(host, domain, control)];
    case 'discard-saved':
      await discard(host, id);
      break;
  }
  const state = (await host.domains.get(id))?.state ?? 'off';
  return [
    effectNow('power', BECOMES[action], { text: state, by: 'hypervisor' }, await noteOf(host, domain, action, kept))
  ];
}

/** One that has ended by itself meanwhile is as wanted. */
async function destroy(host: LibvirtHost, id: VmId): Promise<void> {
  try {
    await host.virsh.change(['destroy', id]);
  } catch (error) {
    if (!(error instanceof VirshError) || !/domain is not running/.test(error.message)) throw error;
  }
}

/** @param kept whether its file was there before; null where that is not known */
async function noteOf(
  host: LibvirtHost,
  before: Domain,
  action: PowerAction,
  kept: boolean | null
): Promise<string | null> {
  if (action === 'discard-saved') return 'what was in its memory is lost';
  if (action !== 'start' || before.state !== 'saved') return null;
  return (await isRestored(host, before.id, kept))
    ? 'restored'
    : 'it booted anew: what was saved could not be used, and is lost';
}

/** Also of a saved VM: it goes on where it was. */
export async function start(host: LibvirtHost, domain: Domain, { progress }: Control): Promise<void> {
  const saved = domain.state === 'saved';
  if (saved) progress('restoring');
  if (domain.inactive !== null) await demandMemory(host, memoryNext(domain.inactive));
  try {
    await host.virsh.change(['start', domain.id], saved ? LONG : {});
    if (saved) await describeAsSince(host, domain.id);
  } catch (error) {
    if (error instanceof VirshError && /Cannot allocate memory|cannot set up guest memory/.test(error.message)) {
      refuse('no-space', { where: 'the memory of the host', need: '', free: '' });
    }
    throw error;
  }
  host.stopping.delete(domain.id);
}

async function shutdown(host: LibvirtHost, domain: Domain, { signal, progress }: Control): Promise<Effect> {
  const { id } = domain;
  const how = meansFor(domain).shutdown;
  demandWanted(signal);
  host.stopping.add(id);
  setTimeout(() => {
    if (host.stopping.delete(id)) host.changed(id);
  }, FORGET_SHUTDOWN).unref();
  progress('waiting-for-guest');
  const noticed = await noticedShutdown(host, domain, how, signal);
  if (noticed !== true) {
    host.stopping.delete(id);
    if (noticed === 'given up') refuse('cancelled', cancelledBy(signal, ASKED));
    return effectNow('power', 'off', null, NOT_YET);
  }
  host.changed(id);
  let askAgainAt = Date.now() + ASK_AGAIN;
  const off = await host.until(
    domain,
    async () => {
      // A look may take longer than whoever cancels would wait.
      if (signal.aborted) return 'given up';
      // A guest that was still booting has missed it. Of Xen's it is known that it has not, and Linux takes no notice of a second
      // time: libvirt would wait for that.
      if (!host.xen && Date.now() > askAgainAt) {
        askAgainAt = Date.now() + ASK_AGAIN;
        await host.virsh.change(['shutdown', id, ...how]).catch(() => null);
      }
      const now = await host.domains.get(id).catch(unlessLate);
      return now !== undefined && (now?.live ?? null) === null ? 'off' : null;
    },
    SHUTDOWN_PATIENCE
  );
  if (off === 'given up') {
    host.stopping.delete(id);
    host.changed(id);
    refuse('cancelled', cancelledBy(signal, ASKED));
  }
  if (off !== null) {
    host.stopping.delete(id);
    return effectNow('power', 'off', { text: 'off', by: 'hypervisor' });
  }
  return effectNow('power', 'off', null, NOT_YET);
}

/** A look that a busy host has not answered in time says nothing of the guest. */
function unlessLate(error: unknown): undefined {
  if (Fault.from(error).code !== 'timeout') throw error;
}

/**
 * Asks the guest. On Xen libvirt waits until it takes notice, for a minute at most (then: false), and tells nothing of the VM
 * meanwhile; nobody has to wait with it.
 */
async function noticedShutdown(
  host: LibvirtHost,
  { id, name }: Domain,
  how: readonly string[],
  signal: AbortSignal
): Promise<boolean | 'given up'> {
  const asked = host.virsh.change(['shutdown', id, ...how], host.xen ? { timeout: XEN_ASKS } : {}).then(
    () => true,
    (error: unknown) => {
      if (host.xen && error instanceof VirshError && UNNOTICED.test(error.message)) return false;
      throw error;
    }
  );
  const ended = asked.then(
    () => undefined,
    () => undefined
  );
  host.asking.set(id, { name, ended });
  void ended.then(() => host.asking.delete(id));
  const cancelled = Promise.withResolvers<'given up'>();
  const give = (): void => {
    cancelled.resolve('given up');
  };
  signal.addEventListener('abort', give, { once: true });
  try {
    return await Promise.race([asked, cancelled.promise]);
  } catch (error) {
    host.stopping.delete(id);
    throw error;
  } finally {
    signal.removeEventListener('abort', give);
  }
}

const UNNOTICED = /Failed to shutdown domain/;

async function reboot(host: LibvirtHost, domain: Domain): Promise<Effect> {
  const told = meansFor(domain).rebootTold === 'event' ? await resetOf(host, domain) : await nextRunOf(host, domain);
  host.guests.forget(domain.id);
  if (told) return effectNow('power', 'running', { text: 'running', by: 'hypervisor' }, 'started anew');
  const now = await host.domains.get(domain.id);
  if (now === null) throw new Fault('not-found', { kind: 'VM', id: domain.id });
  return effectNow('power', 'running', null, 'the guest was asked to reboot and has not done so yet');
}

/** Asks the guest; Xen ends its domain and starts another in its place, between which there is none for a moment. */
async function nextRunOf(host: LibvirtHost, domain: Domain): Promise<boolean> {
  const { id } = domain;
  await host.virsh.change(['reboot', id]);
  const anew = async (): Promise<true | null> => {
    const run = (await host.domains.get(id))?.live?.run ?? null;
    return run === null || run === domain.live?.run ? null : true;
  };
  return (await host.until(domain, anew, REBOOT_PATIENCE)) === true;
}

/** Asks the guest by ACPI; the hypervisor reports when its machine was reset. */
async function resetOf(host: LibvirtHost, domain: Domain): Promise<boolean> {
  const rebooted = Promise.withResolvers<'rebooted' | 'lost'>();
  const stop = host.events.listen({
    event: (event) => {
      if (event.kind === 'reboot' && event.domain === domain.name) rebooted.resolve('rebooted');
    },
    trouble: (reason) => {
      if (reason !== null) rebooted.resolve('lost');
    }
  });
  const timer = setTimeout(() => {
    rebooted.resolve('lost');
  }, REBOOT_PATIENCE);
  try {
    await host.events.ready();
    await host.virsh.change(['reboot', domain.id]);
    return (await rebooted.promise) === 'rebooted';
  } finally {
    clearTimeout(timer);
    stop();
  }
}
