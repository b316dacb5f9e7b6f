// The driver conformance suite: the same operations, the same observable outcome, on every driver. What a host cannot do to a
// running guest, its capabilities say; then the operation must be refused with that reason.
import { afterAll, beforeAll } from 'vitest';
import { behindTheBack } from './behind.ts';
import { claims } from './claims.ts';
import { copies } from './clone.ts';
import { consoles } from './consoles.ts';
import { Ground } from './ground.ts';
import { aVmThatIsOff } from './off.ts';
import { refusals } from './refusals.ts';
import { aRunningGuest } from './running.ts';
import { saving } from './saved.ts';
import { aSeededGuest } from './seeded.ts';
import { cpuShares } from './shares.ts';
import type { Subject } from './subject.ts';

/** @param open makes a host of its own for this run; `subject.close` removes it again. */
export function conformance(open: () => Promise<Subject>): void {
  const at = new Ground();
  beforeAll(async () => {
    at.stand(await open());
  }, 300_000);
  afterAll(() => at.leave());

  aVmThatIsOff(at);
  refusals(at);
  copies(at);
  aRunningGuest(at);
  aSeededGuest(at);
  cpuShares(at);
  saving(at);
  claims(at);
  consoles(at);
  behindTheBack(at);
}
