import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const GROUND = join(import.meta.dirname, 'ground.mjs');

let dir = '';
let npm: ChildProcess | null = null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'smps-npm-'));
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ scripts: { start: 'node start.mjs' } }));
  writeFileSync(
    join(dir, 'start.mjs'),
    `import { run } from ${JSON.stringify(GROUND)}; process.exitCode = await run(process.execPath, ['tool.mjs'], process.env);`
  );
  writeFileSync(
    join(dir, 'tool.mjs'),
    `process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0); });
     setInterval(() => 0, 1e6); console.log('runs');`
  );
});
afterEach(() => {
  npm?.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

describe('what npm runs', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('ends when npm alone gets %s', async (signal) => {
    npm = spawn('npm', ['start', '--silent'], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
    if (npm.stdout === null) throw new Error('npm has no output');
    const said: string[] = [];
    // Ends when the last that holds the pipe has ended: npm, its shell, the set-up, the tool.
    for await (const line of createInterface({ input: npm.stdout })) {
      said.push(line);
      if (line === 'runs') npm.kill(signal);
    }
    expect(said).toEqual(['runs', 'asked to end']);
  });
});
