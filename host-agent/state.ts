// The agent's state directory: who this host is, its two keys, its operators, codes and journal. All files are 0600 in a
// directory of 0700; nothing in it is ever sent anywhere but the two public keys.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Fault } from '../src/lib/model/fault.ts';
import { HOST_ID, NAME, hostId } from '../src/lib/model/ids.ts';
import type { HostId } from '../src/lib/model/ids.ts';
import type { KeyPair, CryptoProvider } from '../src/lib/seal/provider.ts';
import { createCertificate, pinOf } from './certificate.ts';
import { DRIVERS, parseDriver } from './driver-config.ts';
import type { DriverKind } from './driver-config.ts';
import { writeDurably } from './files/durable.ts';
import { Fields } from './files/fields.ts';
import { lock } from './files/lock.ts';
import type { Release } from './files/lock.ts';

/** `kind`, and that driver's own configuration as it stands in the file; see `parseDriver`. */
export type DriverChoice = {
  readonly kind: DriverKind;
  readonly config: Readonly<Record<string, unknown>>;
};

/** agent.json. */
export type AgentConfig = {
  readonly id: HostId;
  /** For people. */
  readonly name: string;
  readonly site: string;
  /** Where gateways reach it: `127.0.0.1`, `::`. */
  readonly address: string;
  /** 0: any free port, another at every start. */
  readonly port: number;
  /** Under which other hosts reach it, a name or an address; null: under `address`. */
  readonly advertise?: string | null;
  readonly driver: DriverChoice;
};

export type State = {
  readonly directory: string;
  readonly config: AgentConfig;
  readonly tls: { readonly key: string; readonly cert: string };
  /** Of the TLS certificate, for the gateway's host table. */
  readonly pin: string;
  /** The host's sealing key, private part included. */
  readonly jwk: webcrypto.JsonWebKey;
};

export const files = (directory: string) =>
  ({
    config: join(directory, 'agent.json'),
    key: join(directory, 'host-key.json'),
    tlsKey: join(directory, 'tls-key.pem'),
    tlsCert: join(directory, 'tls-cert.pem'),
    operators: join(directory, 'operators.json'),
    codes: join(directory, 'codes'),
    journal: join(directory, 'journal.jsonl'),
    arrivals: join(directory, 'arrivals'),
    departures: join(directory, 'departures'),
    maintenance: join(directory, 'maintenance.json'),
    simulated: join(directory, 'simulated.json'),
    loads: join(directory, 'load-history'),
    /** The libvirt driver's: what the accelerator's probe found. */
    probe: join(directory, 'probe.json'),
    lock: join(directory, 'agent.lock')
  }) as const;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false
  );

/** True once `initState` has finished there. */
export const isInitialised = (directory: string): Promise<boolean> => exists(files(directory).config);

/**
 * Makes a state directory with fresh keys. agent.json is written last: without it the directory counts as empty.
 * @throws Fault `usage` when there is one already, `bad-argument` for a configuration that could not be read back
 */
