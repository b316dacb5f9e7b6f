// A guest that moves between two hosts on a network of their own, and what dies on the way: whatever it is, in the end it runs on
// exactly one of them, is the guest it was, and the host's journal says where. `SMPS_DAY=1` tries each part at each stage.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandId, vmId } from '../../src/lib/model/ids.ts';
import type { CommandId, VmId } from '../../src/lib/model/ids.ts';
import type { Activity, Host, ProgressStage } from '../../src/lib/model/fleet.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { migrate } from '../../src/cli/migrate.ts';
import { canBeApart } from '../../scripts/sample/apart.ts';
import { apartLab } from '../support/apart-lab.ts';
import type { ApartHost, ApartLab } from '../support/apart-lab.ts';
import { comingOf } from '../support/coming.ts';
import { beginCounter, countIn } from '../support/counting-guest.ts';
import type { AskVirsh } from '../support/guest-agent.ts';
import { until } from './expect.ts';
import { hasLibvirt } from './libvirt-subject.ts';

/** MiB a second: slow enough for something to happen on the way. */
const SLOW = 8;
/** ms in which both agents have noticed that the other is gone, and what was lost is found out. */
const LONG = 150_000;

/** `deciding`: the target has everything, and whether it runs there is what nobody knows. */
const STAGES = ['checking', 'copying', 'moving', 'deciding'] as const;
type Stage = (typeof STAGES)[number];
const VICTIMS = [
  'the tab',
  'the gateway',
  'the source’s agent',
  'the target’s agent',
  'the source’s libvirtd',
  'the target’s libvirtd',
  'the network, for 5 s',
  'the network, until both have given up'
] as const;
type Victim = (typeof VICTIMS)[number];

const CHOSEN: readonly (readonly [Victim, Stage])[] = [
  ['the tab', 'copying'],
  ['the source’s agent', 'copying'],
  ['the target’s agent', 'moving'],
  ['the source’s libvirtd', 'moving'],
  ['the source’s agent', 'deciding'],
  ['the gateway', 'moving'],
  ['the network, for 5 s', 'moving'],
  ['the network, until both have given up', 'deciding']
];
const ALL = VICTIMS.flatMap((victim) => STAGES.map((stage) => [victim, stage] as const));

