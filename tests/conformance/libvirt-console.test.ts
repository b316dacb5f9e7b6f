// Consoles of real QEMU guests: what others have of them, and what is set so that nobody gets in.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../src/lib/model/fault.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import type { ConsoleChannel } from '../../src/lib/session/console.ts';
import { Typist } from '../../src/lib/ui/console/typist.ts';
import { AgentLab } from '../support/agent-lab.ts';
import { ConsoleEnd } from '../support/console-end.ts';
import { effectsOf, refusalOf } from './expect.ts';
import { Ground } from './ground.ts';
import { hasLibvirt, libvirtSubject } from './libvirt-subject.ts';
import type { LibvirtSubject } from './libvirt-subject.ts';

/** Bytes. */
const OFFERED = 10 * 2 ** 20;
/** More than all that is on the way can hold. */
const STOPPED_AT = 600_000;

describe.skipIf(!hasLibvirt)('consoles of QEMU through libvirt', () => {
  const at = new Ground();
  let subject: LibvirtSubject;
  let id: VmId;
  let scratch: string;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'smps-console-'));
    subject = await libvirtSubject(73);
    at.stand(subject);
    id = await at.made('guarded');
    // Somebody has set a password on its screen.
    const xml = await subject.virsh('dumpxml', '--inactive', id);
    const file = join(scratch, 'guarded.xml');
    await writeFile(file, xml.replace("<graphics type='vnc'", "<graphics type='vnc' passwd='secret'"));
    await subject.virsh('define', file);
    await effectsOf(subject.driver.power(id, 'start'));
  }, 300_000);
  afterAll(async () => {
    await at.leave();
    await rm(scratch, { recursive: true });
  });

  it('are refused where a password is set on the screen, with the reason', async () => {
    expect(await refusalOf(subject.driver.console(id, 'screen'))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('the screen of guarded: it asks for a password or for TLS') as string
    });
  });

  it('are refused while another program reads the serial line, and name it', async () => {
    const pty = (await subject.virsh('ttyconsole', id)).trim();
    const line = openSync(pty, 'r+');
    const other = spawn('sleep', ['600'], { stdio: [line, 'ignore', 'ignore'] });
    closeSync(line);
    const gone = new Promise((resolve) => other.once('exit', resolve));
    try {
      expect(await refusalOf(subject.driver.console(id, 'serial'))).toEqual({
        code: 'busy',
        message: `the serial line of guarded is busy with process ${other.pid} (sleep)`
      });
    } finally {
      other.kill();
      await gone;
    }
    const opened = await subject.driver.console(id, 'serial');
    if (opened.status !== 'done') throw opened.fault;
    opened.value.destroy();
  });

  // All of it would take minutes: an emulated UART interrupts the guest for every few bytes, 40 to 100 kB/s in all. So it is stopped.
  it('stopped in a paste of ten megabytes have brought the guest all that was sent, to the byte', async () => {
    await at.reporting(id);
    const lab = await AgentLab.over(subject.driver);
    const link = await lab.as('operator');
    try {
      const reply = await link.run('console.open', {
        vm: id,
        kind: 'serial',
        channel: 1,
        takeOver: false,
        purpose: null
      });
      expect(reply).toMatchObject({ status: 'done', fault: null });
      const end = new ConsoleEnd(link.bytes(1).client);
      await end.type('\u0003\r');
      await end.until('# ');
      await end.type('stty raw -echo; echo ready; head -n 1 | sha256sum; stty sane\r');
      await end.until('\nready');
      const sent = createHash('sha256');
      const channel: ConsoleChannel = {
        readOnly: false,
        attach: () => undefined,
        close: () => undefined,
        write: (data) => {
          sent.update(data);
          return end.channel.write(data);
        }
      };
      const text = randomBytes(OFFERED).map((byte) => 0x20 | (byte & 0x5f));
      const stopped = new Fault('cancelled', { by: 'the test', left: '' });
      const abort = new AbortController();
      const onprogress = (done: number): void => {
        if (done >= STOPPED_AT) abort.abort(stopped);
      };
      await expect(new Typist(channel).paste(text, { signal: abort.signal, onprogress })).rejects.toBe(stopped);
      // Behind the last of it, as a key would be.
      await end.type('\n');
      await end.until(sent.update('\n').digest('hex'));
      end.channel.close();
    } finally {
      await lab.close();
    }
  }, 300_000);
});
