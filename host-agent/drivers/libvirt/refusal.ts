// A refusal found deep inside a change is carried to its end as an exception, and leaves the driver as data.
import { done, refused } from '../../../src/lib/model/fault.ts';
import type { FaultCode, FaultDetail, Outcome } from '../../../src/lib/model/fault.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import { cancelledBy } from '../control.ts';
import { hypervisorFault } from './virsh.ts';

export type Effects = Outcome<readonly Effect[]>;

class Refusal extends Error {
  readonly outcome: Outcome<never>;
  constructor(outcome: Outcome<never>) {
    super('refused');
    this.outcome = outcome;
  }
}

/** Ends the change as refused. */
export function refuse<Code extends FaultCode>(code: Code, detail: FaultDetail<Code>): never {
  throw new Refusal(refused(code, detail));
}

/** Ends the change as refused where an operator has cancelled it. */
export function demandWanted(signal: AbortSignal): void {
  if (signal.aborted) refuse('cancelled', cancelledBy(signal, ''));
}

/** Makes every check, and refuses with all that speaks against it: a single reason as it is, several in one sentence. */
export async function demandAll(what: string, checks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const found: Outcome<never>[] = [];
  for (const check of checks) {
    const outcome = await settle(check);
    if (outcome.status === 'refused') found.push(outcome);
  }
  const [first] = found;
  if (first === undefined) return;
  if (found.length === 1) throw new Refusal(first);
  const reasons = found.map((each) => (each.status === 'refused' ? each.fault.message : ''));
  refuse('unsupported', { what, reason: reasons.join('; '), instead: '' });
}

/** What a change came to. @throws Fault what broke */
export async function settle<Value>(change: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return done(await change());
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.outcome;
    throw hypervisorFault(thrown);
  }
}
