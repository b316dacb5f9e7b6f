// Conformance: looking into a guest through an agent, by its screen and its serial line.
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import type { ConsoleKind, Role } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import type { Reply } from '../../src/lib/protocol/schema.ts';
import { AgentLab } from '../support/agent-lab.ts';
import type { MemoryLink } from '../support/agent-lab.ts';
import { ConsoleEnd, greetScreen } from '../support/console-end.ts';
import { effectsOf } from './expect.ts';
import type { Ground } from './ground.ts';

const CTRL_C = '\u0003';
/** Behind every prompt of these guests. */
const PROMPT = '# ';
const KERNEL = /\n(Linux|Simulated)[^\n]*\n/;

/** @param at the host it runs on */
export function consoles(at: Ground): void {
  describe('consoles', () => {
    let id: VmId;
    let lab: AgentLab<Driver>;
    const links: MemoryLink[] = [];
    let channel = 0;

    const as = async (role: Role): Promise<MemoryLink> => {
      const link = await lab.as(role);
      links.push(link);
      return link;
    };
    const ask = (link: MemoryLink, kind: ConsoleKind, takeOver = false): Promise<Reply> =>
      link.run('console.open', { vm: id, kind, channel: ++channel, takeOver, purpose: null });
    const opened = async (link: MemoryLink, kind: ConsoleKind, takeOver = false): Promise<ConsoleEnd> => {
      expect(await ask(link, kind, takeOver)).toMatchObject({ status: 'done', fault: null });
      return new ConsoleEnd(link.bytes(channel).client);
    };
    /** The serial line with a prompt on it. */
    const prompt = async (link: MemoryLink, takeOver = false): Promise<ConsoleEnd> => {
      const end = await opened(link, 'serial', takeOver);
      await end.type(`${CTRL_C}\r`);
      await end.until(PROMPT);
      return end;
    };

    beforeAll(async () => {
      id = await at.made('looked-into', { start: true });
      await at.reporting(id);
      lab = await AgentLab.over(at.driver);
    }, 180_000);
    afterAll(async () => {
      await at.end(id);
      await lab.close();
    });

    it('are told of: a serial line, and a screen where guests have one', async () => {
      expect((await at.driver.get(id))?.consoles).toEqual([...(at.subject.screen ? ['screen'] : []), 'serial']);
    });

    it('of a serial line answer what is typed', async () => {
      const end = await prompt(await as('operator'));
      await end.type('uname\r');
      expect(await end.until(KERNEL)).toContain('uname');
      end.channel.close();
    });

    it('of one serial line are one at a time, and whoever may can take it over', async () => {
      const first = await prompt(await as('operator'));
      const other = await as('operator');
      expect(await ask(other, 'serial')).toMatchObject({ status: 'refused', fault: { code: 'busy' } });
      const second = await prompt(other, true);
      expect(await first.closed).toMatchObject({ code: 'busy' });
      await second.type('uname\r');
      await second.until(KERNEL);
      second.channel.close();
    });

    it('of a viewer show what happens, and type nothing', async () => {
      const viewer = await as('viewer');
      const reply = await ask(viewer, 'serial');
      expect(reply.console?.readOnly).toBe(true);
      const looking = new ConsoleEnd(viewer.bytes(channel).client);
      await looking.type('viewer-was-here\r');
      // It has been read, and dropped, once the channel is closed behind it.
      looking.channel.close();
      const end = await prompt(await as('operator'), true);
      await end.type('uname\r');
      expect(await end.until(KERNEL)).not.toContain('viewer-was-here');
      end.channel.close();
    });

    it('of a screen greet, and send a picture that is not empty, to several at once', async () => {
      if (!at.subject.screen) {
        const reply = await ask(await as('operator'), 'screen');
        expect(reply).toMatchObject({ status: 'refused', fault: { code: 'unsupported' } });
        return;
      }
      for (const role of ['operator', 'viewer'] as const) {
        const end = await opened(await as(role), 'screen');
        const { width, height } = await greetScreen(end);
        expect(width * height).toBeGreaterThan(10_000);
        const request = Buffer.alloc(10);
        request.writeUInt8(3, 0);
        request.writeUInt16BE(width, 6);
        request.writeUInt16BE(height, 8);
        // A key before it: an operator's is typed, a viewer's is dropped, and neither is in the way.
        await end.channel.write(Buffer.concat([Buffer.from([4, 1, 0, 0, 0, 0, 0, 32]), request]));
        const head = await end.take(16);
        expect(head[0]).toBe(0);
        expect(head.readInt32BE(12)).toBe(0);
        const pixels = await end.take(head.readUInt16BE(8) * head.readUInt16BE(10) * 4);
        expect(pixels.some((byte) => byte !== 0)).toBe(true);
      }
    });

    it('take what is pasted whole', async () => {
      const end = await prompt(await as('operator'));
      const pasted = randomBytes(at.subject.pasted).map((byte) => 0x20 | (byte & 0x5f));
      const [before, after] = at.subject.sum(pasted.length);
      await end.type(before);
      if (at.subject.readInGuest !== null) await end.until('\nready');
      await end.channel.write(pasted);
      await end.type(after);
      await end.until(createHash('sha256').update(pasted).digest('hex'));
      end.channel.close();
    }, 180_000);

    it('that nobody reads stand still, and nothing else does', async () => {
      const link = await as('operator');
      expect((await ask(link, 'serial')).status).toBe('done');
      const { client } = link.bytes(channel);
      await client.write(Buffer.from('yes\r'));
      const screen = at.subject.screen ? await opened(link, 'screen') : null;
      if (screen !== null) await greetScreen(screen);
      await link.run('operator.list', {});
      // Read at last, it goes on where it stood, past all that was on its way.
      const end = new ConsoleEnd(client);
      await end.take(at.subject.printed);
      await end.type(CTRL_C);
      await end.until(PROMPT);
      screen?.channel.close();
      end.channel.close();
    }, 180_000);

    it('end with the VM, and there are none of one that is off', async () => {
      const link = await as('operator');
      const kinds = at.subject.screen ? (['screen', 'serial'] as const) : (['serial'] as const);
      const ends: ConsoleEnd[] = [];
      for (const kind of kinds) ends.push(await opened(link, kind, kind === 'serial'));
      await effectsOf(at.driver.power(id, 'power-off'));
      expect(await Promise.all(ends.map((end) => end.closed))).toEqual(kinds.map(() => null));
      expect(await ask(link, kinds[0])).toMatchObject({ status: 'refused', fault: { code: 'wrong-state' } });
    });
  });
}
