import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../tests/support/fake-clock.ts';
import { aVm, FakeHost } from '../../../tests/support/fake-host.ts';
import { Fault } from '../model/fault.ts';
import type { Fleet, Host } from '../model/fleet.ts';
import type { CommandId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import { millis } from '../model/units.ts';
import type { Reply } from '../protocol/schema.ts';
import { EMPTY_FLEET, fold } from './fold.ts';
import { HostSession } from './host-session.ts';
import type { Pairing } from './pairing.ts';

const ID = '00000000-0000-4000-8000-0000000000aa' as CommandId;
const vm = aVm(1).id;

function start(options: { pairing?: Partial<Pairing>; host?: FakeHost } = {}) {
  const host = options.host ?? new FakeHost();
  const clock = new FakeClock();
  let fleet: Fleet = fold(EMPTY_FLEET, { kind: 'paired', host: host.id, name: 'h1', site: '', role: 'viewer' });
  const saved: Pairing[] = [];
  const states: string[] = [];
  const session = new HostSession({
    pairing: {
      host: host.id,
      gateway: 'ws://localhost/v1/link',
      hostKey: 'B',
      suite: 1,
      name: 'h1',
      site: '',
      role: 'viewer',
      head: null,
      pairedAt: millis(0),
      ...options.pairing
    },
    dial: (_, events) => host.dial(events),
    onUpdate: (update) => {
      fleet = fold(fleet, update);
      if (update.kind === 'link') states.push(update.link);
    },
    onPairing: (pairing) => saved.push(pairing),
    clock,
    random: () => 0.5,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count))
  });
  session.connect();
  const known = (): Host => {
    const found = fleet.hosts.get(host.id);
    if (!found) throw new Error('the host is gone');
    return found;
  };
  return { host, clock, session, saved, states, known };
}
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (thrown: unknown) => Fault.from(thrown).code
  );

