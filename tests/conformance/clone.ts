// Conformance: copies of a VM, whole ones and those that break off.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Control } from '../../host-agent/drivers/control.ts';
import type { ProgressStage } from '../../src/lib/model/fleet.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, mibToBytes } from '../../src/lib/model/units.ts';
import { effectsOf, refusalOf, theVm } from './expect.ts';
import type { Ground } from './ground.ts';

/** Says which stages there were, and cancels at the one named. */
export function heldBy(cancelAt: ProgressStage | null = null): Control & { readonly stages: ProgressStage[] } {
  const abort = new AbortController();
  const stages: ProgressStage[] = [];
  return {
    stages,
    signal: abort.signal,
    progress: (stage) => {
      if (stages.at(-1) !== stage) stages.push(stage);
      if (stage === cancelAt) abort.abort('Ada');
    }
  };
}

/** @param at the host it runs on */
export function copies(at: Ground): void {
  describe('a copy of a VM', () => {
    let id: VmId;
    let volumes: readonly string[];
    beforeAll(async () => {
      id = await at.made('original', {
        description: 'the first',
        tags: ['db', 'eu west'],
        protected: true,
        autostart: true,
        disks: [
          { pool: at.subject.pool, capacity: mib(16) },
          { pool: at.subject.pool, capacity: mib(24) }
        ],
        nics: [{ network: at.subject.network }],
        seed: { userData: '#!/bin/sh\ntrue\n', sshKeys: [] }
      });
      volumes = await at.volumesOf();
    });
    afterAll(async () => {
      await effectsOf(at.driver.setProtected(id, false));
      await at.end(id);
    });
    const copyId = (): VmId => vmId(randomUUID());

    it('has disks, settings, tags and notes of its own, other ids and MACs, no protection, and does not start with the host', async () => {
      const [to, held] = [copyId(), heldBy()];
      const before = await theVm(at.driver, id);
      const [effect] = await effectsOf(at.driver.clone(id, { id: to, name: 'Kopie 数' }, held));
      expect(effect).toMatchObject({ resource: 'existence', seen: 'Kopie 数' });
      expect(held.stages).toContain('copying');
      const copy = await theVm(at.driver, to);
      expect(copy).toMatchObject({
        id: to,
        name: 'Kopie 数',
        state: 'off',
        description: 'the first',
        tags: ['db', 'eu west'],
        protected: false,
        autostart: false,
        vcpus: before.vcpus,
        vcpusMax: before.vcpusMax,
        memory: before.memory,
        memoryMax: before.memoryMax
      });
      expect(copy.disks.map(({ target, capacity }) => [target, capacity])).toEqual(
        before.disks.map(({ target, capacity }) => [target, capacity])
      );
      const own = copy.disks.map(({ volume }) => volume);
      expect(new Set([...own, ...before.disks.map(({ volume }) => volume)]).size).toBe(6);
      expect(copy.nics.map(({ network }) => network)).toEqual([at.subject.network]);
      expect(copy.nics[0]?.mac).not.toBe(before.nics[0]?.mac);
      expect(await theVm(at.driver, id)).toEqual(before);
      // Neither depends on the other.
      await effectsOf(at.driver.growDisk(to, at.disk('a'), mib(32)));
      expect((await theVm(at.driver, id)).disks[0]?.capacity).toBe(mibToBytes(mib(16)));
      await at.end(to);
      expect(await at.volumesOf()).toEqual(volumes);
    });

    it.each<[string, string]>([
      ['original', 'name-taken'],
      ['refused', 'not-found']
    ])('called “%s” is refused as %s where it cannot be', async (name, code) => {
      const from = code === 'not-found' ? copyId() : id;
      const to = copyId();
      expect(await refusalOf(at.driver.clone(from, { id: to, name }))).toMatchObject({ code });
      expect(await at.driver.get(to)).toBeNull();
      expect(await at.volumesOf()).toEqual(volumes);
    });

    it.each<ProgressStage>(['checking', 'copying', 'defining'])(
      'leaves nothing when it is cancelled at %s',
      async (stage) => {
        const [to, held] = [copyId(), heldBy(stage)];
        const refusal = await refusalOf(at.driver.clone(id, { id: to, name: 'never' }, held));
        // A driver that does not pass this stage has nothing to cancel there.
        if (!held.stages.includes(stage)) {
          expect(refusal).toBe('done');
          await at.end(to);
        } else expect(refusal).toMatchObject({ code: 'cancelled', message: expect.stringContaining('Ada') as string });
        expect(await at.driver.get(to)).toBeNull();
        expect(await at.volumesOf()).toEqual(volumes);
      }
    );

    it('is swept away by its id when it was interrupted', async () => {
      expect(await at.driver.sweep(id)).toEqual([]);
      expect(await at.driver.sweep(copyId())).toEqual([]);
      expect(await at.volumesOf()).toEqual(volumes);
    });
  });
}
