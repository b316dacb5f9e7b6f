// The serial line of a VM on another machine than the agent's: `virsh console` brings it here. virsh speaks to terminals only,
// and Node makes none; util-linux's script(1) does.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { LibvirtHost } from './host.ts';
import { connection, virshEnvironment } from './virsh.ts';

/** ms within which virsh says that it cannot have the line, where the host is quick. That it has it, it does not say. */
const REFUSED_WITHIN = 700;
/** ms that libvirtd has to notice that a session is over, and between two looks. */
const LET_GO_WITHIN = 3_000;
const LOOK_AGAIN = 150;
/** KiB: virsh keeps what nobody reads, without end; with this much it ends, and the console with it. */
const MOST_KEPT = 131_072;
/** A byte that no UTF-8 has, so that nothing that is typed ends the session. */
const ESCAPE = "$(printf '\\377')";
const MAX_WORDS = 4096;

export type Relayed =
  | { readonly line: Duplex }
  /** What virsh or the shell said. */
  | { readonly refused: string };

/** A line that cannot be had is answered as `refused`; one that has just been let go of is waited for. */
export async function relaySerial(host: LibvirtHost, vm: VmId): Promise<Relayed> {
  for (const deadline = Date.now() + LET_GO_WITHIN; ;) {
    const relayed = await relay(host, vm);
    if ('line' in relayed || !isTaken(relayed.refused) || Date.now() > deadline) return relayed;
    await pause(LOOK_AGAIN);
  }
}

/** Whether that is why a line was refused. */
export const isTaken = (refused: string): boolean => /active console session/i.test(refused);

async function relay(host: LibvirtHost, vm: VmId): Promise<Relayed> {
  const words = [
    shellWord(host.virsh.program),
    ...connection(host.virsh.uri).map(shellWord),
    '-e',
    `"${ESCAPE}"`,
    'console',
    vm
  ];
  const child = spawn(
    'script',
    ['-q', '-e', '-f', '-c', `ulimit -d ${MOST_KEPT}; exec ${words.join(' ')} 2>&3`, '/dev/null'],
    { stdio: ['pipe', 'pipe', 'ignore', 'pipe'], env: { ...virshEnvironment(), SHELL: '/bin/sh' } }
  );
  const said = heard(child);
  const line = Duplex.from({ readable: child.stdout, writable: child.stdin });
  line.on('error', () => undefined);
  line.once('close', () => child.kill('SIGTERM'));
  const ended = await Promise.race([
    new Promise<string>((resolve) => {
      child.once('error', () => resolve('script (of util-linux) is not installed'));
      child.once('close', () => resolve(said()));
    }),
    new Promise<null>((resolve) => {
      // Two more that begin after it and have come to their ends: it has had its answer.
      const asked = host.virsh.answers().then(() => host.virsh.answers());
      void Promise.all([pause(REFUSED_WITHIN), asked]).then(() => resolve(null));
      // It is told as readable also when it ends.
      line.once('readable', () => {
        if (line.readableLength === 0) return;
        resolve(null);
      });
    })
  ]);
  if (ended === null) return { line };
  line.destroy();
  return { refused: ended };
}

function heard(child: ChildProcess): () => string {
  let words = '';
  const errors = child.stdio[3];
  if (errors !== null && errors !== undefined && 'setEncoding' in errors) {
    errors.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-MAX_WORDS);
    });
  }
  return () => /^error: (?!Failed to)(.*)$/m.exec(words)?.[1] ?? /^error: (.*)$/m.exec(words)?.[1] ?? 'virsh ended';
}

/** As one word of a shell, whatever it contains. */
const shellWord = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
