// Conformance: what docs/HYPERVISORS.md says of VMs of the subject's sort is what its driver does. A host may be able to do less, and
// says why; never more, and never for other reasons.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offerOf } from '../../host-agent/drivers/offers.ts';
import type { Offer, RowName } from '../../host-agent/drivers/offers.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import { CAPABILITIES } from '../../src/lib/model/fleet.ts';
import type { VmLoad } from '../../src/lib/model/fleet.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, mibToBytes, vcpus } from '../../src/lib/model/units.ts';
import { isOp } from '../../src/lib/protocol/schema.ts';
import { capability, refusalOf, theVm, until } from './expect.ts';
import type { Ground } from './ground.ts';

const LOADS = {
  'load-cpu': 'cpu',
  'load-memory': 'memoryUsed',
  'load-disks': 'diskRead',
  'load-nics': 'netReceive'
} as const satisfies Partial<Record<RowName, keyof VmLoad>>;

/** @param at the host it runs on */
export function claims(at: Ground): void {
  describe('what is said of its VMs in docs/HYPERVISORS.md', () => {
    let id: VmId;
    const disk = (): string => at.disk('a');
    const offer = (name: RowName): Offer => offerOf(name, at.subject.sort);
    /** Done where it works, else refused for the reason that is written there. */
    const holds = async (name: RowName, change: Promise<Outcome<unknown>>): Promise<void> => {
      const said = offer(name);
      const refusal = await refusalOf(change);
      if (said.works) expect(refusal, name).toBe('done');
      else expect(refusal, name).toMatchObject({ message: expect.stringContaining(said.reason) as string });
    };
    beforeAll(async () => {
      id = await at.made('claimed', {
        disks: [{ pool: at.subject.pool, capacity: mib(16) }],
        nics: [{ network: at.subject.network }]
      });
    }, 60_000);
    afterAll(() => at.end(id));

    it.each(CAPABILITIES)('%s: by those means, within that limit, or not for that reason', async (name) => {
      const { live, means, reason } = await capability(at.driver, name);
      // A host says it once for all: one of Xen of PVH guests, and of what others cannot the tab knows by their kind.
      const said = offerOf(name, at.subject.sort.startsWith('xen') ? 'xen-pvh' : at.subject.sort);
      if (!said.works) expect({ live, reason }).toEqual({ live: false, reason: said.reason });
      else if (live) expect({ means, reason }).toEqual({ means: said.means, reason: said.limit });
      else expect(reason).not.toBeNull();
    });

    it('of one that is off', async () => {
      await holds('next-boot', at.driver.setVcpus(id, vcpus(3), 'now'));
      expect(await refusalOf(at.driver.setVcpus(id, vcpus(5), 'now'))).toMatchObject({ code: 'bad-argument' });
      await holds('next-boot', at.driver.setVcpus(id, vcpus(at.subject.vcpus), 'now'));
      await holds('disk-grow-off', at.driver.growDisk(id, disk(), mib(24)));
      const copy = vmId(crypto.randomUUID());
      await holds('clone', at.driver.clone(id, { id: copy, name: 'claimed-2' }));
      await at.end(copy);
    });

    it('of one that runs', async () => {
      await holds('create-kernel', at.driver.power(id, 'start'));
      const { seen } = await at.reporting(id);
      expect(seen !== null).toBe(offer('seen').works);
      const { consoles } = await theVm(at.driver, id);
      for (const kind of ['serial', 'screen'] as const) expect(consoles.includes(kind), kind).toBe(offer(kind).works);
      await holds('disk-grow', at.driver.growDisk(id, disk(), mib(32)));
      const { capacity } = (await theVm(at.driver, id)).disks.find(({ target }) => target === disk()) ?? {};
      expect(capacity).toBe(mibToBytes(mib(offer('disk-grow').works ? 32 : 24)));
      await holds('rename-running', at.driver.rename(id, 'claimed-3'));
      const clone = offer('clone');
      expect(clone).toMatchObject({ works: true, limit: 'only while it is off' });
      const copied = at.driver.clone(id, { id: vmId(crypto.randomUUID()), name: 'claimed-4' });
      expect(await refusalOf(copied)).toMatchObject({ code: 'wrong-state' });
    });

    it('of its load', async () => {
      const all = Object.entries(LOADS) as [keyof typeof LOADS, (typeof LOADS)[keyof typeof LOADS]][];
      /** What is limited may be there or not. */
      const must = all.filter(([row]) => {
        const said = offer(row);
        return said.works && (said.limit === null || row === 'load-cpu' || row === 'load-disks');
      });
      const load = await until(
        at.subject.boot,
        async () => (await at.driver.stats()).vms.find(({ vm }) => vm === id),
        (figures) => must.every(([, figure]) => (figures?.[figure] ?? null) !== null)
      );
      for (const [row, figure] of all) if (!offer(row).works) expect(load?.[figure] ?? null, row).toBeNull();
    });

    it('of what no driver does', () => {
      expect(isOp('vm.snapshot')).toBe(offer('snapshot').works);
    });
  });
}
