// What a stranger to the repository can do with the package: read what is in it, and follow docs/OPERATING.md with one agent
// (on simulated VMs), one gateway that serves the page, and the command line.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installed, manifestOf } from './installed.ts';
import type { Started } from './installed.ts';

type Listing = {
  readonly hosts: readonly Readonly<Record<string, unknown>>[];
  readonly vms: readonly (Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string })[];
};

let installed: Installed;
beforeAll(async () => {
  installed = await Installed.pack();
});
afterAll(() => installed.remove());

const PROGRAMS = ['smps', 'smps-agent', 'smps-gateway'];

const below = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));

describe('the package', () => {
  test('holds programs, the page and their documents, and nothing of how they are made', () => {
    const files = below(installed.root);
    const kinds = new Set(files.map((file) => `${file.split('/')[0] ?? ''} ${extname(file)}`));
    expect([...kinds].sort()).toEqual(
      [
        ['.md', 'ARCHITECTURE CHANGELOG README SECURITY'],
        ['', 'LICENSE'],
        ['.json', 'package']
      ]
        .flatMap(([kind = '', names = '']) => names.split(' ').map((name) => `${name}${kind} ${kind}`))
        .concat('bin .mjs', 'dist .js', 'dist .ts', 'docs .md', 'docs .png', 'static .xsd')
        .concat('gateway .service', 'host-agent .conf', 'host-agent .service')
        .concat(['.css', '.html', '.js', '.json', '.svg', '.webmanifest', '.xsd'].map((kind) => `build ${kind}`))
        .sort()
    );
    expect(files.filter((file) => /\.test\.|(^|\/)(tests?|scripts|node_modules)\//.test(file))).toEqual([]);
    for (const file of files) {
      const path = join(installed.root, file);
      expect(statSync(path).size, file).toBeLessThan(1_000_000);
      expect(readFileSync(path, 'latin1'), file).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}/);
    }
  });

  test('has every file that its manifest and its documents name', () => {
    const { bin = {} } = manifestOf(installed.root);
    expect(Object.keys(bin)).toEqual(PROGRAMS);
    for (const document of below(installed.root).filter((file) => file.endsWith('.md'))) {
      const text = readFileSync(join(installed.root, document), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        expect(existsSync(join(installed.root, dirname(document), target)), `${document}: ${target}`).toBe(true);
      }
    }
  });
});

describe('the programs', () => {
  test('say what they are for, under their own names', async () => {
    for (const { status, out } of await Promise.all(PROGRAMS.map((name) => installed.run(name, '--help')))) {
      expect(status).toBe(0);
      expect(out).not.toMatch(/\bnode |\.ts\b/);
    }
  });

  test('are one for the agent, under two names', async () => {
    const [alone, below] = await Promise.all([
      installed.run('smps-agent', '--help'),
      installed.run('smps', 'agent', '--help')
    ]);
    expect(alone.out).toContain('doctor');
    expect(below).toEqual(alone);
    expect((await installed.run('smps', 'agent', '--nonsense')).status).toBe(2);
  });

  test('refuse what they do not know as a mistake in usage', async () => {
    for (const { status, err } of await Promise.all(PROGRAMS.map((name) => installed.run(name, '--nonsense')))) {
      expect(status).toBe(2);
      expect(err).toContain('--nonsense');
    }
  });
});

