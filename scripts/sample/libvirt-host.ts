// One libvirt "host" of the sample: an unprivileged libvirtd with directories, identity, ports and a storage pool of its own.
// It runs as `nobody` when we are root (QEMU must never run as root), as ourselves otherwise. Guests outlive a killed daemon;
// `stop` ends them and exactly the daemon that serves this directory.
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../src/lib/model/fault.ts';
import { UUID } from '../../src/lib/model/ids.ts';
import { daemonIdentity } from './identity.ts';
import type { Identity } from './identity.ts';
import { endProcess, isDaemonOf, guestProcesses } from './processes.ts';
import { domainsRunning, startDomain, definePool, destroyDomain, answers } from './virsh.ts';

export type LibvirtHost = {
  /** For `LibvirtConfig.uri` and `virsh -c`. */
  readonly uri: string;
  /** For `LibvirtConfig.sockets`; null where the daemon could not be given a view of files of its own. */
  readonly sockets: { readonly directory: string; readonly path: string } | null;
  readonly pid: number;
  /** Ids of VMs that ran when the host was last stopped and run again now. */
  readonly restarted: readonly string[];
  /** Ends the guests and the daemon; the VMs' definitions and disks stay. Safe to call twice. */
  stop(): Promise<void>;
};

export type LibvirtHostOptions = {
  /** State of this host, kept between starts. Every parent must be searchable by the user the daemon runs as. */
  readonly dir: string;
  /** 1, 2, 3…: spreads the ports of hosts on one machine. 1 to 99. */
  readonly index: number;
  /** What its daemon's command begins with: into a network namespace. Default nothing. */
  readonly enter?: readonly string[];
  /** Start again what ran when `stop` was called. Default true. */
  readonly restart?: boolean;
};

/** A UNIX socket's path is at most 107 bytes, and libvirt appends up to 80 to its configuration directory. */
const MAX_HOME = 24;
const START_TIMEOUT = 30_000;

/**
 * Starts the host's libvirtd, or takes over the one that already runs on `dir`.
 * @throws Fault `usage` when `dir` cannot be reached by the daemon's user, `hypervisor-down` when it does not come up.
 */
export async function startLibvirtHost(o: LibvirtHostOptions): Promise<LibvirtHost> {
  const dir = resolve(o.dir);
  const identity = await daemonIdentity();
  await prepare(dir, o.index, identity);
  await demandReachable(dir, identity);
  const home = await shortHome(dir);
  const uri = `qemu+unix:///session?socket=${home}/r/libvirt/libvirt-sock`;
  const pid = (await runningDaemon(dir)) ?? (await launch(dir, home, identity, uri, o.enter ?? []));
  await definePool(uri, 'local', join(dir, 'disks'));
  const restarted: string[] = [];
  if (o.restart !== false) {
    for (const id of await lastRunning(dir)) if (await startDomain(uri, id)) restarted.push(id);
  }
  await rm(join(dir, 'ran.json'), { force: true });
  const sockets = identity.dropped ? { directory: join(dir, 's'), path: viewPath() } : null;
  return { uri, sockets, pid, restarted, stop: () => stopLibvirtHost(dir) };
}

/** Ends guests and daemon of the host in `dir`, whoever started it; nothing else. */
export async function stopLibvirtHost(path: string): Promise<void> {
  const dir = resolve(path);
  const pid = await runningDaemon(dir);
  if (pid !== null) {
    const uri = `qemu+unix:///session?socket=${await shortHome(dir)}/r/libvirt/libvirt-sock`;
    const ids = await domainsRunning(uri);
    if (ids.length > 0) await writeFile(join(dir, 'ran.json'), JSON.stringify(ids));
    await Promise.all(ids.map((id) => destroyDomain(uri, id)));
    await endProcess(pid);
  }
  // Guests of a daemon that was killed before.
  for (const guest of await guestProcesses(join(dir, 'r/libvirt/qemu/run'))) await endProcess(guest);
  await removeShortHome(dir);
}

