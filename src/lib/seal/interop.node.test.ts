// The second implementation (tests/interop/seal.py) is run again: it must still make the frozen vectors, and agree on
// inputs nobody has seen before. Where python3-cryptography is missing this is skipped, visibly.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import mlKem from '../../../tests/vectors/ml-kem-768.json' with { type: 'json' };
import { hex } from '../../../tests/vectors/hex.ts';
import { p256Pair } from '../../../tests/vectors/import-private.ts';
import { runCase, type Inputs, type Outputs, type Step } from '../../../tests/vectors/seal-cases.ts';
import { nativeProvider } from './native.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SCRIPT = join(ROOT, 'tests/interop/seal.py');
const hasCryptography = (python: string): boolean =>
  spawnSync(python, ['-c', 'import cryptography.hazmat.primitives.ciphers.aead']).status === 0;
const python = ['python3', '/usr/bin/python3'].find(hasCryptography);

function second(command: 'generate' | 'run', input: unknown): string {
  const { status, stdout, stderr } = spawnSync(python ?? '', [SCRIPT, command], {
    input: JSON.stringify(input),
    encoding: 'utf8'
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const { publicKey, ciphertext, shared } = mlKem;
const kem = { publicKey, ciphertext, shared };
const bytes = (least: number, most = least) =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((array) => hex(array));
// Below the order of P-256, which starts ffffffff00000000ffff.
const scalar = fc.tuple(bytes(16), bytes(16)).map(([high, low]) => `7f${high.slice(2)}${low}`);
const step: fc.Arbitrary<Step> = fc
  .record({ from: fc.constantFrom('operator', 'agent') })
  .chain((from) =>
    fc.oneof(
      { weight: 4, arbitrary: bytes(0, 300).map((plain): Step => ({ ...from, plain })) },
      { weight: 1, arbitrary: fc.constant<Step>({ ...from, rekey: true }) }
    )
  );
const inputs: fc.Arbitrary<Inputs> = fc
  .record({
    flow: fc.constantFrom({ kind: 'link', suite: 1 }, { kind: 'link', suite: 2, kem }, { kind: 'pair', suite: 1 }),
    host: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/),
    operatorStatic: scalar,
    operatorEphemeral: scalar,
    agentStatic: scalar,
    agentEphemeral: scalar,
    code: bytes(16),
    records: fc.array(step, { maxLength: 12 })
  })
  .map(({ flow, ...rest }) => ({ ...(flow as { kind: 'link' | 'pair'; suite: number }), ...rest }));

describe('the second implementation', () => {
  if (!python) it.skip('SKIPPED: Python with python3-cryptography is not installed');

  it.runIf(python)('still makes exactly the frozen vectors', () => {
    expect(second('generate', null)).toBe(readFileSync(join(ROOT, 'tests/vectors/seal.json'), 'utf8'));
  });

  it.runIf(python)('agrees on every byte of random handshakes and records', { timeout: 60_000 }, async () => {
    const cases = fc.sample(inputs, 60);
    const theirs = JSON.parse(second('run', cases)) as Outputs[];
    for (const [index, one] of cases.entries()) {
      expect(theirs[index]).toMatchObject(await runCase(nativeProvider(), p256Pair, one));
    }
  });
});
