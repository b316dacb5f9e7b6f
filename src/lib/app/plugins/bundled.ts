// The plugins that come with the app: `/plugins/index.json` names them with their hashes.
import { resolve } from '$app/paths';
import { Fault } from '#lib/model/fault.ts';

export type BundledPlugin = { readonly id: string; readonly file: string; readonly sha256: string };

const MOST = 50;
const ID = /^[a-z][a-z0-9-]{0,39}$/;
const FILE = /^[a-z0-9-]+\.js$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** None where the app was built without any. */
export async function bundledPlugins(): Promise<readonly BundledPlugin[]> {
  try {
    const index = await fetch(`${resolve('/')}plugins/index.json`);
    return index.ok ? readIndex(await index.json()) : [];
  } catch {
    return [];
  }
}

/** @throws Fault `bad-plugin` when it cannot be had */
export async function bundledSource({ file }: BundledPlugin): Promise<string> {
  const answer = await fetch(`${resolve('/')}plugins/${file}`);
  if (!answer.ok) throw new Fault('bad-plugin', { what: `plugins/${file}`, reason: `is not there (${answer.status})` });
  return answer.text();
}

/** What is no entry is left out. */
export function readIndex(value: unknown): readonly BundledPlugin[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST).flatMap((entry: unknown): BundledPlugin[] => {
    const { id, file, sha256 } = (entry ?? {}) as Record<string, unknown>;
    return is(id, ID) && is(file, FILE) && is(sha256, SHA256) ? [{ id, file, sha256 }] : [];
  });
}

const is = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value);
