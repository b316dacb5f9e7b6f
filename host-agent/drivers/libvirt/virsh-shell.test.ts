import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { INPUT, quote, Virsh } from './virsh.ts';
import { VirshShell } from './virsh-shell.ts';

const dir = mkdtempSync(join(tmpdir(), 'smps-virsh-shell-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

// Like virsh with readline at a pipe: prompts, echoes what it reads, and goes on after an error. `begun` has a line for each
// process: `shell` or `once`, and one for each that hangs.
const begun = join(dir, 'begun');
const program = join(dir, 'virsh');
writeFileSync(
  program,
  `#!/bin/sh
shift 7
obey() {
  printf '%s\\n' "$1" | tr ';' '\\n' | while read -r word rest; do
    case $word in
      echo) printf %s "$rest" | tr -d '"' ;;
      good) echo "answer $rest" ;;
      bad) echo 'error: bad' >&2 ;;
      pid) echo $$ ;;
      repeat) echo "$1" ;;
      wait) sleep 0.2; echo waited ;;
      hang) echo hanging >>'${begun}'; exec sleep 30 ;;
      die) [ "$shell" ] && kill -9 $$; echo alive ;;
      away) [ "$shell" ] && echo 'error: Disconnected from test:///' >&2 ;;
      lose) (exec >/dev/null; until [ -e '${dir}/lost' ]; do sleep 0.02; done; echo 'error: Disconnected' >&2) & echo soon ;;
      odd) [ "$shell" ] && printf '%s' "$1" | tr -d '"'; echo even ;;
      flood) head -c 100000 /dev/zero | tr '\\0' x ;;
    esac
  done
}
if [ $# -gt 0 ]; then echo once >>'${begun}'; obey "$1"; exit; fi
echo shell >>'${begun}'
shell=yes
printf 'virsh # '
while IFS= read -r line; do printf '%s\\n' "$line"; obey "$line"; printf 'virsh # '; done
`
);
chmodSync(program, 0o755);

const processes = (kind: 'shell' | 'once' | 'hanging'): number =>
  existsSync(begun)
    ? readFileSync(begun, 'utf8')
        .split('\n')
        .filter((line) => line === kind).length
    : 0;
const gone = (pid: number): Promise<void> =>
  vi.waitFor(() => {
    expect(() => process.kill(pid, 0)).toThrow();
  });

// Each test begins processes, which a busy machine takes its time for.
describe('reading through shells', { timeout: 30_000 }, () => {
  let virsh: Virsh;
  beforeEach(async () => {
    virsh = new Virsh('test:///', program);
    await virsh.read(['good']);
    rmSync(begun);
  });
  afterEach(() => {
    virsh.close();
    vi.useRealTimers();
  });
  const pid = async (): Promise<number> => Number(await virsh.read(['pid']));

  it('begins no shell before a process of its own got through', async () => {
    const other = new Virsh('test:///', program);
    await other.read(['pid']);
    expect([processes('once'), processes('shell')]).toEqual([1, 0]);
    await other.read(['pid']);
    expect([processes('once'), processes('shell')]).toEqual([1, 1]);
    other.close();
  });

  it('asks the same shell again and again, and gives each command its own answer', async () => {
    const first = await pid();
    expect(await virsh.read(['good 1', 'bad 2', 'good 3'])).toEqual(['answer 1\n', '', 'answer 3\n']);
    expect(await pid()).toBe(first);
    expect([processes('once'), processes('shell')]).toEqual([0, 1]);
  });

  it('is not misled by what it says itself being said again', async () => {
    const [answer = '', next] = await virsh.read(['repeat', 'good']);
    expect(answer).toMatch(/^echo @"".*; ?repeat; ?echo @"".*\n$/);
    expect(next).toBe('answer \n');
  });

  it('begins another shell while one is busy, and never more than four', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => virsh.read(['wait', 'pid'])));
    expect(answers.map(([waited]) => waited)).toEqual(Array<string>(10).fill('waited\n'));
    expect(new Set(answers.map(([, each]) => each)).size).toBe(4);
    expect(processes('shell')).toBe(4);
  });

  it('makes a change and reads after it in one go, and says why a change failed', async () => {
    expect(await virsh.changeAndRead(['good', 'a b'], ['good 2', 'good 3'])).toEqual(['answer 2\n', 'answer 3\n']);
    const failed = virsh.changeAndRead(['bad', '1'], ['good 2']);
    await expect(failed).rejects.toMatchObject({ name: 'VirshError', operation: 'bad', message: 'bad' });
    expect([processes('once'), processes('shell')]).toEqual([0, 1]);
  });

  it('hands the input of a change over in a file', async () => {
    const [line = ''] = await virsh.changeAndRead(['good', INPUT], ['repeat'], '<disk/>');
    const file = /good (\S+)/.exec(line)?.[1] ?? '';
    expect(isAbsolute(file)).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  it('makes no change twice: when the shell dies of it, nobody can tell', async () => {
    await expect(virsh.changeAndRead(['die'], ['good'])).rejects.toMatchObject({ code: 'interrupted' });
    expect([processes('once'), processes('shell')]).toEqual([0, 1]);
  });

  it('makes a change by a process of its own while there is no shell', async () => {
    const other = new Virsh('test:///', program);
    expect(await other.changeAndRead(['good', '1'], ['good 2'])).toEqual(['answer 2\n']);
    expect([processes('once'), processes('shell')]).toEqual([1, 1]);
    other.close();
  });

  it('kills a shell that answers too late, and asks another one the next time', async () => {
    const first = await pid();
    await expect(virsh.read(['hang'], 100)).rejects.toMatchObject({ code: 'timeout', detail: { what: 'virsh hang' } });
    await gone(first);
    expect(await pid()).not.toBe(first);
  });

  it('asks a process of its own when the shell dies', async () => {
    expect(await virsh.read(['good', 'die'])).toEqual(['answer \n', 'alive\n']);
    expect([processes('once'), processes('shell')]).toEqual([1, 1]);
  });

  it('takes a lost connection for a daemon that is away, and drops every shell', async () => {
    const first = await pid();
    await expect(virsh.read(['good', 'away'])).rejects.toMatchObject({ code: 'hypervisor-down' });
    await gone(first);
    await virsh.read(['good']);
    expect([processes('once'), processes('shell')]).toEqual([1, 1]);
  });

  it('drops an idle shell that loses its connection', async () => {
    const first = await pid();
    await virsh.read(['lose']);
    writeFileSync(join(dir, 'lost'), '');
    await gone(first);
    expect(await pid()).not.toBe(first);
  });

  it('does not trust an answer of too many parts, and after three of them no shell', async () => {
    for (let time = 0; time < 5; time++) expect(await virsh.read(['odd'])).toEqual(['even\n']);
    expect([processes('once'), processes('shell')]).toEqual([5, 3]);
  });

  it.each([
    ['a tab, at which it would complete', 'good\tx'],
    ['what is not ASCII', 'good ü'],
    ['more than is cheap', `good ${'x'.repeat(20_000)}`]
  ])('says to a process of its own %s', async (_, command) => {
    expect(await virsh.read([command])).toEqual([`${command.replace(/^good\s/, 'answer ')}\n`]);
    expect(processes('shell')).toBe(0);
  });

  it('ends those that are too many after some seconds, and the last one after a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    const pids = (await Promise.all([virsh.read(['wait', 'pid']), virsh.read(['wait', 'pid'])])).map(([, each]) =>
      Number(each)
    );
    const last = await pid();
    const [surplus = 0] = pids.filter((each) => each !== last);
    vi.advanceTimersByTime(10_000);
    await gone(surplus);
    expect(await pid()).toBe(last);
    vi.advanceTimersByTime(65_000);
    await gone(last);
  });

  it('leaves nothing behind when it is closed, not even of what is asked later', async () => {
    const [first, busy] = [await pid(), virsh.read(['hang'])];
    // What it has begun keeps its pipes open when it is gone.
    await vi.waitFor(() => expect(processes('hanging')).toBe(1));
    virsh.close();
    await expect(busy).rejects.toThrow('closed');
    await gone(first);
    await virsh.read(['good']);
    expect(processes('shell')).toBe(1);
  });
});