describe('plugins', () => {
  const ROOT = join(import.meta.dirname, '../..');
  const node = (...words: readonly string[]): string => {
    const { stdout, stderr, status } = spawnSync(process.execPath, words, {
      cwd: installed.directory,
      encoding: 'utf8'
    });
    return status === 0 ? 'well' : stdout + stderr;
  };
  const tsc = (...words: readonly string[]): string => node(join(ROOT, 'node_modules/typescript/bin/tsc'), ...words);

  test('are made, tried and measured', async () => {
    expect(await installed.run('smps', 'plugin', 'new', 'mine')).toMatchObject({ status: 0, err: '' });
    expect(await installed.run('smps', 'plugin', 'test', 'mine')).toMatchObject({ status: 0, err: '' });
    const { status, out } = await installed.run('smps', 'plugin', 'bench', 'mine', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: 'mine', rank: { hosts: 5000 }, propose: null });
  });

  test('pass the test that comes with a new one', () => {
    expect(node('--test', 'mine/plugin.test.mjs')).toBe('well');
  });

  test('are completed and checked by an editor', () => {
    expect(tsc('-p', 'mine/jsconfig.json', '--skipLibCheck', 'false')).toBe('well');
    const source = join(installed.directory, 'author.mts');
    const text = `import type { Scheduler } from 'smps-vmm/plugin';
      import { aFleet, testScheduler } from 'smps-vmm/plugin/testkit';
      import { FleetView } from 'smps-vmm/plugin';
      import { search } from 'smps-vmm/plugin/search';
      import mine from './mine/plugin.js';
      const scheduler: Scheduler = { ...mine, propose: search };
      const findings: readonly { readonly text: string }[] = testScheduler(scheduler);
      export const sum: number = findings.length + new FleetView(aFleet({ hosts: 3 })).hosts;`;
    writeFileSync(source, text);
    const strict = [
      '--strict',
      '--noEmit',
      '--allowJs',
      '--module',
      'nodenext',
      '--lib',
      'es2024',
      '--target',
      'es2023'
    ];
    expect(tsc(...strict, source)).toBe('well');
    writeFileSync(source, text.replace('sum: number', 'sum: string'));
    expect(tsc(...strict, source)).toContain("Type 'number' is not assignable to type 'string'");
  });

  test('that come with the app are there, with their hashes', () => {
    const folder = join(installed.root, 'build/plugins');
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { file: string; sha256: string }[];
    expect(index.length).toBeGreaterThanOrEqual(6);
    for (const { file, sha256 } of index) {
      expect(
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex')
      ).toBe(sha256);
    }
  });
});

