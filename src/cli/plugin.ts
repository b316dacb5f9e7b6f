// `smps plugin`: what authors of schedulers need at a terminal. The app runs plugins in a sandbox; these commands do not: they run
// the author's own code with the author's rights.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Fault } from '../lib/model/fault.ts';
import type { Finding } from '../lib/plan/testkit/index.ts';
import { newPlugin } from './plugin-new.ts';
import type { Benched, PluginSaid, PluginTask } from './plugin-worker.ts';
import { STATUS, usage } from './status.ts';
import type { Status } from './status.ts';
import { table, visible } from './terminal.ts';
import type { Output } from './terminal.ts';

export type PluginRequest = {
  /** `new`, `test` or `bench`, and what it is to be done to. */
  readonly words: readonly string[];
  readonly json: boolean;
  readonly version: string;
};

/** One file, as the app takes it. */
const MOST_BYTES = 2 ** 20;
/** Longer than any of it takes on a slow machine; what runs longer does not end. */
const MOST_MS = 120_000;

/** What `smps plugin test` found. */
export type Tested = {
  readonly file: string;
  readonly id: string | null;
  readonly version: string | null;
  readonly findings: readonly { readonly of: string; readonly on: string; readonly text: string }[];
};

export async function plugin(request: PluginRequest, output: Output, signal: AbortSignal): Promise<Status> {
  const [what, path, ...others] = request.words;
  if (path === undefined || others.length > 0) usage('smps plugin new DIR, or smps plugin test|bench DIR|FILE');
  switch (what) {
    case 'new':
      if (request.json) usage('smps plugin new has no option --json');
      return newPlugin(path, request.version, output);
    case 'test':
      return said(await tested(fileOf(path), signal), request.json, output);
    case 'bench':
      return benched(fileOf(path), request.json, output, signal);
    default:
      return usage(`there is no “smps plugin ${String(what)}”: new, test or bench`);
  }
}

/** @throws Fault `usage` unless there is one */
function fileOf(path: string): string {
  if (!existsSync(path)) usage(`${path} does not exist`);
  const file = statSync(path).isDirectory() ? join(path, 'plugin.js') : path;
  if (!existsSync(file)) usage(`${path} has no plugin.js: name the file`);
  return resolve(file);
}

/** Everything that is wrong with a plugin's file and with what it answers. */
export async function tested(file: string, signal: AbortSignal): Promise<Tested> {
  const bytes = readFileSync(file).length;
  const size = { of: 'file', on: '', text: `has ${bytes} bytes: the app takes up to ${MOST_BYTES}` };
  const kind = { of: 'file', on: '', text: 'must be plain JavaScript (.js or .mjs): the app compiles nothing' };
  const report = await worked({ task: 'test', url: pathToFileURL(file).href }, signal);
  return {
    ...{ file, id: report.id, version: report.version },
    findings: [
      ...(bytes > MOST_BYTES ? [size] : []),
      ...(['.js', '.mjs'].includes(extname(file)) ? [] : [kind]),
      ...importFindings(report),
      ...report.findings
    ]
  };
}

const importFindings = ({ imports }: PluginSaid): Finding[] =>
  imports.map((name) => ({
    ...({ of: 'manifest', on: '' } as const),
    text: `imports “${name}”: a plugin is one file without imports; bundle it, or import only types`
  }));

function said(report: Tested, json: boolean, output: Output): Status {
  const { id, version, findings } = report;
  if (json) output.out(JSON.stringify(report, null, 2));
  else if (findings.length === 0) output.out(visible(`${id ?? ''} ${version ?? ''}: no findings`));
  else {
    for (const { of, on, text } of findings) output.out(visible(`${of}${on === '' ? '' : ` (${on})`}: ${text}`));
    output.err(`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`);
  }
  return findings.length === 0 ? STATUS.done : STATUS.failed;
}

async function benched(file: string, json: boolean, output: Output, signal: AbortSignal): Promise<Status> {
  const { id, version, bench, findings } = await worked({ task: 'bench', url: pathToFileURL(file).href }, signal);
  if (bench === null) {
    const reason = findings[0]?.text ?? 'it did not answer';
    throw new Fault('plugin-failed', { plugin: id ?? file, reason });
  }
  if (json) output.out(JSON.stringify({ file, id, version, ...bench }, null, 2));
  else for (const line of table(['what', '>value', 'unit'], rowsOf(bench))) output.out(line);
  return STATUS.done;
}

function rowsOf({ rank, propose }: Benched): string[][] {
  return [
    ...(rank === null
      ? []
      : [
          [`one VM over ${rank.hosts} hosts, median`, rank.medianMs.toFixed(2), 'ms'],
          ['hosts it may be on', String(rank.allowed), '']
        ]),
    ...(propose === null
      ? []
      : [
          [`a plan for ${propose.hosts} hosts and ${propose.vms} VMs`, propose.ms.toFixed(0), 'ms'],
          ['moves', String(propose.moves), ''],
          ['cost before', propose.before.toFixed(1), 'points'],
          ['cost after, with the moves', propose.after.toFixed(1), 'points']
        ])
  ];
}

/** Runs the plugin in a thread of its own, which can be ended. */
async function worked(task: PluginTask, signal: AbortSignal): Promise<PluginSaid> {
  const worker = new Worker(new URL(`plugin-worker${extname(import.meta.url)}`, import.meta.url), { workerData: task });
  const late: PluginSaid = {
    ...{ id: null, version: null, imports: [], bench: null },
    findings: [{ of: 'manifest', on: '', text: `does not end within ${MOST_MS / 1000} s` }]
  };
  try {
    return await new Promise<PluginSaid>((resolve, reject) => {
      const timer = setTimeout(() => resolve(late), MOST_MS);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => {
        clearTimeout(timer);
        reject(new Fault('plugin-failed', { plugin: task.url, reason: 'it ended the process' }));
      });
    });
  } finally {
    await worker.terminate();
  }
}
