// Weight and cap of a VM's CPU time, now or from its next boot. On Xen `schedinfo` changes only what runs, and the configuration is
// written beside it; on QEMU it changes both.
import { CAP_PER_VCPU, sameShare } from '../../../src/lib/model/cpu-share.ts';
import type { CpuShare } from '../../../src/lib/model/cpu-share.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { When } from '../driver.ts';
import { shareText } from '../share-text.ts';
import { PERIOD, sharesOf } from './cgroup.ts';
import type { Scale } from './cgroup.ts';
import { withCredit } from './cputune.ts';
import { METADATA } from './domain-xml.ts';
import type { Domain } from './domains.ts';
import { effectNextBoot, effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { changeNote } from './metadata.ts';
import { refuse } from './refusal.ts';
import { readCredit, readPosix } from './schedinfo.ts';
import { INPUT, VirshError } from './virsh.ts';
import { printElement, readElement } from './xml.ts';
import type { Element } from './xml.ts';

const WHAT = 'changing the CPU share of this VM';

export async function setCpuShare(
  host: LibvirtHost,
  id: VmId,
  share: CpuShare,
  when: When
): Promise<readonly Effect[]> {
  const domain = await host.domains.demandUnsaved(id);
  const now = domain.live ?? domain.inactive;
  const division = host.processors.division(now?.type ?? '');
  if ('reason' in division) refuse('unsupported', { what: WHAT, reason: division.reason, instead: '' });
  const most = CAP_PER_VCPU * (now?.vcpusMax ?? 1);
  if (share.cap !== null && share.cap > most) {
    refuse('bad-argument', { name: 'cap in %', value: String(share.cap), reason: `must be from 1 to ${most}` });
  }
  const live = domain.live !== null && when === 'now';
  return division.by === 'credit'
    ? byCredit(host, domain, share, live)
    : byCgroup(host, domain, share, live, division.scale);
}

async function byCredit(host: LibvirtHost, domain: Domain, share: CpuShare, now: boolean): Promise<readonly Effect[]> {
  const { id, inactive } = domain;
  const edit = (root: Element): Element => withCredit(root, share, METADATA);
  if (!now) {
    await reconfigure(host, id, edit);
    return [effectNextBoot('cpu-share', shareText(share))];
  }
  const set = ['--set', `weight=${share.weight}`, '--set', `cap=${share.cap ?? 0}`];
  const text = await host.virsh.change(['schedinfo', id, ...set]);
  const seen = readCredit(text);
  if (seen === null)
    refuse('unsupported', { what: WHAT, reason: 'its scheduler knows neither weight nor cap', instead: '' });
  // Before the configuration, which it is read from at the next boot: Xen keeps no cap, and the note stands in both.
  await changeNote(host, domain, { 'cpu-cap': share.cap === null ? null : String(share.cap) });
  if (inactive !== null) await reconfigure(host, id, edit);
  return [effectOf(share, seen)];
}

async function byCgroup(
  host: LibvirtHost,
  { id, inactive }: Domain,
  share: CpuShare,
  now: boolean,
  scale: Scale
): Promise<readonly Effect[]> {
  const quota = share.cap === null ? -1 : (share.cap * PERIOD) / 100;
  // A quota of each vCPU, as other tools set it, would go on capping the VM.
  const figures = [
    `cpu_shares=${sharesOf(share.weight, scale)}`,
    'vcpu_quota=-1',
    `global_period=${PERIOD}`,
    `global_quota=${quota}`
  ];
  const set = async (...where: string[]): Promise<string> =>
    host.virsh.change(['schedinfo', id, ...figures.flatMap((each) => ['--set', each]), ...where]).catch(refused);
  if (!now) {
    await set('--config');
    return [effectNextBoot('cpu-share', shareText(share))];
  }
  const seen = readPosix(await set('--live'), scale);
  if (inactive !== null) await set('--config');
  return [effectOf(share, seen)];
}

function refused(error: unknown): never {
  const missing = error instanceof VirshError && /cgroup|session mode|not available/i.test(error.message);
  if (!missing) throw error;
  refuse('unsupported', { what: WHAT, reason: error.message, instead: '' });
}

function effectOf(asked: CpuShare, seen: CpuShare | null): Effect {
  const witness = seen === null ? null : { text: shareText(seen), by: 'hypervisor' as const };
  const note = seen === null || sameShare(asked, seen) ? null : 'the nearest that the scheduler of this host knows';
  return effectNow('cpu-share', shareText(asked), witness, note);
}

/** Defines the VM anew for its next boot. */
export async function reconfigure(host: LibvirtHost, id: VmId, edit: (root: Element) => Element): Promise<void> {
  const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${id}`]);
  await host.virsh.change(['define', INPUT], { input: printElement(edit(readElement(text))) });
}