export async function initState(directory: string, config: AgentConfig): Promise<State> {
  const at = files(resolve(directory));
  if (await exists(at.config)) {
    throw new Fault('usage', { reason: `${directory} is already the state directory of an agent` });
  }
  const { driver, ...rest } = config;
  const content = { version: 1, ...rest, driver: { kind: driver.kind, ...driver.config } };
  const text = `${JSON.stringify(content, null, 2)}\n`;
  try {
    parseConfig(at.config, text);
  } catch (cause) {
    const reason = cause instanceof Fault && cause.code === 'corrupt-state' ? cause.message : 'cannot be read back';
    throw new Fault('bad-argument', { name: 'the configuration of host', value: config.id, reason }, { cause });
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const release = await lock(at.lock, `an agent in ${directory}`);
  try {
    // What an interrupted attempt left behind belongs to no host.
    for (const path of [
      at.operators,
      at.codes,
      at.journal,
      at.simulated,
      at.probe,
      at.loads,
      at.arrivals,
      at.departures,
      at.maintenance
    ])
      await rm(path, { recursive: true, force: true });
    await mkdir(at.codes, { mode: 0o700 });
    const { key, cert } = await createCertificate();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeDurably(at.tlsKey, key);
    await writeDurably(at.tlsCert, cert);
    await writeDurably(at.key, `${JSON.stringify(privateKey.export({ format: 'jwk' }))}\n`);
    await writeDurably(at.operators, `${JSON.stringify({ version: 1, operators: [] })}\n`);
    await writeDurably(at.config, text);
  } finally {
    await release();
  }
  return readState(directory);
}

/**
 * Reads what `initState` made.
 * @throws Fault `usage` when there is none, `corrupt-state` naming the file
 */
export async function readState(directory: string): Promise<State> {
  const at = files(resolve(directory));
  const config = await readConfig(directory);
  const [jwk, key, cert] = [await read(at.key), await read(at.tlsKey), await read(at.tlsCert)];
  let pin: string;
  try {
    pin = pinOf(cert);
  } catch (cause) {
    throw new Fault('corrupt-state', { file: at.tlsCert, reason: 'it is no certificate' }, { cause });
  }
  return { directory: resolve(directory), config, tls: { key, cert }, pin, jwk: parseJwk(at.key, jwk) };
}

/** agent.json alone. @throws as `readState` */
export async function readConfig(directory: string): Promise<AgentConfig> {
  const { config } = files(resolve(directory));
  if (!(await exists(config))) {
    throw new Fault('usage', { reason: `${directory} is no state directory of an agent: make one with \`init\`` });
  }
  return parseConfig(config, await read(config));
}

/** Holds the directory for one agent. @throws Fault `already-running` */
export const lockState = (directory: string): Promise<Release> =>
  lock(files(resolve(directory)).lock, `an agent with the state directory ${directory}`);

/** The host's sealing key, not extractable from here on. @throws Fault `corrupt-state` */
export async function hostKey(state: State, provider: CryptoProvider): Promise<KeyPair> {
  try {
    return await provider.importKeyPair(state.jwk, false);
  } catch (cause) {
    const file = files(state.directory).key;
    throw new Fault('corrupt-state', { file, reason: 'it is no P-256 private key' }, { cause });
  }
}

function parseConfig(file: string, content: string): AgentConfig {
  const fields = Fields.parse(file, content);
  fields.whole('version', 1, 1);
  const driver = fields.object('driver');
  const kind = driver.choice('kind', DRIVERS);
  const choice: DriverChoice = { kind, config: driver.rest() };
  parseDriver(kind, Fields.of(`${file} (driver)`, choice.config));
  const config: AgentConfig = {
    id: hostId(fields.text('id', HOST_ID)),
    name: fields.text('name', NAME),
    site: fields.text('site', NAME),
    address: fields.text('address', /^[0-9A-Za-z.:%-]{1,255}$/),
    port: fields.whole('port', 0, 65_535),
    advertise: fields.maybe('advertise', () => fields.text('advertise', /^[0-9A-Za-z.:%-]{1,255}$/)),
    driver: choice
  };
  fields.end();
  return config;
}

function parseJwk(file: string, content: string): webcrypto.JsonWebKey {
  const fields = Fields.parse(file, content);
  const B64 = /^[A-Za-z0-9_-]{43}$/;
  const jwk = { kty: fields.choice('kty', ['EC']), crv: fields.choice('crv', ['P-256']) };
  const key = { ...jwk, x: fields.text('x', B64), y: fields.text('y', B64), d: fields.text('d', B64) };
  try {
    // Reveals a public part that does not lie on the curve.
    createPublicKey({ key: { ...jwk, x: key.x, y: key.y }, format: 'jwk' });
  } catch (cause) {
    throw new Fault('corrupt-state', { file, reason: 'it is no P-256 key' }, { cause });
  }
  return key;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new Fault('corrupt-state', { file: path, reason }, { cause });
  }
}
