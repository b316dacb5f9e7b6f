// Where the sockets of migrations are made: a directory that both the agent and QEMU write to.
import { access, constants, stat } from 'node:fs/promises';
import { fail, ok } from './finding.ts';
import type { Finding } from './finding.ts';
import type { User } from './image-checks.ts';

export type SocketsProbe = {
  readonly directory: string;
  /** Null: it is not there, or is no directory. */
  readonly inode: { readonly mode: number; readonly uid: number; readonly gid: number } | null;
  /** By whoever looks. */
  readonly writable: boolean;
  /** Who runs guests; null where that is not known. */
  readonly user: User | null;
};

export async function probeSockets(directory: string, user: User | null): Promise<SocketsProbe> {
  const found = await stat(directory).catch(() => null);
  const inode = found?.isDirectory() === true ? { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid } : null;
  const writable = await access(directory, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false
  );
  return { directory, inode, writable, user };
}

export function judgeSockets({ directory, inode, writable, user }: SocketsProbe): readonly Finding[] {
  const make = `install -d -o ${user?.name ?? 'libvirt-qemu'} -g libvirt -m 2770 ${directory}`;
  if (inode === null)
    return [fail('migration', `there is no directory ${directory} for the sockets of migrations`, make)];
  if (!writable) return [fail('migration', `this user may not make sockets in ${directory}`, make)];
  if (user !== null && !mayWrite(inode, user)) {
    return [fail('migration', `${user.name}, who runs the guests, may not make sockets in ${directory}`, make)];
  }
  return [ok('migration', `sockets in ${directory}`)];
}

function mayWrite({ mode, uid, gid }: NonNullable<SocketsProbe['inode']>, user: User): boolean {
  if (user.uid === 0) return true;
  const shift = uid === user.uid ? 6 : user.gids.includes(gid) ? 3 : 0;
  return ((mode >> shift) & 3) === 3;
}
