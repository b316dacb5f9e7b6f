// Consoles of simulated VMs: they end with the run of the VM they were opened in.
import type { Duplex } from 'node:stream';
import { done, refused } from '../../../src/lib/model/fault.ts';
import type { Outcome } from '../../../src/lib/model/fault.ts';
import type { ConsoleKind } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { SimulatedHost } from './host.ts';
import { Screen } from './screen.ts';
import { SerialLine } from './serial.ts';

export function openConsole(host: SimulatedHost, vm: VmId, kind: ConsoleKind, now: () => number): Outcome<Duplex> {
  host.demandUp();
  const guest = host.guests.get(vm);
  if (guest === undefined) return refused('not-found', { kind: 'VM', id: vm });
  const { live } = guest;
  if (live === null) return refused('wrong-state', { state: guest.state, needs: 'running' });
  const stream = kind === 'serial' ? new SerialLine(() => host.guests.get(vm), now) : new Screen(guest.name);
  const gone = new AbortController();
  host.watch(
    () => {
      if (host.guests.get(vm)?.live?.startedAt !== live.startedAt) stream.destroy();
    },
    () => undefined,
    gone.signal
  );
  stream.once('close', () => {
    gone.abort();
  });
  return done(stream);
}
