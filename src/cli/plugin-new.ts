// `smps plugin new`: a folder with a scheduler that works, its test, and what an editor needs to complete names.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { STATUS, usage } from './status.ts';
import type { Status } from './status.ts';
import type { Output } from './terminal.ts';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * @param folder to be made; its own name is the plugin's id
 * @param version of this package
 * @throws Fault `usage` for another name than an id, and where there is something already
 */
export function newPlugin(folder: string, version: string, output: Output): Status {
  const name = basename(resolve(folder));
  if (!NAME.test(name))
    usage(`“${name}” must be 1 to 40 of a-z 0-9 -, beginning with a letter: it becomes the plugin’s id`);
  if (existsSync(folder)) usage(`${folder} is there already: nothing is overwritten`);
  mkdirSync(folder, { recursive: true });
  const files = filesOf(name, version);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  output.out(`${folder}: ${Object.keys(files).join(', ')}`);
  output.out(`Try it: npx smps plugin test ${folder}`);
  return STATUS.done;
}

const filesOf = (name: string, version: string): Readonly<Record<string, string>> => ({
  'plugin.js': samplePlugin(name),
  'plugin.test.mjs': SAMPLE_TEST,
  'README.md': readme(name),
  'package.json': json({
    ...{ name, version: '0.1.0', private: true, type: 'module' },
    scripts: { test: 'node --test', check: 'smps plugin test plugin.js', bench: 'smps plugin bench plugin.js' },
    devDependencies: { 'smps-vmm': /^\d/.test(version) ? `^${version}` : '*' }
  }),
  'jsconfig.json': json({
    compilerOptions: {
      ...{ checkJs: true, strict: true, noEmit: true, target: 'es2023', lib: ['es2024'], module: 'nodenext' },
      types: []
    },
    include: ['plugin.js']
  })
});

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The sample of docs/PLUGINS.md. */
export const samplePlugin = (id: string): string => `// @ts-check
// The host with the least CPU load first; none whose load would be above a ceiling.

/** @type {import('smps-vmm/plugin').Scheduler} */
const plugin = {
  manifest: {
    id: '${id}',
    version: '0.1.0',
    api: 1,
    title: 'Coolest first',
    description: 'Prefers the host with the least CPU load.',
    config: {
      type: 'object',
      properties: {
        ceiling: { type: 'number', title: 'Ceiling (%)', default: 80, minimum: 10, maximum: 100 }
      }
    }
  },

  // Looks at the VM and at this one host only: answers are kept until the host changes.
  local: true,

  filter(vm, host, fleet, intent) {
    const load = loadWith(vm, host, fleet);
    return load <= Number(intent.config.ceiling) || \`CPU load would be \${Math.round(load)} %\`;
  },

  score(vm, host, fleet) {
    return Math.max(0, 100 - loadWith(vm, host, fleet));
  }
};

export default plugin;

/**
 * CPU load of the host in percent, with the VM on it.
 * @param {number} vm
 * @param {number} host
 * @param {import('smps-vmm/plugin').FleetView} fleet
 */
function loadWith(vm, host, fleet) {
  const capacity = fleet.capacity(host, 'cpu');
  const comes = fleet.placedOn[vm] === host ? 0 : fleet.demand(vm, 'cpu');
  return capacity === 0 ? 100 : (100 * (capacity - fleet.free(host, 'cpu') + comes)) / capacity;
}
`;

const SAMPLE_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetView, configOf, DEFAULT_WEIGHTS } from 'smps-vmm/plugin';
import { aFleet, testScheduler } from 'smps-vmm/plugin/testkit';
import plugin from './plugin.js';

test('keeps what every scheduler has to keep', () => {
  assert.deepEqual(testScheduler(plugin), []);
});

test('likes the host with the least load best', () => {
  const fleet = new FleetView(aFleet({ hosts: 10, vms: 100, fresh: 1 }));
  const vm = fleet.vms - 1;
  const intent = {
    ...{ kind: 'place', place: [vm], leave: [], weights: DEFAULT_WEIGHTS, config: configOf(plugin.manifest) },
    ...{ budget: 1000, elapsed: () => 0, random: () => 0.5, seed: 1 }
  };
  const hosts = Array.from({ length: fleet.hosts }, (_, host) => host);
  const load = (host) => 1 - fleet.free(host, 'cpu') / fleet.capacity(host, 'cpu');
  const best = (of) => hosts.reduce((one, host) => (of(host) > of(one) ? host : one));
  const near = (host) => load(host) <= load(best((each) => -load(each))) + 0.2;
  assert.ok(near(best((host) => plugin.score(vm, host, fleet, intent))));
});
`;

const readme = (name: string): string => `# ${name}

A scheduler for SMPS-VMM: one file, \`plugin.js\`, without imports.

\`\`\`sh
npm install
npx smps plugin test .    # whether it keeps what every scheduler has to keep
npx smps plugin bench .   # how long it takes on a large fleet
npm test                  # plugin.test.mjs
\`\`\`

In the app: Settings > Plugins > Add a file. docs/PLUGINS.md of the package smps-vmm says the rest.
`;
