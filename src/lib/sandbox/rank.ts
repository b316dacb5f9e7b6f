// How VMs are ranked over hosts: by the rules that always hold, then by a plugin's filter and score.
import type { FleetView } from '../plugin/fleet-view.ts';
import { mayBe } from '../plugin/rules.ts';
import type { Intent, Scheduler } from '../plugin/scheduler.ts';
import { LIMITS } from './messages.ts';
import type { Ranking } from './messages.ts';
import { Broken, textOf } from './words.ts';

const MANY = 'for another reason (the plugin gives more than can be told apart)';

/**
 * One VM after another, each on the best host for it before the next is ranked; of equal hosts the first.
 * @param fleet is changed by it @throws Broken that says what the plugin answered wrongly
 */
export function rank(scheduler: Scheduler, fleet: FleetView, vms: Int32Array, intent: Intent): Ranking {
  const { hosts } = fleet;
  const scores = new Float32Array(vms.length * hosts);
  const why = new Uint16Array(vms.length * hosts);
  const chosen = new Int32Array(vms.length).fill(-1);
  const reasons = new Reasons();
  for (const [row, vm] of vms.entries()) {
    let best = -1;
    for (let host = 0; host < hosts; host++) {
      const at = row * hosts + host;
      const always = mayBe(fleet, vm, host);
      const verdict =
        always === true && scheduler.filter !== undefined ? scheduler.filter(vm, host, fleet, intent) : always;
      if (verdict !== true) {
        scores[at] = NaN;
        why[at] = reasons.number(textOf(verdict, `filter(${vm}, ${host})`, LIMITS.reason));
        continue;
      }
      if (scheduler.score !== undefined) scores[at] = scoreOf(scheduler.score(vm, host, fleet, intent), vm, host);
      if (best === -1 || scores[at]! > scores[best]!) best = at;
    }
    if (best === -1) continue;
    chosen[row] = best - row * hosts;
    fleet.assign(vm, chosen[row]);
  }
  return { scores, why, reasons: reasons.texts, chosen };
}

function scoreOf(score: unknown, vm: number, host: number): number {
  if (typeof score === 'number' && score >= 0 && score <= 100) return score;
  throw new Broken(`score(${vm}, ${host}) answered ${String(score).slice(0, 40)}: it must be a number from 0 to 100`);
}

/** Each text once. */
class Reasons {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** One more than the index of the text. */
  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.texts.length >= LIMITS.reasons) return LIMITS.reasons;
    this.texts.push(this.texts.length === LIMITS.reasons - 1 ? MANY : text);
    this.#numbers.set(text, this.texts.length);
    return this.texts.length;
  }
}