describe('one agent and one gateway', () => {
  let agent: Started;
  let gateway: Started;
  let origin = '';
  let ticket = '';
  beforeAll(async () => {
    const state = join(installed.directory, 'agent');
    const init = await installed.run(
      'smps-agent',
      ...['init', '--state', state, '--id', 'alpha', '--name', 'Alpha', '--site', 'north', '--port', '0'],
      ...['--driver', 'simulated', '--vms', '2']
    );
    expect(init).toMatchObject({ status: 0 });
    agent = await installed.start('smps-agent', 'run', '--state', state);
    const [pin, pair] = await Promise.all([
      installed.run('smps-agent', 'pin', '--state', state),
      installed.run('smps-agent', 'pair', '--state', state, '--role', 'operator')
    ]);
    ticket = pair.out.trim();
    const url = `https://127.0.0.1:${portOf(agent)}`;
    const table = join(installed.directory, 'hosts.json');
    writeFileSync(table, JSON.stringify({ hosts: { alpha: { url, pin: pin.out.trim() } } }));
    const page = join(installed.root, 'build');
    gateway = await installed.start('smps-gateway', '--table', table, '--port', '0', '--static', page);
    origin = `http://localhost:${portOf(gateway)}`;
  });

  const portOf = (program: Started): string => /"port":(\d+)/.exec(program.lines[0] ?? '')?.[1] ?? '';
  const listing = async (): Promise<Listing> => {
    const { out } = await installed.run('smps', 'ls', '--json');
    return JSON.parse(out) as Listing;
  };

  test('are found in order by the doctor, which is asked by either name', async () => {
    const state = join(installed.directory, 'agent');
    const { status, out } = await installed.run('smps', 'agent', 'doctor', '--state', state, '--json');
    expect(status).toBe(0);
    const { findings } = JSON.parse(out) as { findings: readonly { check: string; level: string; says: string }[] };
    expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
    expect(findings.find(({ check }) => check === 'state')?.says).toContain('its agent runs');
    const ill = await installed.run('smps-agent', 'doctor', '--state', join(installed.directory, 'nowhere'));
    expect(ill.status).toBe(1);
    expect(ill.out).toContain('smps-agent init');
  });

  test('serve the page with everything it names', async () => {
    const page = await (await fetch(`${origin}/hosts/alpha`)).text();
    const names = Array.from(page.matchAll(/(?:href|src)="(\/[^"]+)"/g), ([, name = '']) => name);
    expect(names.length).toBeGreaterThan(5);
    const answers = await Promise.all(names.map((name) => fetch(origin + name)));
    expect(answers.filter(({ ok }) => !ok).map(({ url }) => url)).toEqual([]);
  });

  test('are used from the command line, with its exit statuses', async () => {
    const paired = await installed.run('smps', 'pair', `${origin}/#pair=${ticket}`);
    expect(paired).toMatchObject({ status: 0, err: '' });
    expect(paired.out).toMatch(/^alpha \(Alpha, north\): paired as operator; check number \d{4} \d{4}$/m);
    const again = await installed.run('smps', 'pair', `${origin}/#pair=${ticket}`);
    expect(again.status).toBe(3);

    const { hosts, vms } = await listing();
    expect(hosts).toMatchObject([
      { id: 'alpha', name: 'Alpha', site: 'north', hypervisor: 'simulated', accelerator: 'simulated', simulated: true }
    ]);
    expect(hosts[0]).toMatchObject({ state: 'online', role: 'operator' });
    expect(vms).toHaveLength(2);
    const [vm, other] = vms;
    if (vm === undefined || other === undefined) throw new Error('no VMs');
    expect(vm).toMatchObject({ host: 'alpha', state: expect.any(String) as string });
    expect(vm).toMatchObject({ vcpus: expect.any(Number) as number, memory: expect.any(Number) as number });

    const statuses = await Promise.all([
      installed.run('smps', 'run', 'vm.rename', `vm=${vm.name}`, 'name=till'),
      installed.run('smps', 'run', 'operator.list'),
      installed.run('smps', 'run', 'vm.nonsense'),
      installed.run('smps', 'run', 'vm.rename', `vm=${other.id}`, 'name='),
      installed.run('smps', 'run', 'vm.delete', 'vm=nobody', '--json')
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([0, 3, 2, 2, 3]);
    expect(statuses[0].out).toContain('till');
    expect(JSON.parse(statuses[4].out)).toMatchObject({ status: 'refused', fault: { code: 'not-found' } });
    expect((await listing()).vms.map(({ name }) => name)).toContain('till');
  });

  test('keep the operator’s files for the operator alone', () => {
    const home = join(installed.directory, 'home');
    const modes = below(home).map((file) => `${file} ${(statSync(join(home, file)).mode & 0o777).toString(8)}`);
    expect(modes.sort()).toEqual(['hosts/alpha.json 600', 'operator-key.json 600']);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  test('tell a watcher what others do, until Ctrl-C', async () => {
    const watch = await installed.start('smps', 'watch', '--json');
    expect(JSON.parse(watch.lines[0] ?? '')).toMatchObject({ kind: 'host', host: 'alpha', state: 'online' });
    await installed.run('smps', 'run', 'vm.rename', 'vm=till', 'name=desk');
    const line = await watch.line((text) => text.includes('"kind":"vm"') && text.includes('desk'));
    expect(JSON.parse(line)).toMatchObject({ changed: { name: { from: 'till', to: 'desk' } } });
    await expect(watch.stop('SIGINT')).resolves.toBe(0);
  });

  test('end when asked, and are then missed', async () => {
    await expect(agent.stop('SIGTERM')).resolves.toBe(0);
    const away = await installed.run('smps', 'ls', '--json');
    expect(away.status).toBe(1);
    expect(away.err).toContain('alpha (Alpha) is offline');
    expect(JSON.parse(away.out)).toMatchObject({ hosts: [{ id: 'alpha', state: 'offline' }], vms: [] });
    await expect(gateway.stop('SIGINT')).resolves.toBe(0);
    const gone = await installed.run('smps', 'run', 'vm.start', 'vm=desk', '--host', 'alpha');
    expect(gone.status).toBe(1);
    expect(gone.err).toContain('host alpha cannot be reached');
  });
});