describe('a host session', () => {
  it('links, watches and shows what the host has', async () => {
    const { clock, states, known, saved } = start();
    await clock.advance(0);
    expect(states).toEqual(['connecting', 'online']);
    expect([...known().vms.values()]).toEqual([aVm(1)]);
    expect(known()).toMatchObject({ name: 'Host h1', site: 'north', role: 'admin', reason: null });
    expect(saved.at(-1)).toMatchObject({ name: 'Host h1', site: 'north', role: 'admin', head: { number: 0 } });
  });

  it('folds events, and asks for everything again after a gap in their numbers', async () => {
    const { host, clock, known } = start();
    await clock.advance(0);
    host.tell({ vms: [aVm(1, { state: 'paused' })] });
    expect(known().vms.get(vm)?.state).toBe('paused');
    const watches = (): number => host.received.filter((command) => command.op === 'host.watch').length;
    expect(watches()).toBe(1);
    host.vms = [aVm(1), aVm(2)];
    host.tell({}, 3);
    await settle();
    expect(watches()).toBe(2);
    expect(known().vms.size).toBe(2);
    expect(known().link).toBe('online');
    host.tell({});
    await settle();
    expect(watches()).toBe(2);
  });

  it('keeps the last state while the host is away, says why, and comes back by itself', async () => {
    const { host, clock, states, known } = start();
    await clock.advance(0);
    host.away = new Fault('unreachable', { host: host.id, reason: 'no route' });
    host.cut(new Fault('gateway-lost', { url: 'ws://x', reason: 'gone' }));
    expect(known()).toMatchObject({ link: 'offline' });
    expect(known().reason).toContain('ws://x');
    expect(known().vms.size).toBe(1);
    await clock.advance(120_000);
    expect(known().reason).toContain('no route');
    host.away = null;
    await clock.advance(15_000);
    expect(known()).toMatchObject({ link: 'online', reason: null });
    expect(states.filter((state) => state === 'connecting')).toHaveLength(1);
  });

  it('waits longer and longer between attempts, up to 15 s, and at once when asked', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.away = new Fault('unreachable', { host: host.id, reason: 'no route' });
    host.cut();
    host.dials = 0;
    await clock.advance(1_400); // 0.75 of 250, 500, 1000 with this jitter
    expect(host.dials).toBe(3);
    await clock.advance(120_000);
    const before = host.dials;
    await clock.advance(60_000);
    expect(host.dials - before).toBeGreaterThanOrEqual(4);
    expect(host.dials - before).toBeLessThanOrEqual(6);
    const now = host.dials;
    session.connect();
    await settle();
    expect(host.dials).toBe(now + 1);
  });

  it('finds a dead link by its pings and makes a new one', async () => {
    const { host, clock, known, states } = start();
    await clock.advance(0);
    host.answersPings = false;
    await clock.advance(10_000);
    expect(states.at(-1)).toBe('offline');
    expect(known().reason).toContain('ping');
    host.answersPings = true;
    await clock.advance(500);
    expect(known().link).toBe('online');
    expect(host.links).toBe(1);
  });

  it('gives the reply whatever its status', async () => {
    const { clock, session } = start();
    await clock.advance(0);
    expect((await session.run('vm.start', { vm }, {})).status).toBe('done');
    const refused = await session.run('vm.pause', { vm }, {});
    expect(refused).toMatchObject({ status: 'refused', fault: { code: 'wrong-state' } });
  });

  it('refuses commands while offline at once, and sends nothing later', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.cut();
    const refused = session.run('vm.start', { vm }, {});
    expect(await code(refused)).toBe('offline');
    await clock.advance(60_000);
    expect(host.links).toBe(1);
    expect(host.carriedOut).toEqual([]);
  });

  it('sends an unanswered command again under its id, unchanged, and it is carried out once', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.silent = true;
    const running = session.run('vm.start', { vm }, { id: ID });
    await settle();
    host.cut();
    host.silent = false;
    await clock.advance(1_000);
    expect(await running).toMatchObject({ to: ID, status: 'done' });
    const sent = host.received.filter((command) => command.id === ID);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    expect(host.carriedOut).toHaveLength(1);
  });

  it('sends again what never arrived, in the order it was asked', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.deaf = true;
    const runs = [session.run('vm.start', { vm }, {}), session.run('vm.start', { vm: aVm(2).id }, {})];
    await settle();
    host.cut();
    host.deaf = false;
    await clock.advance(1_000);
    expect((await Promise.all(runs)).map((reply) => reply.status)).toEqual(['done', 'done']);
    expect(host.carriedOut.map((command) => 'vm' in command.args && command.args.vm)).toEqual([vm, aVm(2).id]);
  });

  it('has every command carried out exactly once, wherever the link breaks', async () => {
    const fault = fc.constantFrom('none', 'lost on the way there', 'lost on the way back', 'cut while idle');
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 12 }), async (faults) => {
        const { host, clock, session } = start();
        await clock.advance(0);
        const replies: Promise<Reply>[] = [];
        for (const [n, what] of faults.entries()) {
          host.deaf = what === 'lost on the way there';
          host.silent = what === 'lost on the way back';
          replies.push(session.run('vm.start', { vm: aVm(n).id }, {}));
          await settle();
          if (what !== 'none') host.cut();
          host.deaf = host.silent = false;
          await clock.advance(20_000);
        }
        expect((await Promise.all(replies)).map((reply) => reply.status)).toEqual(faults.map(() => 'done'));
        expect(host.carriedOut.map((command) => 'vm' in command.args && command.args.vm)).toEqual(
          faults.map((_, n) => aVm(n).id)
        );
      })
    );
  });

  it('gives up on a command when the host stays away past its time, and does not send it after that', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.silent = true;
    const running = code(session.run('vm.start', { vm }, { id: ID, within: millis(90_000) }));
    host.away = new Fault('unreachable', { host: host.id, reason: 'no route' });
    host.cut();
    await clock.advance(89_000);
    const state = await Promise.race([running, settle().then(() => 'waiting')]);
    expect(state).toBe('waiting');
    await clock.advance(2_000);
    expect(await running).toBe('unanswered');
    host.away = null;
    host.silent = false;
    await clock.advance(30_000);
    expect(host.received.filter((command) => command.id === ID)).toHaveLength(1);
  });

  it('refuses a second command under an id that is under way', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.silent = true;
    void code(session.run('vm.start', { vm }, { id: ID }));
    expect(await code(session.run('vm.pause', { vm }, { id: ID }))).toBe('id-reused');
  });

  it('sets deadlines by the clock of the host, however wrong that is', async () => {
    const { host, clock, session } = start();
    const hour = 3_600_000;
    host.now = () => clock.now() + hour;
    await clock.advance(0);
    host.tell({});
    await session.run('vm.start', { vm }, { within: millis(5_000) });
    expect(host.carriedOut[0]?.notAfter).toBe(clock.now() + hour + 5_000);
    // Before it has ever heard of that clock it leaves a day.
    expect(host.received[0]?.notAfter).toBeGreaterThan(clock.now() + 20 * hour);
  });

  it('is refused from the moment its key is revoked', async () => {
    const { host, clock, known, session } = start();
    await clock.advance(0);
    host.cut(new Fault('unknown-operator', { host: host.id }));
    expect(known().link).toBe('refused');
    expect(session.fault?.code).toBe('unknown-operator');
    await clock.advance(300_000);
    expect(host.dials).toBe(1);
  });

  it('keeps a burst of commands within what a host takes at once, and loses none of it', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.silent = true;
    const replies = Array.from({ length: 200 }, (_, n) => session.run('vm.start', { vm: aVm(n).id }, {}));
    await settle();
    expect(host.carriedOut).toHaveLength(48);
    host.cut();
    host.silent = false;
    await clock.advance(1_000);
    expect((await Promise.all(replies)).every((reply) => reply.status === 'done')).toBe(true);
    expect(host.carriedOut).toHaveLength(200);
  });

  it('stops waiting when the signal aborts, with its reason', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.silent = true;
    const abort = new AbortController();
    const running = session.run('vm.start', { vm }, { signal: abort.signal });
    abort.abort(new Error('changed my mind'));
    await expect(running).rejects.toThrow('changed my mind');
  });

  it('refuses a host whose journal went back, until its journal is accepted anew', async () => {
    const { host, clock, session, known, saved } = start();
    await clock.advance(0);
    for (let n = 0; n < 3; n++) await session.run('vm.start', { vm }, {});
    expect(saved.at(-1)?.head?.number).toBe(3);
    host.restore(1);
    host.cut();
    await clock.advance(1_000);
    expect(session.fault?.code).toBe('rollback');
    expect(known()).toMatchObject({ link: 'refused' });
    const dials = host.dials;
    await clock.advance(600_000);
    expect(host.dials).toBe(dials);
    expect(await code(session.run('vm.start', { vm }, {}))).toBe('offline');
    session.acceptJournal();
    await clock.advance(0);
    expect(known().link).toBe('online');
    expect(saved.at(-1)?.head?.number).toBe(1);
  });

  it('notices a rewritten past though the journal is longer than before', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    for (let n = 0; n < 3; n++) await session.run('vm.start', { vm }, {});
    host.restore(1);
    host.cut();
    const other = start({ host });
    await other.clock.advance(0);
    for (let n = 0; n < 5; n++) await other.session.run('vm.start', { vm }, {});
    await clock.advance(1_000);
    expect(session.fault?.code).toBe('rollback');
  });

  it('goes on without a word when the journal only grew while it was away', async () => {
    const { host, clock, session, known } = start();
    await clock.advance(0);
    await session.run('vm.start', { vm }, {});
    host.cut();
    const other = start({ host });
    await other.clock.advance(0);
    await other.session.run('vm.start', { vm }, {});
    await clock.advance(1_000);
    expect(known().link).toBe('online');
    expect(session.pairing.head).toEqual(host.head);
  });

  it('does not ask again by itself once the host refused the handshake, and does on request', async () => {
    const { host, clock, session, known } = start();
    await clock.advance(0);
    host.away = new Fault('handshake', { host: host.id, reason: 'the handshake failed' });
    host.cut();
    await clock.advance(1_000);
    expect(known().link).toBe('refused');
    const dials = host.dials;
    host.away = null;
    await clock.advance(300_000);
    expect(host.dials).toBe(dials);
    session.connect();
    await clock.advance(0);
    expect(known().link).toBe('online');
  });

  it('remembers the best suite and never accepts less', async () => {
    const host = new FakeHost();
    host.suite = 2;
    const { clock, session, known } = start({ host });
    await clock.advance(0);
    expect(session.pairing.suite).toBe(2);
    host.suite = 1;
    host.cut();
    await clock.advance(1_000);
    expect(known().link).toBe('refused');
    expect(session.pairing.suite).toBe(2);
  });

  it('gives up a link on which something malformed was said, and makes a new one', async () => {
    const { host, clock, known, states } = start();
    await clock.advance(0);
    host.say(new TextEncoder().encode('<reply xmlns="urn:smps:1"/>') as Xml);
    expect(states.at(-1)).toBe('offline');
    expect(known().reason).toContain('malformed');
    await clock.advance(1_000);
    expect(known().link).toBe('online');
    expect(host.links).toBe(1);
  });

  it('leaves no timer, no link and no waiting command behind when closed', async () => {
    const { host, clock, session } = start();
    await clock.advance(0);
    host.silent = true;
    const running = code(session.run('vm.start', { vm }, {}));
    session.close();
    expect(await running).toBe('unanswered');
    expect(clock.waiting).toBe(0);
    expect(host.links).toBe(0);
    session.connect();
    await clock.advance(60_000);
    expect(host.links).toBe(0);
  });
});
