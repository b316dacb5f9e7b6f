// A move that does not come about, whatever the hypervisor: the VM is where it was, as it was, and the target has nothing of it.
import { expect, it } from 'vitest';
import type { ProgressStage } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { bytes } from '../../src/lib/model/units.ts';
import { watched } from '../support/migration-lab.ts';
import type { MigrationLab } from '../support/migration-lab.ts';
import { refusalOf, theVm, until } from './expect.ts';
import type { Subject } from './subject.ts';

export const volumesOf = async ({ driver, pool }: Subject): Promise<readonly string[]> =>
  (await driver.pools()).find(({ name }) => name === pool)?.volumes.map(({ name }) => name) ?? [];

/** It is on the source as it was, running unless said otherwise and starting with it, and the target has nothing of it. */
export async function stays({ source, target }: MigrationLab, id: VmId, state = 'running'): Promise<void> {
  expect(await theVm(source.driver, id)).toMatchObject({ state, autostart: true });
  await until(
    40_000,
    () => volumesOf(target),
    (left) => left.length === 0
  );
  expect(await target.driver.get(id)).toBeNull();
  expect(await target.driver.list()).toEqual([]);
}

export type Moving = {
  readonly lab: () => MigrationLab;
  readonly id: () => VmId;
  /** Those it goes through. */
  readonly stages: readonly ProgressStage[];
  /** MiB per second: slow enough for something to happen on the way. */
  readonly bandwidth: number;
};

export function aMoveThatFails({ lab: at, id: of, stages, bandwidth }: Moving): void {
  it.each(stages)('stays and goes on when it is cancelled at %s', async (stage) => {
    const [lab, id] = [at(), of()];
    const permit = await lab.permit(await theVm(lab.source.driver, id));
    expect(await refusalOf(lab.move(id, permit, watched(stage), bandwidth))).toMatchObject({ code: 'cancelled' });
    await lab.arrivals().release(id);
    await stays(lab, id);
  });

  it('is let in once, by the very token, while it is valid', async () => {
    const [lab, id] = [at(), of()];
    const permit = await lab.permit(await theVm(lab.source.driver, id));
    const wrong = { ...permit, token: 'A'.repeat(43) };
    await expect(lab.move(id, wrong, watched())).rejects.toMatchObject({ code: 'unsupported' });
    await expect(lab.move(id, { ...permit, pin: `sha256:${'A'.repeat(43)}` }, watched())).rejects.toMatchObject({
      code: 'unreachable'
    });
    expect(await refusalOf(lab.move(id, permit, watched('checking')))).toMatchObject({ code: 'cancelled' });
    await expect(lab.move(id, permit, watched())).rejects.toMatchObject({ code: 'unsupported' });
    await stays(lab, id);
  });

  it('is refused by a target that lacks room, a network or the name, and leaves nothing there', async () => {
    const lab = at();
    const coming = await lab.coming(await theVm(lab.source.driver, of()));
    const disks = coming.disks.map((disk) => ({ ...disk, capacity: bytes(2 ** 50) }));
    const refusals: [string, object][] = [
      ['no-space', { disks }],
      ['not-found', { nics: [{ network: 'nowhere' }] }],
      ['not-found', { disks: coming.disks.map((disk) => ({ ...disk, pool: 'nowhere' })) }],
      ['unsupported', { hypervisor: 'xen' }]
    ];
    for (const [code, other] of refusals) {
      expect(await refusalOf(lab.arrivals().prepare({ ...coming, ...other }))).toMatchObject({ code });
    }
    expect(await refusalOf(lab.prepareAtSource(coming))).toMatchObject({ code: 'unsupported' });
    expect(await lab.target.driver.get(of())).toBeNull();
    expect(await volumesOf(lab.target)).toEqual([]);
  });
}
