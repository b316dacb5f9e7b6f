import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../tests/support/fake-clock.ts';
import { aVm } from '../../../tests/support/fake-host.ts';
import { MemoryGateway, SealedHost } from '../../../tests/support/memory-gateway.ts';
import { Fault } from '../model/fault.ts';
import type { Fleet } from '../model/fleet.ts';
import type { HostId } from '../model/ids.ts';
import { encodeBase64url } from '../seal/base64url.ts';
import { checkNumber } from '../seal/handshake.ts';
import { nativeProvider } from '../seal/native.ts';
import type { Ticket } from '../seal/ticket.ts';
import { Client } from './client.ts';
import type { ClientOptions } from './client.ts';
import type { Saving } from './pairing-saver.ts';
import type { Pairing } from './pairing.ts';

const provider = nativeProvider();
const GATEWAY = 'ws://memory/v1/link';
const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function setUp(...ids: string[]) {
  const hosts = await Promise.all(
    ids.map(async (id) => new SealedHost(id, await provider.generateKeyPair(false), provider))
  );
  const [first] = hosts;
  if (!first) throw new Error('give an id');
  const gateway = new MemoryGateway(hosts);
  const saved = new Map<HostId, Pairing>();
  const identity = await provider.generateKeyPair(false);
  const start = (pairings: readonly Pairing[], options: Partial<ClientOptions> = {}): Client => {
    const client = new Client({
      provider,
      identity,
      pairings,
      transport: () => gateway,
      savePairing: (pairing) => void saved.set(pairing.host, pairing),
      removePairing: (host) => void saved.delete(host),
      ...options
    });
    clients.push(client);
    return client;
  };
  const ticketFor = (host: SealedHost): Ticket => {
    const code = provider.random(16);
    host.code = code;
    return { host: host.fake.id, hostKey: host.identity.publicKey, code };
  };
  const pairingFor = (host: SealedHost): Pairing => {
    host.known.add(encodeBase64url(identity.publicKey));
    const hostKey = encodeBase64url(host.identity.publicKey);
    const { id } = host.fake;
    return {
      host: id,
      gateway: GATEWAY,
      hostKey,
      suite: 1,
      name: id,
      site: '',
      role: 'admin',
      head: null,
      pairedAt: 0 as never
    };
  };
  return { hosts, first, gateway, saved, start, ticketFor, pairingFor };
}

/** The first fleet for which it holds. */
const until = (client: Client, holds: (fleet: Fleet) => boolean): Promise<Fleet> =>
  new Promise((resolve) => {
    const check = (fleet: Fleet): void => {
      if (!holds(fleet)) return;
      stop();
      resolve(fleet);
    };
    const stop = client.onFleet(check);
    check(client.fleet);
  });
const allAre = (state: string) => (fleet: Fleet) =>
  fleet.hosts.size > 0 && [...fleet.hosts.values()].every((host) => host.link === state);
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (thrown: unknown) => Fault.from(thrown).code
  );

