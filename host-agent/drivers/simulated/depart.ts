// A simulated VM leaves for another host: its disks, then its memory over and over while it writes, then the short moment in
// which it stands still. Takes as long as a 25 Gbit/s line would, of the host's own time.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Outcome } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes, bytesPerSecond } from '../../../src/lib/model/units.ts';
import { Talk } from '../talk.ts';
import { cancelledBy } from '../control.ts';
import type { Control } from '../control.ts';
import type { DepartOptions, Passage, Watch } from '../migration.ts';
import { POOL } from './config.ts';
import type { Guest } from './guest.ts';
import { refuse } from './operation.ts';
import type { Operations } from './operation.ts';
import { seedFrom } from './random.ts';
import { sheetOf } from './sheet.ts';

const MIB = 1024 * 1024;
/** MiB a second on a 25 Gbit/s line. */
const LINE = 2800;
/** Of a disk, so much has ever been written: the rest is not sent. */
const WRITTEN = 0.1;
/** What is left when less than this many ms are to be sent is sent while the guest stands still. */
const DOWNTIME = 300;
/** Of what it writes, a guest that is slowed down goes on writing in each further pass. */
const THROTTLE = 0.7;
/** ms from one telling to the next. */
const STEP = 250;
const MOVABLE = ['running', 'paused', 'off', 'crashed'] as const;

export function depart(
  on: Operations,
  vm: VmId,
  passage: Passage,
  options: DepartOptions,
  control: Control,
  { note }: Pick<Watch, 'note'>
): Promise<Outcome<Fault | null>> {
  return on.run('move', async () => {
    const before = on.guestIn(vm, MOVABLE);
    const volumes = before.disks.flatMap(({ volume }) => (volume === null ? [] : { pool: POOL, volume }));
    await note({ running: before.state === 'running', autostart: before.autostart, volumes, stays: null });
    const talk = new Talk(await passage.open('talk'));
    try {
      demandWanted(control);
      talk.say({ offer: sheetOf(before) });
      await agreed(talk);
      await on.takes('move');
      await sendDisks(on, before, options, control);
      if (before.live !== null) await sendMemory(on, before, options, control);
      demandWanted(control);
      const still = on.host.put({ ...on.guestIn(vm, MOVABLE), state: 'moving' });
      return await handOver(on, before, still, talk);
    } finally {
      talk.end();
    }
  });
}

/** The last word: from then on it is there, or (refused) here as it was, or nobody knows and it stands still. */
async function handOver(on: Operations, before: Guest, still: Guest, talk: Talk): Promise<Fault | null> {
  try {
    talk.say({ take: sheetOf({ ...still, state: before.state }) });
    await agreed(talk);
  } catch (thrown) {
    const fault = Fault.from(thrown);
    if (fault.code === 'link-ended') return fault;
    on.host.put({ ...still, state: before.state });
    throw thrown;
  }
  on.host.take(still.id);
  return null;
}

/** @throws what the target says against it, as a refusal */
async function agreed(talk: Talk): Promise<void> {
  const answer = await talk.answer((fields) => fields.flag('agreed'));
  if ('why' in answer) refuse('unsupported', { what: 'moving the VM there', reason: answer.why, instead: '' });
}

async function sendDisks(on: Operations, guest: Guest, options: DepartOptions, control: Control): Promise<void> {
  const size =
    guest.disks.reduce((sum, { volume, capacity }) => sum + (volume === null ? 0 : capacity * WRITTEN), 0) / MIB;
  if (size > 0) await send(on, guest.id, 'copying', { size, of: size, rate: rateOf(options), pass: null }, control);
}

async function sendMemory(on: Operations, guest: Guest, options: DepartOptions, control: Control): Promise<void> {
  const rate = rateOf(options);
  let writes = dirtyRate(guest);
  let size: number = guest.live?.memory ?? 0;
  for (let pass = 1; ; pass++) {
    const ms = await send(on, guest.id, 'moving', { size, of: guest.live?.memory ?? 0, rate, pass }, control);
    size = Math.min(guest.live?.memory ?? 0, (writes * size) / rate);
    // A host whose changes take no time has guests that write nothing meanwhile.
    if (ms === 0 || (1000 * size) / rate <= (options.downtime ?? DOWNTIME)) return;
    if (options.autoConverge) writes *= THROTTLE;
  }
}

/** MiB to be sent, of all that there is. */
type Load = { readonly size: number; readonly of: number; readonly rate: number; readonly pass: number | null };
/** Takes the time that so many MiB take, telling how far it is; the ms it took. */
async function send(
  on: Operations,
  vm: VmId,
  stage: 'copying' | 'moving',
  { size, of, rate, pass }: Load,
  control: Control
): Promise<number> {
  const ms = on.scaled((1000 * size) / rate);
  const steps = Math.max(1, Math.ceil(ms / STEP));
  for (let step = 0; step < steps; step++) {
    const left = size * (1 - step / steps);
    const sent = { remaining: bytes(Math.round(left * MIB)), rate: bytesPerSecond(rate * MIB), pass };
    control.progress(stage, of === 0 ? null : 1 - left / of, sent);
    demandWanted(control);
    if (ms > 0) await on.clock.sleep(ms / steps);
    on.host.demandUp();
    on.guestIn(vm, MOVABLE);
  }
  demandWanted(control);
  return ms;
}

const rateOf = ({ bandwidth }: DepartOptions): number => Math.min(LINE, bandwidth ?? LINE);
/** MiB a second that the guest writes: its own, the same each time. */
const dirtyRate = ({ id, state, vcpus }: Guest): number =>
  state === 'running' ? vcpus * (15 + (45 * seedFrom(id)) / 2 ** 32) : 0;

const demandWanted = ({ signal }: Control): void => {
  if (signal.aborted) refuse('cancelled', cancelledBy(signal, ''));
};
