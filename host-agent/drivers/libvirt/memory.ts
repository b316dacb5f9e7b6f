// Memory of a VM, now or at the next boot. A running guest gets it through virtio-mem and gives it back the same way; below
// what it booted with there is the balloon; in VMs made by others also DIMMs. What was chosen is in the effect.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { kibToMib } from '../../../src/lib/model/units.ts';
import type { Mib } from '../../../src/lib/model/units.ts';
import type { When } from '../driver.ts';
import { figure, stateOf } from './domstats.ts';
import type { Domain } from './domains.ts';
import { memoryMax } from './domain-xml.ts';
import type { DomainXml, MemoryModule } from './domain-xml.ts';
import { beside, effectNextBoot, effectNow, notes, silence } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { demandMemory } from './host-memory.ts';
import { canSplit, splitMemory, withMemory } from './memory-split.ts';
import { INPUT } from './virsh.ts';
import { refuse } from './refusal.ts';
import { memorySeen } from './vm.ts';
import { element, printElement, readElement } from './xml.ts';

/** MiB below which no Linux lives; images may ask for more. */
const LEAST = 32;
/** KiB: Linux plugs DIMMs in blocks of 128 MiB. */
const DIMM_STEP = 128 * 1024;

export async function setMemory(host: LibvirtHost, id: VmId, memory: Mib, when: When): Promise<readonly Effect[]> {
  const domain = await host.domains.demandUnsaved(id);
  const now = domain.live ?? domain.inactive;
  const max = now === null ? 0 : kibToMib(memoryMax(now));
  const least = now?.minMemory ?? LEAST;
  if (memory < least || memory > max) {
    refuse('bad-argument', { name: 'memory in MiB', value: String(memory), reason: `must be from ${least} to ${max}` });
  }
  const asked = `${memory} MiB`;
  if (domain.live === null || when === 'next-boot') {
    await configure(host, domain, memory);
    return [effectNextBoot('memory', asked)];
  }
  const given = figure(domain.figures, 'balloon.current') ?? domain.live.memoryCurrent;
  await demandMemory(host, memory * 1024 - given);
  const { goal, means } = await (memory * 1024 >= domain.live.memoryBoot
    ? grow(host, domain, domain.live, memory * 1024)
    : shrink(host, domain, domain.live, memory * 1024));
  const configured = domain.inactive === null ? Promise.resolve() : configure(host, domain, kibToMib(goal));
  return [await beside(configured, () => confirmed(host, domain, asked, goal, means))];
}

