// Least total cost by the weights of the operator: load above safety levels, balance, power, moves and what they copy. The search
// behind it is published as smps-vmm/plugin/search.
import type { FleetView, Intent, Scheduler } from 'smps-vmm/plugin';
import { costOfAdding, search, shareWith } from 'smps-vmm/plugin/search';

/** Where costs are equal, the emptier host: this part of the score is for that. */
const EVEN = 10;

export default {
  manifest: {
    id: 'min-cost',
    version: '1.1.0',
    api: 1,
    title: 'Least cost',
    description:
      'Weighs load above safety levels, balance, power and the cost of every move: the plan that costs least.',
    locales: {
      zh: {
        title: '最低成本',
        description: '权衡超过安全水位的负载、均衡、能耗和每次迁移的成本：选总成本最低的方案。',
        texts: { '{1} VMs find no host': '{1} 台虚拟机找不到主机' }
      }
    }
  },
  local: true,

  score(vm: number, host: number, fleet: FleetView, { weights }: Intent): number {
    const cost = (100 - EVEN) / (1 + costOfAdding(fleet, weights, vm, host));
    return cost + EVEN * (1 - Math.min(1, shareWith(fleet, vm, host)));
  },

  propose: search
} satisfies Scheduler;
