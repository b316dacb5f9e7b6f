// Reading the journal once, at the start: every line must be whole, count on, and hold the hash of the one before.
import type { FileHandle } from 'node:fs/promises';
import { Fault } from '../../src/lib/model/fault.ts';
import type { JournalHead } from '../../src/lib/model/fleet.ts';
import { CommandIndex } from './command-index.ts';
import type { CommandId, HostId } from '../../src/lib/model/ids.ts';
import { GENESIS, hashOf, parseTie } from './line.ts';
import { Offsets } from './offsets.ts';
import type { Log } from '../log.ts';

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

export type Recovered = {
  readonly head: JournalHead;
  readonly offsets: Offsets;
  readonly index: CommandIndex;
  /** Lines at which commands began that have not ended, in order. */
  readonly unfinished: readonly number[];
};

/** Cuts a torn last line off the file. @throws Fault `corrupt-state` */
export async function recover(file: FileHandle, path: string, host: HostId, log: Log): Promise<Recovered> {
  const offsets = new Offsets();
  const index = new CommandIndex();
  const open = new Map<number, CommandId>();
  let head: JournalHead = { number: 0, hash: GENESIS };

  const take = (bytes: Buffer): void => {
    const place = `${path} line ${head.number + 1}`;
    const corrupt = (reason: string): Fault => new Fault('corrupt-state', { file: place, reason });
    const tie = parseTie(place, bytes.toString());
    const { n } = tie;
    if (n !== head.number + 1) throw corrupt(`it is numbered ${n}`);
    if (tie.prev !== head.hash) throw corrupt('it does not continue the line before');
    if ((tie.kind === 'opened') !== (n === 1)) throw corrupt('a journal begins once, with its first line');
    if (tie.kind === 'opened' && tie.host !== host) throw corrupt(`it is the journal of host ${tie.host}`);
    if (tie.kind === 'started') {
      index.add(tie.id, n);
      open.set(n, tie.id);
    }
    if (tie.kind === 'ended') {
      const begun = open.get(tie.of);
      if (begun === undefined) throw corrupt(`no command that began at line ${tie.of} was under way`);
      index.end(begun, tie.of, n);
      open.delete(tie.of);
    }
    offsets.add(bytes.length + 1);
    head = { number: n, hash: hashOf(bytes) };
  };

  let rest: Buffer = Buffer.alloc(0);
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let from = 0;
    for (let to = rest.indexOf(NEWLINE); to >= 0; to = rest.indexOf(NEWLINE, from)) {
      take(rest.subarray(from, to));
      from = to + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > CHUNK) {
      throw new Fault('corrupt-state', { file: `${path} line ${head.number + 1}`, reason: 'it does not end' });
    }
  }
  if (rest.length > 0) {
    log('warn', 'journal-torn', { file: path, line: head.number + 1, bytes: rest.length });
    await file.truncate(offsets.end);
    await file.sync();
  }
  return { head, offsets, index, unfinished: [...open.keys()] };
}