/** Directories and configuration, written anew each time so that a newer version's settings apply. */
async function prepare(dir: string, index: number, identity: Identity): Promise<void> {
  await mkdir(dir, { recursive: true });
  // c: XDG_CONFIG_HOME, r: XDG_RUNTIME_DIR, k: XDG_CACHE_HOME, d: XDG_DATA_HOME; short, because socket paths start with them.
  // s: sockets of migrations, which the host sees at the path at which every other host sees its own.
  for (const name of ['c', 'c/libvirt', 'r', 'k', 'd', 's', 'tmp', 'disks']) {
    const path = join(dir, name);
    await mkdir(path, { recursive: true, mode: name === 'r' ? 0o700 : 0o755 });
    await chown(path, identity.uid, identity.gid);
  }
  const uuid = await readFile(join(dir, 'uuid'), 'utf8').catch(async () => {
    const fresh = randomUUID();
    await writeFile(join(dir, 'uuid'), fresh);
    return fresh;
  });
  await writeFile(
    join(dir, 'libvirtd.conf'),
    [
      `host_uuid = "${uuid.trim()}"`,
      'auth_unix_rw = "none"',
      'auth_unix_ro = "none"',
      'max_clients = 200',
      'max_client_requests = 50',
      `log_outputs = "3:file:${dir}/tmp/libvirtd.log"`,
      ''
    ].join('\n')
  );
  const ports = (base: number): [number, number] => [base + index * 100, base + index * 100 + 99];
  const range = (name: string, base: number): string[] => {
    const [min, max] = ports(base);
    return [`${name}_min = ${min}`, `${name}_max = ${max}`];
  };
  await writeFile(
    join(dir, 'qemu.conf'),
    [
      'stdio_handler = "file"',
      'security_driver = "none"',
      'remember_owner = 0',
      'max_core = 0',
      ...range('remote_display_port', 5900),
      ...range('remote_websocket_port', 15900),
      ...range('migration_port', 49152),
      ''
    ].join('\n')
  );
  // We write, as root, only in directories of our own: what the daemon's user owns, it could have replaced by a link.
  await symlink(join(dir, 'qemu.conf'), join(dir, 'c/libvirt/qemu.conf')).catch(ignoreExisting);
}

/** @throws Fault `usage` naming the first directory on the way that the daemon's user cannot search. */
async function demandReachable(dir: string, identity: Identity): Promise<void> {
  if (!identity.dropped) return;
  for (let path = dirname(dir); ; path = dirname(path)) {
    const { mode, uid } = await stat(path);
    if ((mode & 0o001) === 0 && uid !== identity.uid) {
      throw new Fault('usage', {
        reason: `the sample hosts run as ${identity.name}, who cannot enter ${path}; choose a state directory elsewhere (--state /var/lib/smps-vmm)`
      });
    }
    if (path === dirname(path)) return;
  }
}

/** `dir` itself when it is short enough, else a short link to it that stays the same while the host has guests. */
async function shortHome(dir: string): Promise<string> {
  if (Buffer.byteLength(dir) <= MAX_HOME) return dir;
  const note = join(dir, 'home');
  const known = await readFile(note, 'utf8').catch(() => null);
  if (known !== null && (await pointsTo(known, dir))) return known;
  const link = join(await mkdtemp(join(tmpdir(), 'smps-')), 'h');
  await chmod(dirname(link), 0o755);
  await symlink(dir, link);
  await writeFile(note, link);
  return link;
}

async function pointsTo(link: string, dir: string): Promise<boolean> {
  try {
    const [{ uid }, target] = await Promise.all([lstat(link), readlink(link)]);
    return target === dir && uid === process.getuid?.();
  } catch {
    return false;
  }
}

async function removeShortHome(dir: string): Promise<void> {
  const link = await readFile(join(dir, 'home'), 'utf8').catch(() => null);
  if (link === null || !(await pointsTo(link, dir))) return;
  await rm(dirname(link), { recursive: true, force: true });
  await rm(join(dir, 'home'), { force: true });
}

