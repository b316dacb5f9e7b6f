// The serial line of a VM on another machine than the agent's: `virsh console` brings it here. virsh speaks to terminals only,
// and Node makes none; util-linux's script(1) does.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { LibvirtHost } from './host.ts';
import { connection, virshEnvironment } from './virsh.ts';

/** ms within which virsh says that it cannot have the line. That it has it, it does not say. */
const REFUSED_WITHIN = 700;
/** KiB: virsh keeps what nobody reads, without end; with this much it ends, and the console with it. */
const MOST_KEPT = 131_072;
/** A byte that no UTF-8 has, so that nothing that is typed ends the session. */
const ESCAPE = "$(printf '\\377')";
const MAX_WORDS = 4096;

export type Relayed =
  | { readonly line: Duplex }
  /** What virsh or the shell said. */
  | { readonly refused: string };

/** @throws nothing: a line that cannot be had is answered as `refused` */
export async function relaySerial(host: LibvirtHost, vm: VmId): Promise<Relayed> {
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
      const timer = setTimeout(resolve, REFUSED_WITHIN, null);
      line.once('readable', () => {
        clearTimeout(timer);
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
