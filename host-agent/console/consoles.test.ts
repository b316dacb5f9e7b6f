import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ConsoleEnd, greetScreen } from '../../tests/support/console-end.ts';
import { AgentLab, newCommandId } from '../../tests/support/agent-lab.ts';
import type { MemoryLink } from '../../tests/support/agent-lab.ts';
import { Fault, refused } from '../../src/lib/model/fault.ts';
import type { ConsoleKind, Vm } from '../../src/lib/model/fleet.ts';
import type { Reply } from '../../src/lib/protocol/schema.ts';
import type { SampleVm } from '../drivers/simulated/config.ts';
import { Journal } from '../journal/journal.ts';
import { MAX_OF_LINK, PICTURE_TIME } from './consoles.ts';

const RUNNING: SampleVm = { name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 };
const OFF: SampleVm = { ...RUNNING, name: 'db-1', state: 'off' };

const labs: AgentLab[] = [];
async function open(): Promise<{ lab: AgentLab; vm: Vm; off: Vm }> {
  const lab = await AgentLab.open({ vms: [RUNNING, OFF] });
  labs.push(lab);
  const vms = await lab.driver.list();
  const [vm, off] = ['web-1', 'db-1'].map((name) => vms.find((each) => each.name === name));
  if (vm === undefined || off === undefined) throw new Error('the lab has other VMs');
  return { lab, vm, off };
}
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});

const ask = (link: MemoryLink, vm: Vm, kind: ConsoleKind, channel: number, takeOver = false): Promise<Reply> =>
  link.run('console.open', { vm: vm.id, kind, channel, takeOver, purpose: null });
const picture = (link: MemoryLink, vm: Vm, channel: number, kind: ConsoleKind = 'screen'): Promise<Reply> =>
  link.run('console.open', { vm: vm.id, kind, channel, takeOver: false, purpose: 'picture' });
async function opened(link: MemoryLink, vm: Vm, kind: ConsoleKind, channel: number, takeOver = false) {
  const reply = await ask(link, vm, kind, channel, takeOver);
  expect(reply).toMatchObject({ status: 'done', console: { channel } });
  return new ConsoleEnd(link.bytes(channel).client);
}

describe('a serial line', () => {
  test('answers what is typed into it', async () => {
    const { lab, vm } = await open();
    const end = await opened(await lab.as('operator'), vm, 'serial', 1);
    expect(await end.until(':~# ')).toContain('web-1, simulated');
    await end.type('uname\r');
    expect(await end.until(':~# ')).toBe('uname\r\nSimulated web-1 1.0\r\nweb-1:~# ');
  });

  test('is one console’s: the next is told whose, and may take it over', async () => {
    const { lab, vm } = await open();
    const first = await opened(await lab.as('operator'), vm, 'serial', 1);
    const other = await lab.as('admin');
    const refused = await ask(other, vm, 'serial', 1);
    expect(refused).toMatchObject({ status: 'refused', fault: { code: 'busy' }, console: null });
    expect(refused.fault?.message).toBe('the serial line of web-1 is busy with the console of the operator');
    const second = await opened(other, vm, 'serial', 2, true);
    expect(await first.closed).toMatchObject({ code: 'busy' });
    await second.type('nproc\r');
    await second.until('nproc\r\n2\r\n');
  });

  test('does not hear a viewer, who cannot take it from an operator either', async () => {
    const { lab, vm } = await open();
    const viewer = await lab.as('viewer');
    const looking = await ask(viewer, vm, 'serial', 1);
    expect(looking.console).toEqual({ channel: 1, readOnly: true });
    const end = new ConsoleEnd(viewer.bytes(1).client);
    await end.until(':~# ');
    await end.type('uname\r');
    const operator = await lab.as('operator');
    const works = await opened(operator, vm, 'serial', 1, true);
    expect(await end.closed).toMatchObject({ code: 'busy' });
    expect(end.said.toString()).toBe('');
    await works.until(':~# ');
    expect(await ask(viewer, vm, 'serial', 2, true)).toMatchObject({ status: 'refused', fault: { code: 'forbidden' } });
  });
});

test('a screen greets, says how large it is, and may be looked at by several at once', async () => {
  const { lab, vm } = await open();
  const link = await lab.as('operator');
  const ends = [await opened(link, vm, 'screen', 1), await opened(link, vm, 'screen', 2)];
  for (const end of ends) {
    expect(await greetScreen(end)).toEqual({ width: 320, height: 200, name: 'web-1 (simulated)' });
    await end.channel.write(Uint8Array.of(3, 0, 0, 0, 0, 0, 1, 64, 0, 200));
    const update = await end.take(16 + 320 * 200 * 4);
    expect(update.subarray(0, 16).toString('hex')).toBe('00000001000000000140'.concat('00c800000000'));
    expect(new Set(update.subarray(16)).size).toBeGreaterThan(3);
  }
});

