// What the seal and the gateway cost: the round trip of a 1 KiB command through gateway and agent, against the same path
// without cryptography and against a plain HTTPS POST to the agent. Same command, same decoding, same reply on all three.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEAN } from '../../bin/lean.mjs';
import type { Segment, Xml } from '../../src/lib/model/stages.ts';
import { decodeReply } from '../../src/lib/protocol/codec.ts';
import { decodeBase64url } from '../../src/lib/seal/base64url.ts';
import { initiate, respond } from '../../src/lib/seal/handshake.ts';
import { nativeProvider } from '../../src/lib/seal/native.ts';
import type { CryptoProvider } from '../../src/lib/seal/provider.ts';
import { openLink } from '../../src/lib/session/link.ts';
import { webSocketTransport } from '../../src/lib/session/websocket.ts';
import { command, HOST } from './link-messages.ts';
import { nullProvider } from './null-provider.ts';
import { program } from './program.ts';
import { rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';

const WARM_UP = 500;
const BLOCK = 500;
/** The paths take turns, so that all see the same machine. */
const BLOCKS = 8;

/** One round trip; resolves with the decoded reply's arrival. */
type Path = { readonly name: string; once(serial: number): Promise<void>; close(): Promise<void> };

export async function link(): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), 'smps-bench-'));
  const paths: Path[] = [];
  try {
    paths.push(await throughGateway('sealed, through the gateway', dir, 'sealed', nativeProvider()));
    paths.push(await throughGateway('the same path unsealed', dir, 'none', nullProvider()));
    paths.push(await httpsPost('plain HTTPS POST to the agent', dir));
    const times = paths.map((): number[] => []);
    let serial = 0;
    for (const path of paths) for (let i = 0; i < WARM_UP; i++) await path.once(serial++);
    for (let block = 0; block < BLOCKS; block++) {
      for (const [index, path] of paths.entries()) {
        for (let i = 0; i < BLOCK; i++) {
          const began = performance.now();
          await path.once(serial++);
          times[index]?.push(performance.now() - began);
        }
      }
    }
    const [sealed, unsealed, post] = paths.map(({ name }, index) => series(name, 'ms', times[index] ?? []));
    if (sealed === undefined || unsealed === undefined || post === undefined) throw new Error('three paths');
    return {
      figures: [sealed, unsealed, post, await ownCost()],
      verdicts: [
        verdict('sealed / unsealed, p50', sealed.p50 / unsealed.p50, 'x', { atMost: 2 }),
        verdict('sealed / HTTPS POST, p50', sealed.p50 / post.p50, 'x', { atMost: 3 })
      ],
      notes: [
        `command ${command(0).length} bytes; difference sealed − unsealed at p50: ${rounded(sealed.p50 - unsealed.p50)} ms`
      ]
    };
  } finally {
    for (const path of paths) await path.close();
    rmSync(dir, { recursive: true });
  }
}

type Material = { readonly pin: string; readonly hostKey: string; readonly https: number };

async function agentProcess(dir: string, seal: 'sealed' | 'none') {
  const file = join(dir, `agent-${seal}.json`);
  const agent = await program([...LEAN, 'tests/bench/link-agent.ts', file, seal]);
  // Written by our own program a moment ago.
  return { agent, material: JSON.parse(readFileSync(file, 'utf8')) as Material };
}

async function throughGateway(
  name: string,
  dir: string,
  seal: 'sealed' | 'none',
  provider: CryptoProvider
): Promise<Path> {
  const { agent, material } = await agentProcess(dir, seal);
  const table = join(dir, `hosts-${seal}.json`);
  const url = `https://127.0.0.1:${agent.port}`;
  writeFileSync(table, JSON.stringify({ hosts: { [HOST]: { url, pin: material.pin } } }));
  const gateway = await program(['gateway/main.ts', '--table', table, '--port', '0']);
  const transport = webSocketTransport(`ws://127.0.0.1:${gateway.port}/v1/link`);
  let arrived: () => void = () => undefined;
  let broken: (reason: unknown) => void = () => undefined;
  const channels = await openLink(transport, {
    provider,
    identity: await provider.generateKeyPair(false),
    host: HOST,
    hostKey: decodeBase64url('key', material.hostKey),
    suites: [1],
    atLeast: 1,
    pairing: null,
    onXml: (xml) => {
      decodeReply(xml);
      arrived();
    },
    onClosed: (fault) => broken(fault)
  });
  return {
    name,
    once: (serial) =>
      new Promise((resolve, reject) => {
        [arrived, broken] = [resolve, reject];
        void channels.sendXml(command(serial));
      }),
    close: async () => {
      transport.close();
      await gateway.stop();
      await agent.stop();
    }
  };
}

/** One kept-alive connection, as any client of an HTTPS interface would have. */
async function httpsPost(name: string, dir: string): Promise<Path> {
  const { agent, material } = await agentProcess(dir, 'sealed');
  const connection = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  return {
    name,
    once: (serial) =>
      new Promise((resolve, reject) => {
        const body = command(serial);
        const options = {
          agent: connection,
          host: '127.0.0.1',
          port: material.https,
          method: 'POST',
          headers: { 'content-length': body.length }
        };
        const post = request(options, (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () => {
            decodeReply(new Uint8Array(Buffer.concat(parts)) as Xml);
            resolve();
          });
        });
        post.on('error', reject);
        post.end(body);
      }),
    close: async () => {
      connection.destroy();
      await agent.stop();
    }
  };
}

/** Seal and open of 1 KiB in one process: nearly all of it is Web Crypto's way to its threads and back. */
async function ownCost() {
  const provider = nativeProvider();
  const agent = await provider.generateKeyPair(false);
  const ends = { provider, host: HOST };
  const identity = await provider.generateKeyPair(false);
  const initiator = await initiate({ ...ends, identity, hostKey: agent.publicKey, suite: 1, pairing: null });
  const { hello } = initiator;
  const responder = await respond({
    ...ends,
    identity: agent,
    hello,
    suites: [1],
    codeFor: () => Promise.resolve(null)
  });
  const operator = await initiator.finish(responder.welcome);
  const segment = new Uint8Array(1024).fill(1) as Segment;
  const times: number[] = [];
  for (let i = 0; i < 5_000; i++) {
    const began = performance.now();
    await responder.secure.open(await operator.seal(segment));
    if (i >= WARM_UP) times.push(performance.now() - began);
  }
  return series('seal + open of 1 KiB alone', 'ms', times);
}