it('ends a shell that floods', async () => {
  const shell = new VirshShell(spawn(program, ['1', '2', '3', '4', '5', '6', '7']), 50_000);
  expect(await shell.ask('flood', 10_000)).toMatchObject({ end: 'ended' });
  expect(shell.ended).toBe(true);
});

it('is told that a shell cannot be started', async () => {
  const shell = new VirshShell(spawn(join(dir, 'none')));
  expect(await shell.ask('good', 10_000)).toEqual({ stdout: '', stderr: '', end: 'ended' });
});

describe.skipIf(spawnSync('virsh', ['--version']).status !== 0)('the real virsh', { timeout: 30_000 }, () => {
  // libvirt's test driver, which has no connection to be kept alive.
  const program = join(dir, 'real');
  writeFileSync(program, '#!/bin/sh\nshift 5\nexec virsh -q "$@"\n', { mode: 0o755 });
  const virsh = new Virsh('test:///default', program);
  afterAll(() => {
    virsh.close();
  });

  it('answers through shells as in processes of its own, errors and all', async () => {
    const commands = ['domname 1', 'dumpxml nobody', 'list --all --name', 'echo "a; b" \\"c\\"'];
    const once = await virsh.read(commands);
    expect(once).toEqual(['test\n', '', 'test\n', 'a; b "c"']);
    for (let time = 0; time < 3; time++) expect(await virsh.read(commands)).toEqual(once);
    await expect(virsh.read(['domname 1', 'nonsense'])).rejects.toThrow("unknown command: 'nonsense'");
    expect(await virsh.read(commands)).toEqual(once);
  });

  it('takes any word that was quoted as it is', async () => {
    const echoed = async (words: readonly string[]): Promise<void> => {
      expect(await virsh.read(words.map((word) => `echo ${quote(word)}`))).toEqual(words);
    };
    const words = (unit: 'grapheme-ascii' | 'binary'): fc.Arbitrary<string[]> =>
      fc.array(
        fc.string({ unit }).map((word) => word.replaceAll('\0', '')),
        { minLength: 1, maxLength: 40 }
      );
    await fc.assert(fc.asyncProperty(words('grapheme-ascii'), echoed), { numRuns: 20 });
    await fc.assert(fc.asyncProperty(words('binary'), echoed), { numRuns: 3 });
  });
});
