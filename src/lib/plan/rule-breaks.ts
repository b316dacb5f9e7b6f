// How far a rule between VMs is from being kept, counted anew from where they are: for those who judge plans, apart from what
// schedulers go by (`plugin/rules.ts`).
import type { Columns, Rule } from '../plugin/columns.ts';

/** 0: the rule is kept. VMs that are nowhere (-1) do not count. @param at host of each VM */
export function breaksOf(rule: Rule, { hostSite }: Columns, at: Int32Array): number {
  const hostsOf = (vms: Int32Array): number[] => Array.from(vms, (vm) => at[vm]!).filter((host) => host >= 0);
  const hosts = hostsOf(rule.vms);
  const sites = hosts.map((host) => hostSite[host]!);
  switch (rule.kind) {
    case 'apart':
      return hosts.length - new Set(hosts).size;
    case 'together':
      return Math.max(0, new Set(hosts).size - 1);
    case 'near':
      return Math.max(0, new Set(sites).size - 1);
    case 'spread': {
      // VMs that have no host yet can still go to sites of their own.
      const open = rule.vms.length - hosts.length;
      return Math.max(0, Math.min(rule.least, rule.vms.length) - new Set(sites).size - open);
    }
    case 'needs': {
      const given = new Set(hostsOf(rule.of).map((host) => hostSite[host]!));
      return sites.filter((site) => !given.has(site)).length;
    }
  }
}
