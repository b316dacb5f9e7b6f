// Conformance: how much CPU time a VM gets and on which CPUs, off and running; what lasts over its starts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ORDINARY } from '../../src/lib/model/cpu-share.ts';
import type { CpuShare } from '../../src/lib/model/cpu-share.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { vcpus } from '../../src/lib/model/units.ts';
import { capability, effectsOf, refusalOf, theVm, until } from './expect.ts';
import type { Ground } from './ground.ts';

const MUCH: CpuShare = { weight: 512, cap: 150 };
const LITTLE: CpuShare = { weight: 128, cap: 20 };
const FREE: CpuShare = { weight: 1024, cap: null };

/** @param at the host it runs on */
export function cpuShares(at: Ground): void {
  describe('the CPUs of the host', () => {
    let id: VmId;
    let cpus: number;
    beforeAll(async () => {
      id = await at.made('shared');
      ({ cpus } = await at.driver.describe());
    }, 60_000);
    afterAll(() => at.end(id));
    const divides = async (): Promise<boolean> => (await capability(at.driver, 'cpu-share')).live;
    /** Of a host with one CPU that one is any. */
    const one = (): string => (cpus > 1 ? '0' : '');
    const shown = (share: CpuShare) =>
      until(
        15_000,
        () => theVm(at.driver, id),
        ({ cpuShare }) => cpuShare?.weight === share.weight && cpuShare.cap === share.cap
      );

    it('are divided by the ordinary share, and all may be used, unless somebody said otherwise', async () => {
      const vm = await theVm(at.driver, id);
      expect(vm).toMatchObject({ cpuShareNext: null, affinity: '', affinityNext: null });
      expect(vm.cpuShare).toEqual((await divides()) ? ORDINARY : null);
    });

    it('are not divided by a host that cannot, which says why', async () => {
      const { live, reason } = await capability(at.driver, 'cpu-share');
      const refusal = await refusalOf(at.driver.setCpuShare(id, ORDINARY, 'next-boot'));
      if (live) expect(refusal).toBe('done');
      else
        expect(refusal).toMatchObject({
          code: 'unsupported',
          message: expect.stringContaining(reason ?? '') as string
        });
    });

    it('are divided otherwise from the next boot of a VM that is off', async () => {
      if (!(await divides())) return;
      const { revision } = await theVm(at.driver, id);
      expect(await effectsOf(at.driver.setCpuShare(id, MUCH, 'now'))).toMatchObject([
        { resource: 'cpu-share', asked: 'weight 512, cap 150 %', when: 'next-boot', seen: null }
      ]);
      const vm = await theVm(at.driver, id);
      expect(vm).toMatchObject({ cpuShare: MUCH, cpuShareNext: null });
      expect(vm.revision).not.toBe(revision);
    });

    it('are not given beyond what its vCPUs could use, nor where there are none', async () => {
      const refusals = [
        await refusalOf(at.driver.setCpuShare(id, { weight: 256, cap: 401 }, 'now')),
        await refusalOf(at.driver.setAffinity(id, String(cpus), 'now'))
      ];
      const code = 'bad-argument';
      expect(refusals).toMatchObject([{ code: (await divides()) ? code : 'unsupported' }, { code }]);
    });

    it('that a VM may use are set while it is off', async () => {
      expect(await effectsOf(at.driver.setAffinity(id, '0', 'now'))).toMatchObject([
        { resource: 'affinity', asked: 'CPUs 0', when: 'next-boot' }
      ]);
      expect((await theVm(at.driver, id)).affinity).toBe(one());
    });

    it('are divided and restricted like that once it runs', async () => {
      await effectsOf(at.driver.power(id, 'start'));
      expect((await theVm(at.driver, id)).affinity).toBe(one());
      if (await divides()) await shown(MUCH);
    }, 60_000);

    it('are divided otherwise while it runs, as the hypervisor confirms', async () => {
      if (!(await divides())) return;
      for (const share of [LITTLE, FREE, MUCH]) {
        const [effect] = await effectsOf(at.driver.setCpuShare(id, share, 'now'));
        expect(effect).toMatchObject({ resource: 'cpu-share', when: 'now' });
        expect(effect?.seen).toBe(effect?.asked);
        expect(await theVm(at.driver, id)).toMatchObject({ cpuShare: share, cpuShareNext: null });
      }
    });

    it('stay as they are while it runs when the change is for its next boot', async () => {
      if (await divides()) {
        await effectsOf(at.driver.setCpuShare(id, LITTLE, 'next-boot'));
        expect(await theVm(at.driver, id)).toMatchObject({ cpuShare: MUCH, cpuShareNext: LITTLE });
      }
      await effectsOf(at.driver.setAffinity(id, '', 'next-boot'));
      expect(await theVm(at.driver, id)).toMatchObject({ affinity: one(), affinityNext: cpus > 1 ? '' : null });
    });

    it('are divided anew by a start, which forgets nothing', async () => {
      await effectsOf(at.driver.power(id, 'power-off'));
      await effectsOf(at.driver.power(id, 'start'));
      expect(await theVm(at.driver, id)).toMatchObject({ affinity: '', affinityNext: null, cpuShareNext: null });
      if (await divides()) await shown(LITTLE);
    }, 60_000);

    it('are those of the others for a vCPU that is added', async () => {
      await effectsOf(at.driver.setAffinity(id, '0', 'now'));
      expect(await theVm(at.driver, id)).toMatchObject({ affinity: one(), affinityNext: null });
      await effectsOf(at.driver.setVcpus(id, vcpus(3), 'now'));
      expect(await theVm(at.driver, id)).toMatchObject({ vcpus: 3, affinity: one(), affinityNext: null });
      expect(await effectsOf(at.driver.setAffinity(id, '', 'now'))).toMatchObject([
        { asked: 'any CPU', seen: 'any CPU' }
      ]);
      expect(await theVm(at.driver, id)).toMatchObject({ affinity: '', affinityNext: null });
    }, 60_000);
  });
}
