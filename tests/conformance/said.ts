// Conformance: what operators say of a VM: tags, notes, protection, whether it starts with its host; whatever state it is in.
import { expect, it } from 'vitest';
import type { VmId } from '../../src/lib/model/ids.ts';
import { effectsOf, refusalOf, theVm } from './expect.ts';
import type { Ground } from './ground.ts';

const NOTES = ['--live ü 数据\n  second <line> & "more"', 'x'.repeat(16_384), ''];
const TAGS = [['a b', 'db', '数据库'], ['one'], []];

/** @param at the host it runs on @param vm of the describe block around it */
export function whatIsSaid(at: Ground, vm: () => VmId): void {
  it('takes tags, notes and protection, and shows them as they were given', async () => {
    const id = vm();
    const { revision } = await theVm(at.driver, id);
    for (const tags of TAGS) {
      const text = tags.join(', ') || 'none';
      expect(await effectsOf(at.driver.setTags(id, tags))).toMatchObject([
        { resource: 'tags', asked: text, seen: text, when: 'now' }
      ]);
      expect((await theVm(at.driver, id)).tags).toEqual(tags);
    }
    for (const notes of NOTES) {
      await effectsOf(at.driver.setNotes(id, notes));
      expect((await theVm(at.driver, id)).description).toBe(notes);
    }
    await effectsOf(at.driver.setTags(id, ['kept']));
    await effectsOf(at.driver.setNotes(id, 'kept too'));
    const described = await theVm(at.driver, id);
    expect(described).toMatchObject({ tags: ['kept'], description: 'kept too', protected: false });
    expect(described.revision).not.toBe(revision);
  });

  it('starts with its host from when that is said, and no more from when that is', async () => {
    const id = vm();
    const before = await theVm(at.driver, id);
    expect(before.autostart).toBe(false);
    for (const said of ['on', 'on', 'off', 'off', 'on']) {
      expect(await effectsOf(at.driver.setAutostart(id, said === 'on'))).toMatchObject([
        { resource: 'autostart', asked: said, seen: said, when: 'now' }
      ]);
      const now = await theVm(at.driver, id);
      expect(now).toMatchObject({ autostart: said === 'on', state: before.state });
      expect(now.revision === before.revision).toBe(said === 'off');
      expect((await at.driver.list()).find((each) => each.id === id)).toMatchObject({ autostart: said === 'on' });
    }
    await effectsOf(at.driver.setAutostart(id, false));
  });

  it('is refused deletion of itself and its volumes while it is protected', async () => {
    const id = vm();
    await effectsOf(at.driver.setProtected(id, true));
    const before = await theVm(at.driver, id);
    expect(before.protected).toBe(true);
    if (before.state === 'off') {
      expect(await refusalOf(at.driver.delete(id, true))).toMatchObject({ code: 'protected' });
      expect(await refusalOf(at.driver.delete(id, false))).toMatchObject({ code: 'protected' });
    }
    expect(await refusalOf(at.driver.detachDisk(id, at.disk('a'), true))).toMatchObject({ code: 'protected' });
    expect(await theVm(at.driver, id)).toMatchObject({ disks: before.disks, protected: true });
    expect(await effectsOf(at.driver.setProtected(id, false))).toMatchObject([{ asked: 'off', seen: 'off' }]);
    expect((await theVm(at.driver, id)).protected).toBe(false);
  });
}
