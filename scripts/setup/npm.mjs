// The npm that runs us as one of its scripts: whoever ends it wants us to end, but it tells only the shell between us.
import { readFileSync } from 'node:fs';
import { startOf } from './lock.mjs';

const LOOK_EVERY = 1_000;

/** Calls `end` once when that npm, or its shell, is gone; never when there is none. @param {() => void} end
 * @returns {() => void} stops looking */
export function whenNpmEnds(end) {
  if (process.env.npm_lifecycle_event === undefined) return () => undefined;
  const parent = process.ppid;
  const npm = [parent, parentOf(parent)].find((pid) => /^npm/.test(statusOf(pid, 'comm'))) ?? parent;
  const began = startOf(npm);
  const timer = setInterval(() => {
    if (process.ppid === parent && startOf(npm) === began) return;
    clearInterval(timer);
    end();
  }, LOOK_EVERY);
  return () => clearInterval(timer);
}

/** @param {number} pid @returns {number} 0 where /proc does not tell */
function parentOf(pid) {
  const stat = statusOf(pid, 'stat');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

/** @param {number} pid @param {string} name */
function statusOf(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
