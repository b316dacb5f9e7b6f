// Saved VMs where something goes wrong: the agent or its operator breaks off the saving, libvirt ends in the middle of it, what was
// saved is damaged or gone. Whatever it is, the VM is told of as it is, and what can still be restored is kept.
import { randomUUID } from 'node:crypto';
import { rm, truncate } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UNATTENDED } from '../../host-agent/drivers/control.ts';
import type { Control } from '../../host-agent/drivers/control.ts';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { AgentLab, newCommandId } from '../support/agent-lab.ts';
import { effectsOf, refusalOf, theVm, until } from './expect.ts';
import { hasLibvirt, libvirtSubject } from './libvirt-subject.ts';
import type { LibvirtSubject } from './libvirt-subject.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

describe.skipIf(!hasLibvirt)('what goes wrong with a saved VM', () => {
  let subject: LibvirtSubject;
  let id: VmId;
  let boot: string;
  const bootId = async (): Promise<string> => (await subject.readInGuest?.(id, BOOT_ID))?.trim() ?? '';
  const stateIs = (state: string): Promise<unknown> =>
    until(
      30_000,
      () => subject.driver.get(id).catch(() => null),
      (vm) => vm?.state === state
    );
  const reporting = async (): Promise<void> => {
    await until(
      subject.boot,
      () => theVm(subject.driver, id),
      ({ seen }) => seen !== null && seen.vcpus !== null
    );
  };

  beforeAll(async () => {
    subject = await libvirtSubject(77);
    id = vmId(randomUUID());
    const size = { vcpus: vcpus(1), vcpusMax: vcpus(1), memory: mib(128), memoryMax: mib(128) };
    const words = { description: '', tags: [], protected: false, autostart: false, seed: null };
    const parts = { image: subject.image, disks: [], nics: [] };
    await effectsOf(subject.driver.create({ id, name: 'kept', start: false, ...size, ...words, ...parts }));
  }, 300_000);
  afterAll(() => subject.close());
  beforeEach(async () => {
    if ((await theVm(subject.driver, id)).state !== 'running') await effectsOf(subject.driver.power(id, 'start'));
    await reporting();
    boot = await bootId();
  }, 180_000);

  it('an operator who cancels has it run on, or is told that it was too late', async () => {
    const cancelling = new AbortController();
    const control: Control = {
      signal: cancelling.signal,
      progress: (stage) => {
        if (stage === 'saving') cancelling.abort('ann');
      }
    };
    const outcome = await subject.driver.power(id, 'save', control);
    if (outcome.status === 'refused') {
      expect(outcome.fault).toMatchObject({ code: 'cancelled', detail: { by: 'ann', left: '' } });
      expect(await theVm(subject.driver, id)).toMatchObject({ state: 'running', savedAt: null });
    } else {
      expect(outcome.value).toMatchObject([{ seen: 'saved', note: 'it was too late to cancel' }]);
      await effectsOf(subject.driver.power(id, 'start'));
    }
    expect(await bootId()).toBe(boot);
  });

  it('an agent that is killed meanwhile says afterwards that it does not know, and what it found; nothing is lost', async () => {
    const begun = Promise.withResolvers<true>();
    const power: Driver['power'] = (vm, action, { signal, progress } = UNATTENDED) =>
      subject.driver.power(vm, action, {
        signal,
        progress: (...how) => {
          begun.resolve(true);
          progress(...how);
        }
      });
    const lab = await AgentLab.over({ ...subject.driver, power });
    const link = await lab.as('operator');
    const command = newCommandId();
    void link.run('vm.save', { vm: id }, { id: command });
    await begun.promise;
    const next = await lab.afterKill();
    const reply = await next.link(link.operator).run('vm.save', { vm: id }, { id: command });
    expect(reply).toMatchObject({ status: 'unknown', fault: { code: 'interrupted' } });
    expect(reply.effects[0]?.seen).toMatch(/^kept is (running|paused|saved) with/);
    await stateIs('saved');
    await lab.close();
    await next.close();
    expect(await effectsOf(subject.driver.power(id, 'start'))).toMatchObject([{ note: 'restored' }]);
    expect(await bootId()).toBe(boot);
  });

  it('what was saved and cannot be restored stays saved, with libvirt’s reason; discarded, it is off', async () => {
    await effectsOf(subject.driver.power(id, 'save'));
    // Its first MiB says what it is; the memory behind it is gone.
    await truncate(subject.memoryOf('kept'), 2 ** 20);
    await expect(subject.driver.power(id, 'start')).rejects.toMatchObject({ code: 'hypervisor' });
    expect(await theVm(subject.driver, id)).toMatchObject({ state: 'saved' });
    await effectsOf(subject.driver.power(id, 'discard-saved'));
    expect(await theVm(subject.driver, id)).toMatchObject({ state: 'off' });
  });

  it('what was saved and is gone from the disk is said to be lost when it is to be restored', async () => {
    await effectsOf(subject.driver.power(id, 'save'));
    await rm(subject.memoryOf('kept'));
    expect(await refusalOf(subject.driver.power(id, 'discard-saved'))).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/gone from the disk.*start it/) as string
    });
    expect(await effectsOf(subject.driver.power(id, 'start'))).toMatchObject([
      { seen: 'running', note: expect.stringMatching(/booted anew.*lost/) as string }
    ]);
    await reporting();
    expect(await bootId()).not.toBe(boot);
  });
});
