// Conformance: a VM that is saved goes on where it was, takes no change until then, and is told of whoever saved it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import type { ProgressStage } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { effectsOf, refusalOf, theVm, until } from './expect.ts';
import type { Ground } from './ground.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const UPTIME = '/proc/uptime';

/** @param at the host it runs on */
export function saving(at: Ground): void {
  describe('a VM that is saved', () => {
    let id: VmId;
    /** What its guest says of itself; null where guests are not real. */
    let before: { readonly boot: string; readonly up: number } | null = null;
    const words = async (): Promise<typeof before> => {
      const read = at.subject.readInGuest;
      if (read === null) return null;
      return { boot: (await read(id, BOOT_ID)).trim(), up: Number((await read(id, UPTIME)).split(' ')[0]) };
    };
    const save = async (): Promise<void> => {
      expect(await effectsOf(at.driver.power(id, 'save'))).toMatchObject([
        { resource: 'power', asked: 'saved', seen: 'saved', when: 'now' }
      ]);
    };
    const restore = async (): Promise<void> => {
      expect(await effectsOf(at.driver.power(id, 'start'))).toMatchObject([{ seen: 'running', note: 'restored' }]);
    };

    beforeAll(async () => {
      id = await at.made('saved', {
        start: true,
        tags: ['one'],
        disks: [{ pool: at.subject.pool, capacity: mib(16) }],
        nics: [{ network: at.subject.network }]
      });
      await at.reporting(id);
      before = await words();
    }, 180_000);
    afterAll(() => at.end(id));

    it('is refused to be restored, or rid of what was saved, while it is not', async () => {
      expect(await refusalOf(at.driver.power(id, 'discard-saved'))).toMatchObject({ code: 'wrong-state' });
      await effectsOf(at.driver.power(id, 'pause'));
      expect(await refusalOf(at.driver.power(id, 'save'))).toMatchObject({ code: 'wrong-state' });
      await effectsOf(at.driver.power(id, 'resume'));
    });

    it('tells that it is being saved, and stands on its host as saved, with no load and no guest', async () => {
      const stages: ProgressStage[] = [];
      const progress = (stage: ProgressStage): number => stages.push(stage);
      await effectsOf(at.driver.power(id, 'save', { signal: new AbortController().signal, progress }));
      expect(new Set(stages)).toEqual(new Set(['saving']));
      const vm = await theVm(at.driver, id);
      expect(vm).toMatchObject({ state: 'saved', startedAt: null, seen: null, vcpus: at.subject.vcpus, memory: 128 });
      expect(Math.abs((vm.savedAt ?? 0) - Date.now())).toBeLessThan(600_000);
      expect((await at.driver.list()).find((each) => each.id === id)).toMatchObject({ state: 'saved' });
      expect((await at.driver.stats()).vms.map((each) => each.vm)).not.toContain(id);
      expect(await at.driver.console(id, 'serial')).toMatchObject({
        status: 'refused',
        fault: { code: 'wrong-state' }
      });
    });

    it('takes no change of what its memory knows', async () => {
      const was = await theVm(at.driver, id);
      const [disk, nic] = [was.disks[0], was.nics[0]];
      const changes: readonly ReturnType<Driver['rename']>[] = [
        at.driver.setVcpus(id, vcpus(3), 'next-boot'),
        at.driver.setMemory(id, mib(200), 'next-boot'),
        at.driver.setCpuShare(id, { weight: 512, cap: null }, 'next-boot'),
        at.driver.setAffinity(id, '0', 'next-boot'),
        at.driver.attachDisk(id, { pool: at.subject.pool, volume: null, capacity: mib(16) }),
        at.driver.growDisk(id, disk?.target ?? '', mib(32)),
        at.driver.detachDisk(id, disk?.target ?? '', false),
        at.driver.attachNic(id, at.subject.network),
        at.driver.detachNic(id, nic?.mac ?? ''),
        at.driver.rename(id, 'other'),
        at.driver.clone(id, { id: at.newVm('copy').id, name: 'copy' })
      ];
      for (const change of changes) {
        expect(await refusalOf(change)).toMatchObject({
          code: 'wrong-state',
          message: expect.stringMatching(/is saved.*restored.*discarded/) as string
        });
      }
      expect(await theVm(at.driver, id)).toEqual(was);
      expect(await refusalOf(at.driver.deleteVolume(at.subject.pool, disk?.volume ?? ''))).toMatchObject({
        code: 'in-use'
      });
    });

    it('is tagged, noted and protected all the same, and protected from its deletion', async () => {
      await effectsOf(at.driver.setTags(id, ['two']));
      await effectsOf(at.driver.setNotes(id, 'since it was saved'));
      await effectsOf(at.driver.setProtected(id, true));
      expect(await theVm(at.driver, id)).toMatchObject({ tags: ['two'], protected: true, state: 'saved' });
      expect(await refusalOf(at.driver.delete(id, true))).toMatchObject({ code: 'protected' });
    });

    it('is found again, still saved, by a management that was away', async () => {
      const back = await at.subject.takeDaemonAway();
      await back();
      await until(
        20_000,
        () => at.driver.get(id).catch(() => null),
        (vm) => vm?.state === 'saved'
      );
    });

    it('goes on where it was, by its guest’s own word, and has what was said of it since', async () => {
      await restore();
      const vm = await theVm(at.driver, id);
      expect(vm).toMatchObject({ state: 'running', savedAt: null });
      expect(vm).toMatchObject({ tags: ['two'], protected: true, description: 'since it was saved' });
      const after = await words();
      expect(after?.boot).toBe(before?.boot);
      expect(after?.up ?? 1).toBeGreaterThan(before?.up ?? 0);
      await effectsOf(at.driver.setProtected(id, false));
      if (at.subject.up === null) await at.reporting(id);
    });

    it('runs on with its disk and its interface, and takes changes again', async () => {
      await effectsOf(at.driver.attachNic(id, at.subject.network));
      const added = (await theVm(at.driver, id)).nics.at(-1);
      await effectsOf(at.driver.detachNic(id, added?.mac ?? ''));
      const grown = at.subject.vcpus + 1;
      expect(await effectsOf(at.driver.setVcpus(id, vcpus(grown), 'now'))).toMatchObject([{ seen: String(grown) }]);
    });

    it('is told of when somebody else has saved it, restored it or rid it of what was saved', async () => {
      const state = (wanted: string): Promise<unknown> =>
        until(
          20_000,
          async () => (await at.driver.list()).find((vm) => vm.id === id)?.state,
          (now) => now === wanted
        );
      await at.subject.saveBehind(id, 'save');
      await state('saved');
      await at.subject.saveBehind(id, 'start');
      await state('running');
      await at.subject.saveBehind(id, 'save');
      await state('saved');
      await at.subject.saveBehind(id, 'discard-saved');
      await state('off');
    });

    it('boots anew once what was saved is discarded', async () => {
      expect(await effectsOf(at.driver.power(id, 'start'))).toMatchObject([{ seen: 'running', note: null }]);
      await at.reporting(id);
      const booted = await words();
      expect(booted === null || booted.boot !== before?.boot).toBe(true);
      await save();
      expect(await effectsOf(at.driver.power(id, 'discard-saved'))).toMatchObject([
        { asked: 'off', seen: 'off', note: expect.stringContaining('lost') as string }
      ]);
      expect(await theVm(at.driver, id)).toMatchObject({ state: 'off', savedAt: null });
      expect(await refusalOf(at.driver.power(id, 'discard-saved'))).toMatchObject({ code: 'wrong-state' });
    });

    it('leaves nothing behind when it is deleted: another of its name begins anew', async () => {
      const gone = await at.made('saved and gone', { start: true });
      // A Xen guest takes part in its saving.
      await at.reporting(gone);
      await effectsOf(at.driver.power(gone, 'save'));
      await effectsOf(at.driver.delete(gone, true));
      const next = await at.made('saved and gone');
      expect(await at.stateOf(next)).toBe('off');
      expect(await effectsOf(at.driver.power(next, 'start'))).toMatchObject([{ seen: 'running', note: null }]);
      await at.end(next);
    });
  });
}
