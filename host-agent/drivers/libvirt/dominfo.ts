// Figures from `virsh dominfo`, for hypervisors whose libvirt driver has no domstats (Xen). What it does not tell is absent.
import type { Figures } from './domstats.ts';

/** virsh's words for virDomainState. */
const STATES: Readonly<Record<string, number>> = {
  running: 1,
  idle: 2,
  paused: 3,
  'in shutdown': 4,
  'shut off': 5,
  crashed: 6,
  pmsuspended: 7
};

/** In domstats' own keys; null when it is no answer. */
export function parseDominfo(text: string): Figures | null {
  const field = (name: RegExp): string | null =>
    text
      .split('\n')
      .map((line) => /^([^:]+):\s+(.*)$/.exec(line))
      .find((match) => name.test(match?.[1] ?? ''))?.[2]
      ?.trim() ?? null;
  const state = field(/^State$/);
  if (state === null) return null;
  const figures = new Map<string, string>();
  const code = STATES[state];
  // Xen reports a domain that is on no CPU at this instant as having no state: it runs.
  const active = field(/^Id$/) !== '-';
  figures.set('state.state', String(code ?? (active ? 2 : 5)));
  if (!active) return figures;
  const put = (key: string, value: string | null, pattern: RegExp, factor: number): void => {
    const match = pattern.exec(value ?? '');
    if (match?.[1] !== undefined) figures.set(key, String(Math.round(Number(match[1]) * factor)));
  };
  put('vcpu.current', field(/^CPU\(s\)$/), /^(\d+)$/, 1);
  put('cpu.time', field(/^CPU time$/), /^([\d.]+)s$/, 1e9);
  put('balloon.current', field(/^Used memory$/), /^(\d+) KiB$/, 1);
  return figures;
}
