// What stands in the journals of hosts beside the commands of a plan: which plan, which step, what the plan is called. Pure.

/** `step` by index. */
export type PlanNote = { readonly plan: string; readonly step: number; readonly name: string };

/** As the wire carries it, UTF-16 units. */
const MOST = 200;
const NOTE = /^plan ([0-9a-f]{16}), step ([1-9]\d{0,5}): (.*)$/su;

export function printPlanNote({ plan, step, name }: PlanNote): string {
  const whole = Array.from(`plan ${plan}, step ${step + 1}: ${name}`);
  // By code points, so that no pair is split; a pair counts twice.
  while (whole.join('').length > MOST) whole.pop();
  return whole.join('');
}

/** Null: it is no note of a plan. */
export function readPlanNote(note: string | null): PlanNote | null {
  const [, plan, step, name] = NOTE.exec(note ?? '') ?? [];
  return plan === undefined || step === undefined || name === undefined ? null : { plan, step: Number(step) - 1, name };
}