test('what cannot be opened is refused with the reason, and its channel closed', async () => {
  const { lab, vm, off } = await open();
  const link = await lab.as('operator');
  expect(await ask(link, off, 'serial', 1)).toMatchObject({ status: 'refused', fault: { code: 'wrong-state' } });
  expect(await new ConsoleEnd(link.bytes(1).client).closed).toBeNull();
  const nobody = { ...vm, id: off.id.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) } as Vm;
  expect(await ask(link, nobody, 'screen', 2)).toMatchObject({ status: 'refused', fault: { code: 'not-found' } });
});

test('what cannot be journalled is not left open, and its end is told as unknown', async () => {
  const { lab, vm } = await open();
  const link = await lab.as('operator');
  await link.run('host.watch', { keptNumber: null, loadEvery: null });
  const full = new Fault('no-space', { where: 'the state directory', need: 'a few KiB', free: 'nothing' });
  const finish = vi.spyOn(Journal.prototype, 'finish').mockRejectedValueOnce(full);
  const console = vi.spyOn(lab.driver, 'console');
  expect(await ask(link, vm, 'serial', 1)).toMatchObject({ status: 'failed', fault: { code: 'no-space' } });
  expect(console.mock.settledResults[0]?.value).toMatchObject({ status: 'done', value: { destroyed: true } });
  await link.until(() => link.events.some(({ activities }) => activities.some(({ status }) => status === 'unknown')));
  finish.mockRestore();
  expect(await ask(link, vm, 'serial', 2)).toMatchObject({ status: 'done' });
});

test('the same command again opens nothing', async () => {
  const { lab, vm } = await open();
  const link = await lab.as('operator');
  const id = newCommandId();
  const args = { vm: vm.id, kind: 'screen', channel: 1, takeOver: false, purpose: null } as const;
  expect((await link.run('console.open', args, { id })).status).toBe('done');
  const again = await link.run('console.open', { ...args, channel: 2 }, { id });
  expect(again).toMatchObject({ status: 'refused', fault: { code: 'id-reused' }, console: null });
});

test('who looked and who could type stands in the journal, and all who watch are told', async () => {
  const { lab, vm } = await open();
  const watcher = await lab.as('admin');
  await watcher.run('host.watch', { keptNumber: null, loadEvery: null });
  await opened(await lab.as('viewer'), vm, 'screen', 1);
  const told = await watcher.until(() =>
    watcher.events.flatMap(({ activities }) => activities).find(({ status }) => status === 'done')
  );
  expect(told).toMatchObject({ op: 'console.open', vm: vm.id, operatorLabel: 'the viewer' });
  expect(told.summary).toBe('Open the screen of web-1, read-only');
});

describe('a picture of a screen', () => {
  const summaries = async (lab: AgentLab): Promise<string[]> =>
    (await lab.core.journal.activities({ before: null, limit: 50, vm: null })).map(({ summary }) => summary);
  const LOOKED = 'Look at the screen of web-1 by pictures, told once an hour';

  test('is journalled once an hour for each operator and VM, as what it is', async () => {
    const { lab, vm } = await open();
    const [one, other] = [await lab.as('operator'), await lab.as('admin')];
    for (const channel of [1, 2, 3])
      expect((await picture(one, vm, channel)).console).toEqual({ channel, readOnly: true });
    expect(await summaries(lab)).toEqual([LOOKED]);
    await picture(other, vm, 1);
    expect(await summaries(lab)).toEqual([LOOKED, LOOKED]);
    lab.skew += 3_500_000;
    expect((await picture(one, vm, 4)).journal).toBeNull();
    lab.skew += 200_000;
    expect((await picture(one, vm, 5)).journal).not.toBeNull();
    await opened(one, vm, 'screen', 6);
    expect(await summaries(lab)).toEqual(['Open the screen of web-1', LOOKED, LOOKED, LOOKED]);
  });

  test('stands for no other: one that was not to be had is told again', async () => {
    const { lab, vm } = await open();
    const link = await lab.as('operator');
    lab.driver.console = () => Promise.resolve(refused('unsupported', { what: 'it', reason: 'has none', instead: '' }));
    expect((await picture(link, vm, 1)).status).toBe('refused');
    expect((await picture(link, vm, 2)).journal).not.toBeNull();
  });

  test('takes no key to the guest, though its operator may type', async () => {
    const { lab, vm } = await open();
    const heard: Buffer[] = [];
    const driven = lab.driver.console.bind(lab.driver);
    lab.driver.console = async (...of) => {
      const outcome = await driven(...of);
      if (outcome.status !== 'done') return outcome;
      const write = outcome.value.write.bind(outcome.value);
      vi.spyOn(outcome.value, 'write').mockImplementation((...[data, then]: unknown[]) => {
        heard.push(data as Buffer);
        return write(data, then as () => void);
      });
      return outcome;
    };
    const link = await lab.as('admin');
    const KEY = Buffer.of(4, 1, 0, 0, 0, 0, 0, 32);
    const REQUEST = Buffer.of(3, 0, 0, 0, 0, 0, 1, 64, 0, 200);
    for (const purpose of ['picture', null] as const) {
      const channel = purpose === null ? 2 : 1;
      heard.length = 0;
      await link.run('console.open', { vm: vm.id, kind: 'screen', channel, takeOver: false, purpose });
      const end = new ConsoleEnd(link.bytes(channel).client);
      await greetScreen(end);
      await end.channel.write(Buffer.concat([KEY, REQUEST]));
      await end.take(16);
      expect(Buffer.concat(heard).includes(KEY)).toBe(purpose === null);
      expect(Buffer.concat(heard).includes(REQUEST)).toBe(true);
    }
  });

  test('is none of a serial line, and nothing to watch by', async () => {
    const { lab, vm } = await open();
    const link = await lab.as('operator');
    expect(await picture(link, vm, 1, 'serial')).toMatchObject({ status: 'refused', fault: { code: 'bad-argument' } });
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await picture(link, vm, 2);
    const whole = await opened(link, vm, 'screen', 3);
    const late = timers.mock.calls.filter(([, ms]) => ms === PICTURE_TIME).map(([run]) => run);
    timers.mockRestore();
    const { closed } = new ConsoleEnd(link.bytes(2).client);
    for (const run of late) run();
    expect(await closed).toMatchObject({ code: 'timeout' });
    await greetScreen(whole);
  });
});