/** Process id of the libvirtd that serves `dir` now, whoever started it. */
async function runningDaemon(dir: string): Promise<number | null> {
  const pid = Number(await readFile(join(dir, 'pid'), 'utf8').catch(() => ''));
  return pid > 0 && (await isDaemonOf(pid, join(dir, 'libvirtd.conf'))) ? pid : null;
}

async function launch(
  dir: string,
  home: string,
  identity: Identity,
  uri: string,
  enter: readonly string[]
): Promise<number> {
  const log = await open(join(dir, 'daemon.log'), 'a');
  const daemon = ['libvirtd', '--config', join(dir, 'libvirtd.conf'), '--pid-file', `${home}/r/libvirtd.pid`];
  const here = identity.dropped ? await withOwnView(dir, identity, daemon) : daemon;
  const [program = '', ...args] = [...enter, ...here];
  const child = spawn(program, args, {
    cwd: '/',
    // A session of its own: Ctrl-C in the terminal reaches the launcher only, which then stops the host in order.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      // Without a UTF-8 locale libvirt refuses names that are not ASCII.
      LC_ALL: 'C.UTF-8',
      HOME: join(dir, 'd'),
      XDG_CONFIG_HOME: `${home}/c`,
      XDG_RUNTIME_DIR: `${home}/r`,
      XDG_CACHE_HOME: `${home}/k`,
      XDG_DATA_HOME: `${home}/d`,
      TMPDIR: join(dir, 'tmp')
    }
  });
  const failed = new Promise<string>((tell) => {
    child.once('error', (error) => tell(error.message));
    child.once('exit', (code) => tell(`libvirtd ended with status ${String(code)}`));
  });
  await log.close();
  child.unref();
  const pid = child.pid;
  if (pid === undefined) throw new Fault('hypervisor-down', { reason: await failed });
  await writeFile(join(dir, 'pid'), String(pid));
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    if (await answers(uri)) return pid;
    const ended = await Promise.race([failed, pause(100, null)]);
    if (ended !== null) throw new Fault('hypervisor-down', { reason: `${ended}: ${await lastLine(dir)}` });
  }
  await endProcess(pid);
  throw new Fault('timeout', { what: 'starting libvirtd', after: `${START_TIMEOUT / 1000} s` });
}

/** Where every sample host finds the sockets of migrations: one path on all hosts, as QEMU is told only one. */
const viewPath = (): string => join(tmpdir(), `smps-sockets-${process.getuid?.() ?? 0}`);

/**
 * The command that runs `daemon` as the host's user, seeing the directory `s` of its own at `viewPath()`. On one machine the
 * QEMU a VM leaves must not reach the socket of the QEMU it goes to but by way of the agents.
 */
async function withOwnView(dir: string, { uid, gid }: Identity, daemon: readonly string[]): Promise<readonly string[]> {
  const at = viewPath();
  await mkdir(at, { mode: 0o755 }).catch(ignoreExisting);
  const mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  const drop = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  return ['unshare', '--mount', '--propagation=slave', 'sh', '-c', mount, 'sh', join(dir, 's'), at, ...drop, ...daemon];
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function lastLine(dir: string): Promise<string> {
  for (const name of ['tmp/libvirtd.log', 'daemon.log']) {
    const text = await readFile(join(dir, name), 'utf8').catch(() => '');
    if (text.trim()) return text.trim().split('\n').at(-1) ?? '';
  }
  return 'it said nothing';
}

async function lastRunning(dir: string): Promise<readonly string[]> {
  try {
    const ids: unknown = JSON.parse(await readFile(join(dir, 'ran.json'), 'utf8'));
    return Array.isArray(ids) ? ids.filter((id: unknown) => typeof id === 'string').filter((id) => UUID.test(id)) : [];
  } catch {
    return [];
  }
}
