// What the doctor says: one finding a check, in plain sentences, with what to do where something is wrong.

/** In the order in which they are looked into, and said. */
export const CHECKS = [
  'node',
  'state',
  'operators',
  'libvirt',
  'query',
  'kvm',
  'xen',
  'pools',
  'networks',
  'images',
  'migration',
  'clock',
  'port',
  'space'
] as const;
export type Check = (typeof CHECKS)[number];

/** `warn`: the agent works, but not as it could, or not as safely. `fail`: it does not work, or not for long. */
export const LEVELS = ['ok', 'warn', 'fail'] as const;
export type Level = (typeof LEVELS)[number];

export type Finding = {
  readonly check: Check;
  readonly level: Level;
  readonly says: string;
  /** Null where there is nothing to do. */
  readonly advice: string | null;
};

export const ok = (check: Check, says: string): Finding => ({ check, level: 'ok', says, advice: null });
export const warn = (check: Check, says: string, advice: string): Finding => ({ check, level: 'warn', says, advice });
export const fail = (check: Check, says: string, advice: string): Finding => ({ check, level: 'fail', says, advice });

/** The worst of them; `ok` for none. */
export const worst = (findings: readonly Finding[]): Level =>
  LEVELS.findLast((level) => findings.some((finding) => finding.level === level)) ?? 'ok';

/** One line a finding, its advice below it, and how many there are of each kind. */
export function report(findings: readonly Finding[]): string {
  const width = Math.max(...CHECKS.map((check) => check.length));
  const lines = findings.flatMap(({ check, level, says, advice }) => [
    `${level.padEnd(4)}  ${check.padEnd(width)}  ${says}`,
    ...(advice === null ? [] : [`${' '.repeat(width + 8)}→ ${advice}`])
  ]);
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  return [...lines, '', `${count('ok')} in order, ${count('warn')} to look at, ${count('fail')} to mend`].join('\n');
}