describe('a console ends', () => {
  test('with the run of its VM', async () => {
    const { lab, vm } = await open();
    const link = await lab.as('operator');
    const ends = [await opened(link, vm, 'screen', 1), await opened(link, vm, 'serial', 2)];
    await link.run('vm.power-off', { vm: vm.id });
    expect(await Promise.all(ends.map((end) => end.closed))).toEqual([null, null]);
  });

  test('with its link, which frees the serial line', async () => {
    const { lab, vm } = await open();
    const link = await lab.as('operator');
    await opened(link, vm, 'serial', 1);
    lab.hangUp(link);
    await opened(await lab.as('operator'), vm, 'serial', 1);
  });

  test('when its operator may no longer type, at the next key at the latest', async () => {
    const { lab, vm } = await open();
    await lab.as('admin');
    const link = await lab.as('operator');
    const [idle, typing] = [await opened(link, vm, 'screen', 1), await opened(link, vm, 'serial', 2)];
    await lab.core.operators.setRole(link.operator, 'viewer');
    await typing.type('uname\r');
    expect(await typing.closed).toMatchObject({ code: 'forbidden' });
    expect(typing.said.toString()).not.toContain('Simulated web-1');
    lab.core.consoles.closeForbidden();
    expect(await idle.closed).toMatchObject({ code: 'forbidden' });
  });

  test('when the client closes it before it has been opened', async () => {
    const { lab, vm } = await open();
    const link = await lab.as('operator');
    const asked = ask(link, vm, 'serial', 1);
    link.bytes(1).client.close();
    expect(await asked).toMatchObject({ console: null });
    await opened(await lab.as('admin'), vm, 'serial', 1);
  });
});

test('one link has only so many', async () => {
  const { lab, vm } = await open();
  const link = await lab.as('operator');
  for (let channel = 1; channel <= MAX_OF_LINK; channel++) await opened(link, vm, 'screen', channel);
  expect(await ask(link, vm, 'screen', 100)).toMatchObject({ status: 'refused', fault: { code: 'busy' } });
  link.bytes(1).client.attach({ onData: () => undefined, onClosed: () => undefined });
  link.bytes(1).client.close();
  await opened(link, vm, 'screen', 101);
});

describe('back-pressure', () => {
  test('a console nobody reads holds a window of it, and others go on', async () => {
    const { lab, vm } = await open();
    const link = await lab.as('operator');
    expect((await ask(link, vm, 'serial', 1)).status).toBe('done');
    await link.bytes(1).client.write(new TextEncoder().encode('yes\r'));
    const screen = await opened(link, vm, 'screen', 2);
    await greetScreen(screen);
    // All there was credit for has come; it is read only now, and as much more follows as is taken.
    let taken = 0;
    const enough = Promise.withResolvers<null>();
    link.bytes(1).client.attach({
      onData: (data) => {
        taken += data.length;
        if (taken > 1_000_000) enough.resolve(null);
      },
      onClosed: () => undefined
    });
    await enough.promise;
    expect((await link.run('operator.list', {})).status).not.toBe('failed');
  });

  test('ten megabytes pasted arrive whole', async () => {
    const { lab, vm } = await open();
    const end = await opened(await lab.as('operator'), vm, 'serial', 1);
    await end.until(':~# ');
    await end.type('sum\r');
    const pasted = randomBytes(10_000_000).map((byte) => byte | 0x20);
    await end.channel.write(pasted);
    await end.channel.write(Uint8Array.of(4));
    const sum = createHash('sha256').update(pasted).digest('hex');
    expect(await end.until('\r\nweb-1')).toContain(`10000000 bytes, sha256 ${sum}`);
  });
});
