// `npm test`: check, then the tests from the quickest to the slowest, stopping at the first part that fails. The last line
// is `N passed, N failed`, summed over what the runners themselves report.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBrowser } from '../browser.mjs';
import { aptInstall, canInstall } from './apt.mjs';
import { check } from './check.mjs';
import { run } from './ground.mjs';
import { HYPERVISOR_PACKAGES, hypervisorMissing, remedy } from './hypervisor.mjs';
import { say } from './say.mjs';
import { XEN_PACKAGES, xenMissing } from './xen.mjs';

const RESULTS = 'test-results';
// bindfs shows a directory as a file system that libvirt takes for shared; iproute2 puts a network between hosts.
const TEST_PACKAGES = [...HYPERVISOR_PACKAGES, 'iproute2', 'bindfs'];

/** `failures`: what failed, a line each, said again at the end where the runner's own words are far above.
 * @typedef {{ passed: number, failed: number, skipped: number, failures?: string[] }} Count */
/** @typedef {{ node: string, env: NodeJS.ProcessEnv, builds: () => Promise<void>, extra: string[] }} Ground */
/** @typedef {{ name: string, title: string, apart?: true, run(ground: Ground): Promise<Count> }} Part `apart`: only when asked for */

/** @type {readonly Part[]} */
const PARTS = [
  {
    name: 'check',
    title: 'source',
    run: async ({ node, env, builds }) => ({ passed: 0, failed: (await check(node, env, builds)) ? 0 : 1, skipped: 0 })
  },
  { name: 'unit', title: 'unit tests in Node', run: (ground) => (withInterop(), vitest('node', ground)) },
  {
    name: 'browser',
    title: 'unit tests in Chromium',
    run: async (ground) => (await withBrowser(ground), vitest('browser', ground))
  },
  {
    name: 'consumer',
    title: 'the package, and npm start, as their users run them',
    run: async (ground) => (
      await ground.builds(),
      await withHypervisor(),
      await withSystemd(),
      vitest('consumer', ground)
    )
  },
  {
    name: 'conformance',
    title: 'drivers: one suite on every hypervisor there is',
    run: async (ground) => (await withHypervisor(), vitest('conformance', ground))
  },
  {
    name: 'e2e',
    title: 'end to end in Chromium',
    run: async (ground) => (
      await ground.builds(),
      await withBrowser(ground),
      await withHypervisor(),
      playwright(ground)
    )
  },
  {
    name: 'xen',
    title: 'real Xen hosts, emulated',
    apart: true,
    run: async (ground) => (
      await ground.builds(),
      await withBrowser(ground),
      await withHypervisor(),
      await withXen(),
      onXen(ground)
    )
  }
];

export const PART_NAMES = PARTS.map((part) => part.name);

