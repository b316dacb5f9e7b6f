// A stand-in for virsh that does what libvirt's client does at the end of a migration: asks the target to let the VM run, and
// without an answer concludes that it does not.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Mover } from './mover.ts';

const FINISH = 306;
/** @param type 0: a call, 1: a reply @param last of a call: whether it is given up */
function message(type: number, last: number): Buffer {
  const bytes = Buffer.alloc(32);
  for (const [at, word] of [32, 0x20008086, 1, FINISH, type, 7, 0, last].entries()) bytes.writeUInt32BE(word, 4 * at);
  return bytes;
}

const VIRSH = `#!${process.execPath}
const { connect } = require('node:net');
const { writeFileSync } = require('node:fs');
const [socket, said, call] = process.argv.slice(-3);
const target = connect(socket, () => target.write(Buffer.from(call, 'hex')));
target.once('data', () => { writeFileSync(said, 'it runs there'); process.exit(0); });
target.once('close', () => { writeFileSync(said, 'it goes on here'); process.exit(1); });
`;

let directory: string;
let server: Server;
let mover: Mover;
let far: Duplex;
let arrived: PromiseWithResolvers<Buffer>;
const said = (): Promise<string> => readFile(join(directory, 'said'), 'utf8').catch(() => '');

async function begin(call: Buffer, unanswered = (): void => undefined): Promise<void> {
  const [near, other] = duplexPair();
  far = other;
  far.on('error', () => undefined).once('data', arrived.resolve);
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const words = [join(directory, 'socket'), join(directory, 'said'), call.toString('hex')];
  mover = new Mover('qemu:///session', join(directory, 'virsh'), words, { unanswered, patience: 20 });
  mover.connect(await connected, near);
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'smps-mover-'));
  await writeFile(join(directory, 'virsh'), VIRSH);
  await chmod(join(directory, 'virsh'), 0o755);
  server = createServer().listen(join(directory, 'socket'));
  arrived = Promise.withResolvers();
});
afterEach(async () => {
  mover.close();
  server.close();
  await rm(directory, { recursive: true });
});

test('with the target’s word it goes on', async () => {
  await begin(message(0, 0));
  expect(await arrived.promise).toEqual(message(0, 0));
  far.write(message(1, 0));
  expect(await mover.ended).toBeNull();
  expect(await said()).toBe('it runs there');
});

test('without the target’s word it never gets to conclude that the VM goes on here', async () => {
  await begin(message(0, 0));
  await arrived.promise;
  far.destroy();
  expect(await mover.ended).not.toBeNull();
  expect(await said()).toBe('');
});

test('a target that is silent is told of, and believed when it speaks', async () => {
  const silence = Promise.withResolvers<undefined>();
  await begin(message(0, 0), () => silence.resolve(undefined));
  await silence.promise;
  expect([mover.deciding, mover.unanswered]).toEqual([true, true]);
  far.write(message(1, 0));
  expect(await mover.ended).toBeNull();
  expect([mover.deciding, mover.unanswered]).toEqual([false, false]);
  expect(await said()).toBe('it runs there');
});

test('one that is ended while the target is silent never concludes anything', async () => {
  const silence = Promise.withResolvers<undefined>();
  await begin(message(0, 0), () => silence.resolve(undefined));
  await silence.promise;
  mover.close();
  expect(await mover.ended).not.toBeNull();
  expect(await said()).toBe('');
});

test('what is given up may be concluded without the target', async () => {
  await begin(message(0, 1));
  await arrived.promise;
  far.destroy();
  expect(await mover.ended).toMatchObject({ code: 'hypervisor' });
  expect(await said()).toBe('it goes on here');
});
