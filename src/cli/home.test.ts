import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../lib/model/fault.ts';
import type { HostId } from '../lib/model/ids.ts';
import { millis } from '../lib/model/units.ts';
import { nativeProvider } from '../lib/seal/native.ts';
import type { Pairing } from '../lib/session/pairing.ts';
import { Home, homeDirectory } from './home.ts';

const provider = nativeProvider();
let directory = '';
let home = new Home('');
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'smps-home-')), 'home');
  home = new Home(directory);
});
afterEach(() => {
  rmSync(join(directory, '..'), { recursive: true });
});

const pairing = (more: Partial<Pairing> = {}): Pairing => ({
  host: 'h1' as HostId,
  gateway: 'ws://localhost:1/v1/link',
  hostKey: `B${'A'.repeat(86)}`,
  suite: 1,
  name: 'Host 1',
  site: 'north',
  role: 'admin',
  head: { number: 3, hash: 'a'.repeat(64) },
  pairedAt: millis(5),
  ...more
});
const keyFile = () => join(directory, 'operator-key.json');
const hostFile = () => join(directory, 'hosts', 'h1.json');
const corrupt = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (thrown) {
    const fault = Fault.from(thrown);
    expect(fault.code).toBe('corrupt-state');
    return fault.message;
  }
  throw new Error('it was believed');
};

describe('SMPS_HOME', () => {
  it('is the XDG configuration directory unless said otherwise', () => {
    expect(homeDirectory({ SMPS_HOME: '/x' })).toBe('/x');
    expect(homeDirectory({ XDG_CONFIG_HOME: '/c' })).toBe('/c/smps-vmm');
    expect(homeDirectory({})).toMatch(/\/\.config\/smps-vmm$/);
  });

  it('gets a key on first use, for the operator alone, and gives the same one ever after', async () => {
    const first = await home.identity(provider);
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect((await home.identity(provider)).publicKey).toEqual(first.publicKey);
  });

  it('refuses a key that others may read', async () => {
    await home.identity(provider);
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(keyFile(), mode);
      expect(await corrupt(() => home.identity(provider))).toContain(keyFile());
    }
  });

  it('refuses a key file that is no key, rather than making another', async () => {
    await home.identity(provider);
    for (const content of ['', 'nonsense', '{"version":2}', '{"version":1,"key":{}}', '{"version":1}', '[]', 'null']) {
      writeFileSync(keyFile(), content, { mode: 0o600 });
      await corrupt(() => home.identity(provider));
      expect(readFileSync(keyFile(), 'utf8')).toBe(content);
    }
  });

  it('keeps pairings, each in a file for the operator alone, and leaves nothing else behind', () => {
    expect(home.pairings()).toEqual([]);
    home.savePairing(pairing());
    home.savePairing(pairing({ host: 'h0.x' as HostId }));
    expect(home.pairings().map((one) => one.host)).toEqual(['h0.x', 'h1']);
    expect(home.pairings()[1]).toEqual(pairing());
    expect(statSync(hostFile()).mode & 0o777).toBe(0o600);
    home.removePairing('h1' as HostId);
    expect(readdirSync(join(directory, 'hosts'))).toEqual(['h0.x.json']);
  });

  it('never lets an older run bring back an older journal head or suite', () => {
    home.savePairing(pairing({ suite: 2, head: { number: 9, hash: 'b'.repeat(64) } }));
    home.savePairing(pairing({ name: 'new name' }));
    expect(home.pairings()[0]).toMatchObject({ name: 'new name', suite: 2, head: { number: 9 } });
    home.savePairing(pairing({ name: 'paired again', head: null }));
    expect(home.pairings()[0]).toMatchObject({ name: 'paired again', head: { number: 9 } });
  });

  it('brings no host back that another run has forgotten, nor its old key', () => {
    home.savePairing(pairing(), 'changed');
    expect(home.pairings()).toEqual([]);
    const rekeyed = pairing({ hostKey: `BB${'A'.repeat(85)}` });
    home.savePairing(rekeyed);
    home.savePairing(pairing({ name: 'of before' }), 'changed');
    expect(home.pairings()).toEqual([rekeyed]);
  });

  it('takes a re-keyed host for another one, and forgets a journal when told to', () => {
    home.savePairing(pairing({ suite: 2, head: { number: 9, hash: 'b'.repeat(64) } }));
    home.savePairing(pairing({ hostKey: `BB${'A'.repeat(85)}` }));
    expect(home.pairings()[0]).toMatchObject({ suite: 1, head: { number: 3 } });
    home.forgetJournal(pairing());
    expect(home.pairings()[0]?.head).toBeNull();
  });

  it('names the file and the reason when a pairing is corrupt', async () => {
    home.savePairing(pairing());
    const whole = readFileSync(hostFile(), 'utf8');
    const broken = [
      whole.slice(0, 40),
      whole.replace('"h1"', '"h2"'),
      whole.replace('ws://', 'ftp://'),
      whole.replace('"admin"', '"god"'),
      whole.replace('"suite": 1', '"suite": 3'),
      whole.replace('"number": 3', '"number": -3'),
      whole.replace('"name"', '"nickname"'),
      whole.replace('"suite"', '"more": 1, "suite"')
    ];
    for (const content of broken) {
      expect(content).not.toBe(whole);
      writeFileSync(hostFile(), content);
      expect(await corrupt(() => home.pairings())).toContain(hostFile());
    }
  });
});