/** @param {Ground} ground @param {string | null} only @returns {Promise<boolean>} true when nothing failed */
export async function test(ground, only) {
  // One part alone adds to what the whole has left.
  if (only === null) rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failures = [];
  for (const part of PARTS) {
    if (only === null ? part.apart : part.name !== only) continue;
    const began = Date.now();
    say(`— ${part.title} —`);
    const count = await part.run(ground);
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
    failures.push(...(count.failures ?? []));
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
    const tests = count.passed + count.failed > 0 ? `: ${count.passed} passed, ${count.failed} failed${skipped}` : '';
    say(`${part.name} ${count.failed === 0 ? 'ok' : 'FAILED'}${tests} (${seconds(began)} s)`);
    if (count.failed > 0) break;
  }
  for (const line of failures) say(`failed: ${line}`);
  if (total.skipped > 0) say(`${total.skipped} skipped: the lines above say why`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0;
}

/** @param {number} began */
const seconds = (began) => Math.round((Date.now() - began) / 1000);

/** @param {Ground} ground */
async function withBrowser(ground) {
  ground.env.CHROMIUM_PATH = await ensureBrowser();
}

async function withInterop() {
  if (canInstall()) await aptInstall(['python3-cryptography'], 'the second implementation of the seal is in Python');
}

async function withSystemd() {
  if (canInstall())
    await aptInstall(['systemd', 'systemd-container'], 'a systemd of our own runs the units of the package');
}

async function withHypervisor() {
  if (canInstall()) await aptInstall(TEST_PACKAGES, 'tests run on real guests, on hosts with a network between them');
  const reason = hypervisorMissing();
  if (reason !== null) say(`no real guests: ${reason}; ${remedy()}`);
}

/** The tests fail where none can be built: said once, before all of them do. */
async function withXen() {
  if (canInstall()) await aptInstall(XEN_PACKAGES, 'a Xen host is built and emulated here');
  const reason = xenMissing();
  if (reason !== null) say(`no Xen host: ${reason}`);
}

/** @param {string} project @param {Ground} ground @returns {Promise<Count>} */
async function vitest(project, { node, env, extra }) {
  const file = `${RESULTS}/vitest-${project}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const status = await run(
    node,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...reporters, ...extra],
    env
  );
  return counted(status, file, (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap(failuresOfFile)
  }));
}

/** @param {{ name: string, status: string, message: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }} file
 * @returns {string[]} */
function failuresOfFile({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  const path = relative(process.cwd(), name);
  if (failed.length === 0) return status === 'failed' ? [`${path}: ${firstLine(message)}`] : [];
  return failed.map(({ fullName, failureMessages: [why = ''] }) => `${path}: ${fullName}: ${firstLine(why)}`);
}

/** @param {string} text */
const firstLine = (text) => stripVTControlCharacters(text.trim().split('\n', 1)[0] ?? '');

/** QEMU makes guests of a Xen that it emulates crash or hang now and then, PVH ones above all: files in which something failed run
 * once more, and it is said. What is broken fails again. @param {Ground} ground @returns {Promise<Count>} */
async function onXen(ground) {
  const first = await vitest('xen', ground);
  if (first.failed === 0) return first;
  /** @type {{ name: string, status: string, assertionResults: { status: string }[] }[]} */
  let failed = [];
  try {
    const { testResults } = JSON.parse(readFileSync(`${RESULTS}/vitest-xen.json`, 'utf8'));
    failed = testResults.filter((/** @type {{ status: string }} */ { status }) => status === 'failed');
  } catch {
    // The runner itself broke: that is the result.
  }
  if (failed.length === 0) return first;
  const files = failed.map(({ name }) => relative(process.cwd(), name));
  say(`once more, for QEMU makes guests of an emulated Xen crash now and then: ${files.join(' ')}`);
  const again = await vitest('xen', { ...ground, extra: files });
  /** @param {string} status */
  const before = (status) =>
    failed.flatMap(({ assertionResults }) => assertionResults).filter((test) => test.status === status).length;
  return {
    passed: first.passed - before('passed') + again.passed,
    failed: again.failed,
    failures: again.failures ?? [],
    skipped: first.skipped - before('pending') - before('skipped') - before('todo') + again.skipped
  };
}

/** @param {Ground} ground @returns {Promise<Count>} */
async function playwright({ node, env, extra }) {
  const file = `${RESULTS}/playwright.json`;
  const args = ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json', ...extra];
  const status = await run(node, args, { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  return counted(status, file, ({ stats, suites }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
    failures: suites.flatMap(failuresOfSuite)
  }));
}

/** @param {any} suite of Playwright's report @returns {string[]} */
function failuresOfSuite({ specs = [], suites = [] }) {
  return [
    ...specs
      .filter((/** @type {any} */ { ok }) => !ok)
      .map((/** @type {any} */ { file, title, tests }) => {
        const errors = tests[0]?.results.findLast((/** @type {any} */ { errors }) => errors.length > 0)?.errors ?? [];
        return `tests/e2e/${file}: ${title}: ${errors.map(inShort).join('; ')}`;
      }),
    ...suites.flatMap(failuresOfSuite)
  ];
}

/** What was wrong, with what, how that was, and in which line: a test that ran out of time says only in its second error what it
 * waited for. @param {{ message?: string, location?: { line: number } }} error @returns {string} */
function inShort({ message = '', location }) {
  const text = stripVTControlCharacters(message);
  const waited = /^ *- (waiting for .*)$/m.exec(text)?.[1];
  const received = /^(?:Received|Error: element).*$/m.exec(text)?.[0];
  const line = location === undefined ? null : `line ${location.line}`;
  return [firstLine(message), waited, received, line].filter(Boolean).join(', ');
}

/** A runner that ends badly without naming a failed test (a file that does not load, a crash) counts as one failure.
 * @param {number} status @param {string} file @param {(report: any) => Count} read @returns {Count} */
function counted(status, file, read) {
  let count = { passed: 0, failed: 0, skipped: 0 };
  try {
    count = read(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    say(`the runner left no result (exit status ${status})`);
    count.failed = 1;
  }
  if (status !== 0 && count.failed === 0) count.failed = 1;
  return count;
}
