import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Events, parseEvent } from './events.ts';
import { Virsh } from './virsh.ts';

const dir = mkdtempSync(join(tmpdir(), 'smps-events-test-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

describe('the events of a hypervisor', () => {
  // A daemon that comes back between the question "does it answer?" and the listener’s own connection.
  it('arrive also when the daemon did not answer at first, though the listener reached it', async () => {
    const file = join(dir, 'virsh');
    const asked = join(dir, 'asked');
    // Both listeners' first question goes unanswered; the second listener lives.
    writeFileSync(asked, '');
    writeFileSync(
      file,
      `#!/bin/sh
case " $* " in
  *" event "*) [ -e ${dir}/first ] && exec sleep 30; touch ${dir}/first; echo 'error: gone' >&2; exit 1 ;;
esac
[ "$(wc -l < ${asked})" -ge 2 ] && exit 0
echo >> ${asked}; echo 'error: failed to connect to the hypervisor' >&2; exit 1
`
    );
    chmodSync(file, 0o755);
    const events = new Events(new Virsh('test:///', file));
    const troubles: (string | null)[] = [];
    await new Promise<void>((resolve) => {
      events.listen({
        event: () => undefined,
        trouble(reason) {
          troubles.push(reason);
          if (reason === null) resolve();
        }
      });
    });
    expect(troubles).toEqual(['gone', null]);
    events.close();
  });

  it('are read from one line each; what is no event is nothing', () => {
    const line = "2026-01-02 03:04:05.678+0000: event 'lifecycle' for domain 'a b': Shutdown Finished";
    expect(parseEvent(line)).toEqual({ kind: 'lifecycle', domain: 'a b', detail: 'Shutdown Finished' });
    expect(parseEvent('    nodename: x')).toBeNull();
  });
});
