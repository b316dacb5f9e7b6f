// Number of vCPUs, now or at the next boot. A running guest gets and gives them by the means of its kind (means.ts).
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Vcpus } from '../../../src/lib/model/units.ts';
import type { When } from '../driver.ts';
import { figure } from './domstats.ts';
import type { Domain } from './domains.ts';
import { beside, effectNextBoot, effectNow, notes, silence } from './effect.ts';
import { guestVcpus } from './guest-agent.ts';
import type { LibvirtHost } from './host.ts';
import { EMULATED_ADD, EMULATED_REMOVE, meansFor } from './means.ts';
import type { Means } from './means.ts';
import { refuse } from './refusal.ts';
import { VirshError } from './virsh.ts';
import { configure, setCounted } from './vcpus-counted.ts';

/** Milliseconds a guest has to online a vCPU itself: asked sooner, it answers to the question instead. */
const ONLINES_ITSELF = { emulated: 1_500, native: 250 };

export async function setVcpus(host: LibvirtHost, id: VmId, count: Vcpus, when: When): Promise<readonly Effect[]> {
  const domain = await host.domains.demandUnsaved(id);
  const max = (domain.live ?? domain.inactive)?.vcpusMax ?? 0;
  if (count < 1 || count > max) {
    refuse('bad-argument', { name: 'vCPUs', value: String(count), reason: `must be from 1 to ${max}` });
  }
  if (domain.live === null || when === 'next-boot') {
    await configure(host, domain, count);
    return [effectNextBoot('vcpus', String(count))];
  }
  const means = meansFor(domain);
  if (means.witness === 'hypervisor') return setCounted(host, domain, count);
  const now = figure(domain.figures, 'vcpu.current') ?? domain.live.vcpus;
  if (count > now) return add(host, domain, means, count, now);
  if (count === now) return keep(host, domain, count);
  return means.vcpuRemove === 'unplug' ? unplug(host, domain, count, now) : takeOffline(host, domain, count, now);
}

async function add(
  host: LibvirtHost,
  domain: Domain,
  means: Means,
  count: number,
  now: number
): Promise<readonly Effect[]> {
  if (now < means.vcpuAddFrom) {
    refuse('unsupported', { what: 'adding vCPUs to this running VM', reason: EMULATED_ADD, instead: 'next-boot' });
  }
  await host.virsh.change(['setvcpus', domain.id, String(count), '--live', ...persistent(domain)]);
  const seen = await untilOnline(host, domain, count);
  const note =
    seen === null ? silence(domain) : seen < count ? 'the guest has not brought all of them online yet' : null;
  return [effectNow('vcpus', String(count), witness(seen), note)];
}

/** The hypervisor gives it this many already: those the guest took offline before come back. */
async function keep(host: LibvirtHost, domain: Domain, count: number): Promise<readonly Effect[]> {
  const seen = await configuredAndOnline(host, domain, count, 0);
  return [effectNow('vcpus', String(count), witness(seen), seen === null ? silence(domain) : null)];
}

const configuredAndOnline = (host: LibvirtHost, domain: Domain, count: number, patience?: number) =>
  beside(domain.inactive === null ? Promise.resolve() : configure(host, domain, count), () =>
    untilOnline(host, domain, count, patience)
  );

/**
 * Waits until the guest has `count` vCPUs online; answers what it has in the end. Not every guest onlines by itself what it
 * was given: its agent is asked to after `patience` ms.
 */
async function untilOnline(
  host: LibvirtHost,
  domain: Domain,
  count: number,
  patience = ONLINES_ITSELF[meansFor(domain).accelerator === 'emulated' ? 'emulated' : 'native']
): Promise<number | null> {
  if (silence(domain) !== null) return null;
  let askAt: number | null = null;
  let last: number | null = null;
  const reached = await host.until(domain, async () => {
    const [vcpus = null] = await guestVcpus(host.virsh, [domain.id]);
    if (vcpus === null) return null;
    last = vcpus.online;
    host.guests.note(domain.id, { vcpus: last });
    if (last === count) return last;
    if (vcpus.present < count || last > count) return null;
    askAt ??= Date.now() + patience;
    if (Date.now() < askAt) return null;
    askAt = Infinity;
    await setInGuest(host, domain, count).catch(() => null);
    return null;
  });
  return reached ?? last;
}

async function takeOffline(host: LibvirtHost, domain: Domain, count: number, now: number): Promise<readonly Effect[]> {
  if (domain.state === 'paused') refuse('wrong-state', { state: 'paused', needs: 'running' });
  if (domain.live?.agent !== true) {
    refuse('unsupported', {
      what: 'taking vCPUs from this running VM',
      reason: `${EMULATED_REMOVE.replace('; applies at next boot', '')}, and no guest agent answers in this one; applies at next boot`,
      instead: 'next-boot'
    });
  }
  await setInGuest(host, domain, count);
  const seen = await configuredAndOnline(host, domain, count);
  const note = `taken offline in the guest; this host emulates CPUs and keeps ${now} for it until the next boot`;
  return [effectNow('vcpus', String(count), witness(seen), note)];
}

async function unplug(host: LibvirtHost, domain: Domain, count: number, now: number): Promise<readonly Effect[]> {
  try {
    await host.virsh.change(['setvcpus', domain.id, String(count), '--live', ...persistent(domain)]);
  } catch (error) {
    if (!(error instanceof VirshError)) throw error;
    if (/unplug request timed out/.test(error.message)) refuse('in-use', { what: 'a vCPU', by: 'the guest' });
    // Those a guest was started with may not be made for unplugging.
    if (!/hotpluggable vcpus/.test(error.message) || domain.live?.agent !== true) throw error;
    return takeOffline(host, domain, count, now);
  }
  const seen = await untilOnline(host, domain, count);
  return [effectNow('vcpus', String(count), witness(seen), notes(seen === null ? silence(domain) : null))];
}

const setInGuest = (host: LibvirtHost, domain: Domain, count: number): Promise<string> =>
  host.virsh.change(['setvcpus', domain.id, String(count), '--guest'], { timeout: 15_000 });

const persistent = (domain: Domain): readonly string[] => (domain.inactive === null ? [] : ['--config']);

const witness = (seen: number | null): { text: string; by: 'guest-agent' } | null =>
  seen === null ? null : { text: String(seen), by: 'guest-agent' };
