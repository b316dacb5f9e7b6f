// A shell as root in dom0: one connection that all commands share, as an emulated CPU takes long for each handshake.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Ssh = {
  /** What `command`, run by dom0's shell, printed. @throws Error with what it said on stderr when it fails */
  run(command: string, input?: string | Buffer): Promise<string>;
  /** Begins to forward, in ssh’s own words: `-L /here:127.0.0.1:99`, `-R 127.0.0.1:99:/here`. @throws Error when it cannot be had */
  forward(way: Way, what: string): Promise<void>;
  /** The end of it; nothing when there is none. */
  unforward(way: Way, what: string): Promise<void>;
  close(): void;
};

/** From here to there, from there to here. */
export type Way = '-L' | '-R';

/** A machine that was made a moment ago, on loopback: there is nothing to know it by. */
const UNKNOWN = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
const MAX_OUTPUT = 64 * 1024 * 1024;

/** @param o.key a private key file @param o.control path of a socket to be made */
export async function openSsh(o: { key: string; port: number; control: string }): Promise<Ssh> {
  const options = ['User=root', 'IdentitiesOnly=yes', ...UNKNOWN].flatMap((option) => ['-o', option]);
  const to = ['-F', 'none', '-i', o.key, '-p', String(o.port), '-S', o.control, ...options];
  const ready = ['-o', 'PermitLocalCommand=yes', '-o', 'LocalCommand=echo ready', '-o', 'ConnectTimeout=60'];
  const master = spawn('ssh', [...to, '-M', '-N', ...ready, '127.0.0.1'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  master.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-2000)));
  const failed = once(master, 'exit').then(() => Promise.reject(new Error(`ssh to dom0 ended: ${errors.trim()}`)));
  failed.catch(() => undefined);
  await Promise.race([once(master.stdout, 'data'), failed]);
  return {
    run: (command, input) =>
      new Promise((resolve, reject) => {
        const child = execFile('ssh', [...to, '127.0.0.1', command], { maxBuffer: MAX_OUTPUT }, (error, out, said) => {
          if (error === null) resolve(out);
          else
            reject(
              new Error(`in dom0: ${command.slice(0, 200)}: ${said.trim() || out.trim() || error.message}`, {
                cause: error
              })
            );
        });
        child.stdin?.on('error', () => undefined);
        child.stdin?.end(input ?? '');
      }),
    forward: (way, what) => orders([...to, '-O', 'forward', way, what, '127.0.0.1']),
    unforward: (way, what) => orders([...to, '-O', 'cancel', way, what, '127.0.0.1']).catch(() => undefined),
    close: () => void master.kill()
  };
}

const orders = (args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile('ssh', [...args], (error, _, said) => {
      if (error === null) resolve();
      else reject(new Error(said.trim() || error.message, { cause: error }));
    });
  });
