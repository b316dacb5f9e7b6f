// Where the libvirt hosts of the sample keep their files. As root their daemons run as `nobody`, who must be able to get
// there: a state directory that others cannot enter gets them elsewhere, with a link.
import { chmodSync, existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shortName } from './state.ts';

/** Short, because Unix socket paths begin with it. */
const LINK = 'h';
const ELSEWHERE = '/var/lib/smps-vmm-hosts';

/** The directory, made; `root` as the daemons then run as nobody. */
export function libvirtPlace(state: string, root: boolean): string {
  const inside = join(state, LINK);
  const known = linkTarget(inside);
  if (known !== null && existsSync(known)) return known;
  // The directory itself is ours to open: what is private in it is in directories of its own.
  if (root) chmodSync(state, statSync(state).mode | 0o111);
  if (!root || reachableByAnyone(state)) {
    mkdirSync(inside, { recursive: true, mode: 0o755 });
    return inside;
  }
  const outside = join(ELSEWHERE, shortName(state));
  mkdirSync(outside, { recursive: true, mode: 0o755 });
  rmSync(inside, { force: true });
  symlinkSync(outside, inside);
  return outside;
}

/** Removes what lies elsewhere; what lies inside goes with the state directory. */
export function forgetLibvirtPlace(state: string): void {
  const outside = linkTarget(join(state, LINK));
  if (outside === join(ELSEWHERE, shortName(state))) rmSync(outside, { recursive: true, force: true });
}

function linkTarget(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : null;
}

/** True when every directory down to `path` lets others pass. */
export function reachableByAnyone(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
