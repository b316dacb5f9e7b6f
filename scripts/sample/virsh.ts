// The few virsh calls the sample itself needs; the agent has a driver for the rest.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const virsh = async (uri: string, ...args: string[]): Promise<string> => {
  const { stdout } = await run('virsh', ['-q', '-c', uri, ...args], {
    timeout: 30_000,
    env: { ...process.env, LC_ALL: 'C.UTF-8' }
  });
  return stdout;
};
const succeeds = async (uri: string, ...args: string[]): Promise<boolean> =>
  virsh(uri, ...args).then(
    () => true,
    () => false
  );

/** True if a libvirtd answers at `uri`. */
export const answers = (uri: string): Promise<boolean> => succeeds(uri, 'uri');

/** Ids of active VMs; none when the daemon does not answer. */
export const domainsRunning = async (uri: string): Promise<readonly string[]> =>
  (await virsh(uri, 'list', '--uuid').catch(() => '')).split('\n').filter((line) => line !== '');

export const startDomain = (uri: string, id: string): Promise<boolean> => succeeds(uri, 'start', id);
export const destroyDomain = (uri: string, id: string): Promise<boolean> => succeeds(uri, 'destroy', id);

/** Makes sure that the directory pool `name` exists and is active. */
export async function definePool(uri: string, name: string, path: string): Promise<void> {
  if (!(await succeeds(uri, 'pool-info', name))) {
    await virsh(uri, 'pool-define-as', name, 'dir', '--target', path);
    await virsh(uri, 'pool-autostart', name);
  }
  if (!/^\s*State:\s+running/m.test(await virsh(uri, 'pool-info', name))) await virsh(uri, 'pool-start', name);
}