describe.skipIf(!hasLibvirt || !canBeApart())('a guest that moves while something dies', () => {
  let lab: ApartLab;
  let vm: VmId;
  let guest = { boot: '', uptime: 0, count: 0 };

  const host = ({ id }: ApartHost): Host => {
    const found = lab.client().fleet.hosts.get(id);
    if (found === undefined) throw new Error(`there is no host ${id}`);
    return found;
  };
  const online = (): Promise<unknown> =>
    until(
      LONG,
      () => Promise.resolve(lab.hosts.map((each) => host(each).link)),
      (links) => links.every((link) => link === 'online')
    );
  const stateOn = (on: ApartHost): Promise<string> => on.virsh('domstate', vm).catch(() => 'none');
  const sides = async (): Promise<[ApartHost, ApartHost]> => {
    const [one, other] = lab.hosts;
    if (one === undefined || other === undefined) throw new Error('two hosts are needed');
    return (await stateOn(one)) === 'running' ? [one, other] : [other, one];
  };
  const asking =
    (on: ApartHost): AskVirsh =>
    (...words) =>
      on.virsh(...words);
  const activity = (on: ApartHost, id: CommandId): Promise<Activity | null> =>
    Promise.resolve(host(on).activity.find(({ command }) => command === id) ?? null);

  const answer = (on: ApartHost, within: number) =>
    until(
      within,
      async () => {
        const [found, count] = [await on.guest(vm).catch(() => null), await countIn(asking(on), vm)];
        return found === null ? null : { ...found, count: count ?? 0 };
      },
      (found) => found !== null
    );
  const booted = async (on: ApartHost): Promise<void> => {
    await answer(on, LONG);
    await beginCounter(asking(on), vm);
    guest = (await answer(on, LONG)) ?? guest;
  };

  beforeAll(async () => {
    lab = await apartLab(61);
    await online();
    const [source] = lab.hosts;
    if (source === undefined) throw new Error('no host');
    const reply = await lab.client().run(source.id, 'vm.create', {
      name: 'mover',
      description: null,
      tags: null,
      protected: false,
      autostart: false,
      image: lab.image,
      vcpus: vcpus(1),
      vcpusMax: vcpus(2),
      memory: mib(128),
      memoryMax: mib(256),
      start: true,
      userData: null,
      disks: [{ pool: 'local', capacity: mib(48) }],
      nics: [],
      sshKeys: []
    });
    expect(reply.fault).toBeNull();
    vm = vmId(reply.vm?.id ?? '');
    await booted(source);
  }, 400_000);
  afterAll(() => lab.close());

  // What one case has broken must not break those after it.
  beforeEach(async () => {
    const [on] = await sides();
    if ((await stateOn(on)) === 'running') {
      // Emulated, a guest hangs now and then when it has moved.
      const goesOn = await answer(on, 30_000).catch(() => null);
      if (goesOn !== null) return;
      await on.virsh('destroy', vm);
    }
    const there = (await Promise.all(lab.hosts.map(stateOn))).findIndex((state) => state !== 'none');
    const left = lab.hosts[there];
    if (left === undefined) throw new Error('the guest is on no host');
    await left.virsh('start', vm);
    await booted(left);
  }, 2 * LONG);

  /** Begins a move and resolves at the stage. */
  async function under(
    stage: Stage
  ): Promise<{ from: ApartHost; to: ApartHost; id: CommandId; ended: Promise<unknown> }> {
    await online();
    const [from, to] = await sides();
    const coming = await comingOf(lab.client(), from.id, vm);
    const { permit, fault } = await lab.client().run(to.id, 'migration.prepare', coming);
    if (permit === null) throw new Error(`refused: ${fault?.message}`);
    const { url, pin, token } = permit;
    const id = commandId(randomUUID());
    const args = { vm, to: to.id, url, pin, token, bandwidth: SLOW, autoConverge: false, downtime: null };
    const ended = lab
      .client()
      .run(from.id, 'vm.migrate', args, { id })
      .catch((thrown: unknown) => thrown);
    const at = (wanted: readonly ProgressStage[]): Promise<unknown> =>
      until(
        LONG,
        () => Promise.resolve(host(from).progress.get(id)?.stage ?? null),
        (seen) => seen !== null && wanted.includes(seen)
      );
    if (stage === 'checking') await at(['checking', 'copying']);
    else if (stage === 'copying') await at(['copying', 'moving']);
    else await at(['moving']);
    if (stage === 'deciding') {
      // With its daemon stopped the target cannot answer: the source's hypervisor has stopped the guest, and waits.
      process.kill(to.daemon, 'SIGSTOP');
      await until(
        LONG,
        () => stateOn(from),
        (state) => state === 'paused'
      );
    }
    return { from, to, id, ended };
  }

  /** It dies, and comes back. */
  async function strike(victim: Victim, from: ApartHost, to: ApartHost, stage: Stage): Promise<void> {
    const goOn = (): void => {
      if (stage === 'deciding' && victim !== 'the target’s libvirtd') process.kill(to.daemon, 'SIGCONT');
    };
    switch (victim) {
      case 'the tab':
        await lab.reopen();
        goOn();
        return;
      case 'the gateway':
        await lab.gateway.kill();
        goOn();
        await lab.gateway.start();
        return;
      case 'the source’s agent':
      case 'the target’s agent': {
        const { agent } = victim === 'the source’s agent' ? from : to;
        await agent.kill();
        goOn();
        await agent.start();
        return;
      }
      case 'the source’s libvirtd':
      case 'the target’s libvirtd': {
        const on = victim === 'the source’s libvirtd' ? from : to;
        await on.killDaemon();
        goOn();
        await on.startDaemon();
        return;
      }
      case 'the network, for 5 s':
        await lab.net.cut();
        goOn();
        await pause(5_000);
        await lab.net.restore();
        return;
      case 'the network, until both have given up':
        await lab.net.cut();
        goOn();
        await until(
          LONG,
          () => stateOn(to),
          (state) => state !== 'paused'
        );
        await lab.net.restore();
    }
  }

  /** On one host it runs, as the guest it was; on the other nothing of it is left; and that is what is said. */
  async function oneCopy(from: ApartHost, to: ApartHost, id: CommandId): Promise<'left' | 'stayed'> {
    await online();
    const said = await until(
      LONG,
      () => activity(from, id),
      (seen) => seen !== null && seen.status !== 'running'
    );
    const states = await until(
      LONG,
      async () => [await stateOn(from), await stateOn(to)],
      (seen) => seen.toSorted().join() === 'none,running'
    );
    const left = states[0] === 'none';
    // One that could not begin is refused.
    expect(left ? ['done'] : ['failed', 'refused']).toContain(said?.status);
    const [on, off] = left ? [to, from] : [from, to];
    await until(
      LONG,
      () => off.volumes(),
      (volumes) => volumes.length === 0
    );
    expect(await on.volumes()).toHaveLength(1);
    await until(
      LONG,
      () => from.departures(),
      (files) => files.length === 0
    );
    await until(
      LONG,
      () => Promise.resolve([host(on).vms.get(vm)?.state, host(off).vms.has(vm)]),
      ([state, other]) => state === 'running' && other === false
    );
    const now = await answer(on, LONG);
    const before = guest;
    guest = now ?? guest;
    expect(guest.boot).toBe(before.boot);
    expect(guest.uptime).toBeGreaterThan(before.uptime);
    expect(guest.count).toBeGreaterThan(before.count);
    return left ? 'left' : 'stayed';
  }

  it.each(process.env.SMPS_DAY === '1' ? ALL : CHOSEN)(
    'runs on one host when %s dies at %s, and that one is told',
    async (victim, stage) => {
      const { from, to, id, ended } = await under(stage);
      await strike(victim, from, to, stage);
      const came = await oneCopy(from, to, id);
      await ended;
      if (victim === 'the tab' || victim === 'the gateway' || victim === 'the network, for 5 s') {
        expect(came).toBe('left');
      }
    },
    2 * LONG
  );

  /** The newest of what the host tells of this VM's coming. */
  const arrivalOn = (on: ApartHost): Promise<unknown> =>
    until(
      LONG,
      () =>
        Promise.resolve(
          host(on).activity.find(({ op, vm: about }) => op === 'migration.arrive' && about === vm)?.status
        ),
      (status) => status !== 'running'
    );
  const stageOf = (on: ApartHost, id: CommandId): Promise<ProgressStage | null> =>
    Promise.resolve(host(on).progress.get(id)?.stage ?? null);
  /** Its target hangs, and that is told. */
  const unanswered = async (): ReturnType<typeof under> => {
    const move = await under('deciding');
    await until(
      LONG,
      () => stageOf(move.from, move.id),
      (stage) => stage === 'finding-out'
    );
    return move;
  };

  it(
    'is nowhere for sure while the target’s daemon hangs at the end: that is told, nobody can cancel, and its answer settles it',
    async () => {
      const { from, to, id, ended } = await unanswered();
      const cancelled = await lab.client().run(from.id, 'command.cancel', { command: id });
      expect(cancelled).toMatchObject({ status: 'refused', fault: { code: 'not-cancellable' } });
      expect(await stageOf(from, id)).toBe('finding-out');
      process.kill(to.daemon, 'SIGCONT');
      expect(await oneCopy(from, to, id)).toBe('left');
      expect(await arrivalOn(to)).toBe('done');
      await ended;
    },
    2 * LONG
  );

  it(
    'goes on here by the word of an operator while the target’s daemon hangs, and is ended there as soon as that goes on',
    async () => {
      const { from, to, id, ended } = await unanswered();
      const decided = await lab.client().run(from.id, 'migration.decide', { vm, runs: 'here' });
      expect(decided).toMatchObject({ status: 'done' });
      expect(await stateOn(from)).toBe('running');
      expect(host(to).vms.has(vm)).toBe(false);
      process.kill(to.daemon, 'SIGCONT');
      expect(await oneCopy(from, to, id)).toBe('stayed');
      expect(await arrivalOn(to)).toBe('failed');
      await ended;
    },
    2 * LONG
  );

  it(
    'is refused a second move while it is under way, with who moves it',
    async () => {
      const { from, to, id, ended } = await under('copying');
      const again = {
        vm,
        to: to.id,
        url: 'https://127.0.0.1:1',
        pin: `sha256:${'A'.repeat(43)}`,
        token: 'A'.repeat(43)
      };
      const second = await lab
        .client()
        .run(from.id, 'vm.migrate', { ...again, bandwidth: null, autoConverge: false, downtime: null });
      expect(second).toMatchObject({ status: 'refused', fault: { code: 'busy' } });
      await lab.client().run(from.id, 'command.cancel', { command: id });
      await ended;
      expect(await stateOn(from)).toBe('running');
    },
    LONG
  );

  it(
    'goes from a terminal, which tells how far it is, and stays where it was at Ctrl-C',
    async () => {
      await online();
      const [from, to] = await sides();
      await comingOf(lab.client(), from.id, vm);
      const interrupt = new AbortController();
      const lines: string[] = [];
      const output = {
        out: (line: string): void => void lines.push(line),
        err: (line: string): void => {
          lines.push(line);
          if (/^(copying|moving)/.test(line)) interrupt.abort();
        }
      };
      const request = { vm: 'mover', to: to.id, bandwidth: SLOW, autoConverge: false, downtime: null, json: false };
      expect(await migrate(lab.client(), request, output, interrupt.signal)).toBe(3);
      expect(lines.at(-1)).toMatch(/vm.migrate on h\d refused: cancelled by/);
      expect(await stateOn(from)).toBe('running');
      const never = new AbortController().signal;
      expect(await migrate(lab.client(), { ...request, bandwidth: null }, output, never)).toBe(0);
      expect(lines.at(-1)).toBe(`mover (${vm}) on ${to.id}`);
      expect(await stateOn(to)).toBe('running');
    },
    2 * LONG
  );

  it(
    'goes over a line of 40 Mbit a second',
    async () => {
      await lab.net.slow(40);
      const { from, to, id } = await under('checking');
      expect(await oneCopy(from, to, id)).toBe('left');
      await lab.net.restore();
    },
    2 * LONG
  );
});
