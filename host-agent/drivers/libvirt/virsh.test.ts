import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { INPUT, quote, Virsh } from './virsh.ts';

// A virsh made of shell, so that its failures can be had at will.
const dir = mkdtempSync(join(tmpdir(), 'smps-virsh-test-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
function virsh(script: string): Virsh {
  const file = join(dir, `virsh-${Math.random().toString(36).slice(2)}`);
  writeFileSync(file, `#!/bin/sh\nshift 7\n${script}\n`);
  chmodSync(file, 0o755);
  return new Virsh('test:///', file);
}

describe('virsh', () => {
  it('gives each reading command its own answer, also when one of them fails', async () => {
    // The real one prints a mark for each `echo`, then what the command printed.
    const reader = virsh(
      `printf '%s\\n' "$1" | tr ';' '\\n' | while read -r word rest; do case $word in echo) printf %s "$rest" | tr -d '"' ;; good) echo "answer $rest" ;; esac; done; echo 'error: bad' >&2; exit 1`
    );
    expect(await reader.read(['good 1', 'bad 2', 'good 3'])).toEqual(['answer 1\n', '', 'answer 3\n']);
  });

  it('says in the hypervisor’s own words why a change failed', async () => {
    const failing = virsh(
      `echo "error: Failed to start domain 'a'" >&2; echo 'error: internal error: no room' >&2; exit 1`
    );
    await expect(failing.change(['start', 'a'])).rejects.toMatchObject({
      operation: 'start',
      message: 'internal error: no room'
    });
  });

  it.each([
    `error: failed to connect to the hypervisor`,
    `error: Disconnected from qemu:///session due to end of file`,
    `error: internal error: client socket is closed`
  ])('takes “%s” for a daemon that is away', async (words) => {
    await expect(virsh(`echo '${words}' >&2; exit 1`).change(['list'])).rejects.toMatchObject({
      code: 'hypervisor-down'
    });
  });

  it('says that it is not installed', async () => {
    await expect(new Virsh('test:///', join(dir, 'none')).change(['list'])).rejects.toMatchObject({
      code: 'hypervisor-down'
    });
  });

  it('is killed when it takes too long', async () => {
    await expect(virsh('exec sleep 30').change(['list'], { timeout: 100 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('hands its input over in a file that is gone afterwards', async () => {
    const [path, text] = (await virsh('echo "$2"; cat "$2"').change(['define', INPUT], { input: '<domain/>' })).split(
      '\n'
    );
    expect(text).toBe('<domain/>');
    await expect(virsh('cat "$1"').change([path ?? ''])).rejects.toThrow(/No such file/);
  });

  it('never runs more than four at once', async () => {
    const log = join(dir, 'log');
    writeFileSync(log, '');
    const slow = virsh(`echo + >>${log}; sleep 0.1; echo - >>${log}; cat ${log}`);
    const logs = await Promise.all(Array.from({ length: 10 }, () => slow.change(['list'])));
    const most = Math.max(
      ...logs.map((text) => text.split('\n').reduce((now, line) => now + (line === '+' ? 1 : line === '-' ? -1 : 0), 0))
    );
    expect(most).toBeLessThanOrEqual(4);
  });

  it('quotes any word for a reading command', () => {
    expect(quote(`a "b" \\ 'c'; d`)).toBe(`"a \\"b\\" \\\\ 'c'; d"`);
  });
});
