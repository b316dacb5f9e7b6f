// Consoles of real QEMU guests: what others have of them, and what is set so that nobody gets in.
import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VmId } from '../../src/lib/model/ids.ts';
import { effectsOf, refusalOf } from './expect.ts';
import { Ground } from './ground.ts';
import { hasLibvirt, libvirtSubject } from './libvirt-subject.ts';
import type { LibvirtSubject } from './libvirt-subject.ts';

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
});