/** The configuration of the next boot: all of it from the start, and room to grow as before. */
async function configure(host: LibvirtHost, domain: Domain, memory: Mib): Promise<void> {
  if (domain.inactive === null) refuse('unsupported', TRANSIENT);
  const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${domain.id}`]);
  const root = readElement(text);
  // On Xen the balloon is all there is, up to the most it is given at its boot.
  if (domain.inactive.type !== 'xen' && canSplit(root)) {
    const split = splitMemory(memory, kibToMib(memoryMax(domain.inactive)));
    const changed = printElement(withMemory(root, split, domain.inactive.vcpusMax));
    await host.virsh.change(['define', INPUT], { input: changed });
    return;
  }
  // Another tool divided it: the balloon is all that can be set without knowing its reasons.
  await host.virsh.change(['setmem', domain.id, `${memory}MiB`, '--config']);
}

const TRANSIENT = {
  what: 'a change at the next boot',
  reason: 'this VM was started without a lasting configuration and is gone once it stops',
  instead: 'now'
};

type Step = { readonly goal: number; readonly means: string };

/** To `goal` KiB, at or above what it booted with. */
async function grow(host: LibvirtHost, domain: Domain, live: DomainXml, goal: number): Promise<Step> {
  const modules = live.modules.filter((module) => module.model === 'virtio-mem');
  const fixed = live.modules
    .filter((module) => module.model !== 'virtio-mem')
    .reduce((sum, each) => sum + each.size, 0);
  let rest = Math.max(0, goal - live.memoryBoot - fixed);
  if (live.balloon) await balloon(host, domain, live.memoryBoot + fixed, live);
  let plugged = 0;
  for (const module of modules) {
    const block = module.block ?? 2048;
    const share = Math.min(module.size, Math.ceil(rest / block) * block);
    await request(host, domain, module, share);
    plugged += share;
    rest = Math.max(0, rest - share);
  }
  if (rest === 0)
    return { goal: live.memoryBoot + fixed + plugged, means: modules.length > 0 ? 'virtio-mem' : 'balloon' };
  if (live.memorySlots <= live.modules.length) {
    refuse('unsupported', {
      what: 'adding memory to this running VM',
      reason: 'it was made without a device for that and without free memory slots; applies at next boot',
      instead: 'next-boot'
    });
  }
  const size = Math.ceil(rest / DIMM_STEP) * DIMM_STEP;
  const dimm = element(
    'memory',
    { model: 'dimm' },
    element('target', {}, element('size', { unit: 'KiB' }, String(size)), element('node', {}, '0'))
  );
  await host.virsh.change(['attach-device', domain.id, INPUT, '--live'], { input: printElement(dimm) });
  return { goal: live.memoryBoot + fixed + plugged + size, means: 'a DIMM' };
}

/** To `goal` KiB, below what it booted with. */
async function shrink(host: LibvirtHost, domain: Domain, live: DomainXml, goal: number): Promise<Step> {
  if (!live.balloon) {
    refuse('unsupported', {
      what: 'taking memory from this running VM',
      reason: 'it has no balloon device, and cannot go below what it booted with; applies at next boot',
      instead: 'next-boot'
    });
  }
  for (const module of live.modules) if (module.model === 'virtio-mem') await request(host, domain, module, 0);
  await balloon(host, domain, goal, live);
  return { goal, means: 'balloon' };
}

async function request(host: LibvirtHost, domain: Domain, module: MemoryModule, kib: number): Promise<void> {
  if (module.requested === kib) return;
  const which = module.alias === null ? ['--node', String(module.node)] : ['--alias', module.alias];
  const args = ['update-memory-device', domain.id, '--live', ...which, '--requested-size', `${kib}KiB`];
  await host.virsh.change(args);
}

async function balloon(host: LibvirtHost, domain: Domain, goal: number, live: DomainXml): Promise<void> {
  const plugged = live.modules.reduce((sum, module) => sum + (module.current ?? 0), 0);
  const now = (figure(domain.figures, 'balloon.current') ?? live.memoryCurrent) - plugged;
  if (now !== goal) await host.virsh.change(['setmem', domain.id, `${goal}KiB`, '--live']);
}

/** Waits for the guest to take or give back what it was asked for, and says how far it came. */
async function confirmed(
  host: LibvirtHost,
  domain: Domain,
  asked: string,
  goal: number,
  means: string
): Promise<Effect> {
  const began = Date.now();
  let last: Domain = domain;
  const reached = await host.until(domain, async () => {
    const figures = (await host.domains.memory(domain.id)) ?? last.figures;
    last = { ...last, figures, state: stateOf(figure(figures, 'state.state'), figure(figures, 'state.reason')) };
    const given = figure(figures, 'balloon.current') ?? 0;
    // Xen counts some pages more, of its own.
    const there = domain.live?.type === 'xen' ? kibToMib(given) === kibToMib(goal) : given === goal;
    return last.state !== 'running' || there ? last : null;
  });
  const { figures } = last;
  const given = kibToMib(figure(figures, 'balloon.current') ?? goal);
  const rounded =
    kibToMib(goal) === Number.parseInt(asked, 10) ? null : `this VM’s memory goes in steps: ${kibToMib(goal)} MiB`;
  if (last.state === 'paused') return effectNow('memory', asked, null, notes(rounded, silence(last)));
  // The balloon reports every two seconds: an older figure is of the memory before.
  const reported = (figure(figures, 'balloon.last-update') ?? 0) * 1000;
  const kernel = reported > began ? memorySeen(last) : null;
  return effectNow(
    'memory',
    asked,
    { text: `${given} MiB`, by: 'balloon' },
    notes(
      `by ${means}`,
      rounded,
      reached === null ? 'the guest has not come further yet' : null,
      kernel === null ? null : `its kernel manages ${kernel} MiB`
    )
  );
}