describe('a client', () => {
  it('pairs by ticket: both ends have the same check number, and the host is managed from then on', async () => {
    const { first, saved, start, ticketFor } = await setUp('h1');
    const client = start([]);
    const paired = await client.pair(GATEWAY, ticketFor(first), 'me');
    expect(paired.checkNumber).toBe(await checkNumber(provider, first.checkHash ?? new Uint8Array()));
    expect(paired.pairing).toMatchObject({ host: 'h1', role: 'operator' });
    expect(saved.get(first.fake.id)).toEqual(paired.pairing);
    const fleet = await until(client, allAre('online'));
    expect(fleet.hosts.get(first.fake.id)).toMatchObject({ name: 'Host h1', role: 'admin' });
    expect(first.fake.carriedOut.map((command) => command.args)).toEqual([{ label: 'me' }]);
  });

  it('refuses to pair with a code that is not valid, and keeps nothing', async () => {
    const { first, saved, start, ticketFor } = await setUp('h1');
    const client = start([]);
    const ticket = ticketFor(first);
    first.code = null;
    expect(await code(client.pair(GATEWAY, ticket, 'me'))).toBe('pairing-refused');
    expect(client.fleet.hosts.size).toBe(0);
    expect(saved.size).toBe(0);
  });

  it('refuses to pair with a host that has another key than the ticket says', async () => {
    const { first, start, ticketFor } = await setUp('h1');
    const client = start([]);
    const other = await provider.generateKeyPair(false);
    const ticket = { ...ticketFor(first), hostKey: other.publicKey };
    expect(['handshake', 'pairing-refused']).toContain(await code(client.pair(GATEWAY, ticket, 'me')));
    expect(first.fake.carriedOut).toEqual([]);
  });

  it('is enrolled once though the link broke before the answer', async () => {
    const { first, start, ticketFor } = await setUp('h1');
    const client = start([]);
    first.breakPairing = true;
    const { checkNumber: number } = await client.pair(GATEWAY, ticketFor(first), 'me');
    expect(number).toBe(await checkNumber(provider, first.checkHash ?? new Uint8Array()));
    expect(first.fake.carriedOut).toHaveLength(1);
    await until(client, allAre('online'));
  });

  it('runs commands sealed, on the host that is meant', async () => {
    const { hosts, start, pairingFor } = await setUp('h1', 'h2');
    const client = start(hosts.map(pairingFor));
    await until(client, allAre('online'));
    const reply = await client.run('h2' as HostId, 'vm.start', { vm: aVm(1).id });
    expect(reply.status).toBe('done');
    expect(hosts.map((host) => host.fake.carriedOut.length)).toEqual([0, 1]);
    expect(await code(client.run('h3' as HostId, 'vm.start', { vm: aVm(1).id }))).toBe('not-found');
  });

  it('loses the gateway, keeps what it knew, and has all hosts again once it is back', async () => {
    const { hosts, gateway, start, pairingFor } = await setUp('h1', 'h2', 'h3');
    const client = start(hosts.map(pairingFor));
    await until(client, allAre('online'));
    gateway.down = true;
    gateway.lose();
    const lost = await until(client, allAre('offline'));
    expect([...lost.hosts.values()].map((host) => host.vms.size)).toEqual([1, 1, 1]);
    expect(lost.hosts.get('h1' as HostId)?.reason).toContain('gateway');
    expect(await code(client.run('h1' as HostId, 'vm.start', { vm: aVm(1).id }))).toBe('offline');
    gateway.down = false;
    await until(client, allAre('online'));
    expect(hosts.map((host) => host.fake.carriedOut.length)).toEqual([0, 0, 0]);
  });

  it('is refused by a host that does not know its key, and says so', async () => {
    const { first, start, pairingFor } = await setUp('h1');
    const pairing = pairingFor(first);
    first.known.clear();
    const client = start([pairing]);
    const fleet = await until(client, allAre('refused'));
    expect(client.faultOf(first.fake.id)?.code).toBe('handshake');
    expect(fleet.hosts.get(first.fake.id)?.reason).not.toBeNull();
  });

  it('forgets a host: its link ends and its pairing is gone', async () => {
    const { first, saved, start, pairingFor } = await setUp('h1');
    const pairing = pairingFor(first);
    saved.set(pairing.host, pairing);
    const client = start([pairing]);
    await until(client, allAre('online'));
    await client.forget(pairing.host);
    expect(client.fleet.hosts.size).toBe(0);
    expect(saved.size).toBe(0);
    client.close();
    expect(saved.size).toBe(0);
  });

  it('saves nothing of a host any more while its pairing is being removed', async () => {
    const { first, saved, start, pairingFor } = await setUp('h1');
    const pairing = pairingFor(first);
    saved.set(pairing.host, pairing);
    const clock = new FakeClock();
    const removePairing = async (host: HostId): Promise<void> => {
      saved.delete(host);
      await clock.advance(1_000);
    };
    const client = start([pairing], { clock, removePairing });
    await expect.poll(() => allAre('online')(client.fleet)).toBe(true);
    await client.forget(pairing.host);
    expect(saved.size).toBe(0);
  });

  it('keeps a host whose pairing could not be removed', async () => {
    const { first, start, pairingFor } = await setUp('h1');
    const pairing = pairingFor(first);
    const fault = new Fault('storage-refused', { reason: 'the disk is full' });
    const client = start([pairing], { removePairing: () => Promise.reject(fault) });
    await until(client, allAre('online'));
    await expect(client.forget(pairing.host)).rejects.toBe(fault);
    await until(client, allAre('online'));
    expect(await client.run(pairing.host, 'vm.start', { vm: aVm(1).id })).toMatchObject({ status: 'done' });
  });

  it('says of what it saves whether it is new, or only another one now', async () => {
    const { first, start, ticketFor } = await setUp('h1');
    const savings: (readonly [Saving, number | null])[] = [];
    const savePairing = ({ head }: Pairing, saving: Saving): void => {
      savings.push([saving, head?.number ?? null]);
    };
    const client = start([], { savePairing });
    await client.pair(GATEWAY, ticketFor(first), 'me');
    await until(client, allAre('online'));
    expect(savings).toEqual([['anew', null]]);
    await client.acceptJournal(first.fake.id);
    await client.run(first.fake.id, 'vm.start', { vm: aVm(1).id });
    client.close();
    expect(savings.slice(1)).toEqual([
      ['anew', null],
      ['changed', first.fake.head.number]
    ]);
  });

  it('saves what became new when it closes, journal heads above all', async () => {
    const { first, saved, start, pairingFor } = await setUp('h1');
    const client = start([pairingFor(first)]);
    await until(client, allAre('online'));
    await client.run(first.fake.id, 'vm.start', { vm: aVm(1).id });
    client.close();
    expect(saved.get(first.fake.id)?.head).toEqual(first.fake.head);
  });

  it('links to a hundred hosts with sixty-four handshakes at a time', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => `h${n}`);
    const { hosts, gateway, start, pairingFor } = await setUp(...ids);
    const client = start(hosts.map(pairingFor));
    const fleet = await until(client, allAre('online'));
    expect(fleet.hosts.size).toBe(100);
    expect(gateway.mostOpening).toBeLessThanOrEqual(64);
    expect(gateway.mostOpening).toBeGreaterThan(1);
  });

  it('has the loads of very many hosts told less often, but those of the ones that are looked at closely', async () => {
    const { first, start, pairingFor } = await setUp('h1');
    const pairing = pairingFor(first);
    const away = Array.from({ length: 250 }, (_, n): Pairing => ({ ...pairing, host: `away${n}` as HostId }));
    const client = start([pairing, ...away]);
    const asked = () => first.fake.received.flatMap((each) => (each.op === 'host.watch' ? [each.args.loadEvery] : []));
    const watched = (times: number): Promise<Fleet> => until(client, () => asked().length === times);
    await until(client, ({ hosts }) => hosts.get(pairing.host)?.link === 'online');
    expect(asked()).toEqual([3_000]);
    const change = async (hosts: readonly HostId[], times: number): Promise<void> => {
      client.lookAt(new Set(hosts));
      first.fake.vms = [aVm(times)];
      await watched(times);
    };
    await change([pairing.host], 2);
    await change([], 3);
    expect(asked()).toEqual([3_000, null, 3_000]);
  });

  it('tells hosts linked before when the fleet has grown, or shrunk, so that another pace is due', async () => {
    const { first, hosts, start, ticketFor, pairingFor } = await setUp('h1', 'h2');
    const pairing = pairingFor(first);
    const newcomer = hosts.filter((host) => host !== first).map(ticketFor);
    const away = Array.from({ length: 199 }, (_, n): Pairing => ({ ...pairing, host: `away${n}` as HostId }));
    const client = start([pairing, ...away]);
    const asked = () => first.fake.received.flatMap((each) => (each.op === 'host.watch' ? [each.args.loadEvery] : []));
    await until(client, ({ hosts }) => hosts.get(pairing.host)?.link === 'online');
    expect(asked()).toEqual([null]);
    first.fake.vms = [aVm(1)];
    for (const ticket of newcomer) await client.pair(GATEWAY, ticket, 'me');
    await until(client, () => asked().length === 2);
    first.fake.vms = [aVm(2)];
    await client.forget('away0' as HostId);
    await until(client, () => asked().length === 3);
    expect(asked()).toEqual([null, 3_000, null]);
  });

  it('leaves the loads of few hosts as they come', async () => {
    const { first, start, pairingFor } = await setUp('h1');
    const client = start([pairingFor(first)]);
    await until(client, allAre('online'));
    client.lookAt(new Set([first.fake.id]));
    await client.run(first.fake.id, 'vm.start', { vm: aVm(1).id });
    expect(first.fake.received.map(({ op, args }) => [op, 'loadEvery' in args ? args.loadEvery : null])).toEqual([
      ['host.watch', null],
      ['vm.start', null]
    ]);
  });
});
