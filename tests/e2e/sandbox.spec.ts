// What holds a plugin: in a real browser, against a canary that nothing may reach. Every plugin here means harm, or is badly broken;
// the page must stay alive, be told what happened, and go on.
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapes } from '../support/escapes.ts';
import { FREE_FRAME, startCanary, startLab } from '../support/sandbox-lab.ts';
import type { Canary, Lab } from '../support/sandbox-lab.ts';

let lab: Lab;
let canary: Canary;
let page: Page;
const errors: string[] = [];

test.describe.configure({ mode: 'default' });
test.use({ trace: 'off' });

test.beforeAll(async ({ browser }) => {
  [lab, canary] = await Promise.all([startLab(), startCanary()]);
  page = await browser.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(lab.origin);
});
test.afterAll(async () => {
  await page.close();
  lab.stop();
  canary.stop();
});

const MANIFEST = `{ id: 'evil', version: '1.0.0', api: 1, title: 'Evil', description: 'It means harm.' }`;
const plugin = (members: string, before = ''): string =>
  `${before}\nexport default { manifest: ${MANIFEST}, ${members} };`;
/** Ends the name of a plugin: each test has one of its own. */
let count = 0;

async function load(
  source: string,
  options: { deadline?: number; grace?: number; frame?: string } = {}
): Promise<[string, string]> {
  count += 1;
  const name = `evil-${count}`;
  const said = await page.evaluate(([n, s, o]) => window.lab.load(n, s, o), [name, source, options] as const);
  return [name, said];
}
const rank = (name: string): Promise<string> => page.evaluate((n) => window.lab.rank(n), name);
const propose = (name: string, budget = 300): Promise<string> =>
  page.evaluate(([n, b]) => window.lab.propose(n, b), [name, budget] as const);
const standstill = (): Promise<number> => page.evaluate(() => window.lab.standstill());
/** ms: less than any of the plugins here has the processor for. */
const ALIVE = 900;
const heard = (): Promise<unknown[]> => page.evaluate(() => window.lab.heard);

const GOOD = '"scores":["1","2","3","4"]';

test('no way leads out of a plugin; without the policy of its frame, most do', async () => {
  const saying = `${escapes(canary.port)}const description = out.join(' ') || 'none';`;
  const [name, out] = await load(
    `${saying}\nexport default { manifest: { ...${MANIFEST}, description }, score: (vm, host) => host + 1 };`
  );
  // To its own frame's document, which does not listen; into a channel of its own origin, which nobody else has.
  expect(out).toBe('channel own');
  expect(await rank(name)).toContain(GOOD);
  expect(canary.hits).toEqual([]);
  expect(await heard()).toEqual([]);

  const source = `${saying}\nexport default { manifest: { ...${MANIFEST}, description } };`;
  const [free, met] = await load(source, { frame: FREE_FRAME });
  expect(met).toContain('fetch');
  const reached = ['fetch', 'post', 'xhr', 'socket', 'events', 'scripts', 'module', 'font'];
  for (const way of reached) {
    const noticed = (): boolean => canary.hits.some((hit) => hit.endsWith(`/${way}`));
    await expect.poll(noticed, `the canary does not notice ${way}`).toBe(true);
  }
  // Before it is forgotten who came: what is still on its way ends with it.
  await page.evaluate((n) => window.lab.of(n).close(), free);
  canary.hits.length = 0;
});

test('two plugins hear nothing of each other', async () => {
  const [listener] = await load(
    plugin(
      `filter: () => 'heard ' + heard`,
      `let heard = 0; const channel = new BroadcastChannel('plugins'); channel.onmessage = () => heard++;`
    )
  );
  const [speaker] = await load(
    plugin(
      `score: () => { channel.postMessage(1); return heard; }`,
      `let heard = 0; const channel = new BroadcastChannel('plugins'); channel.onmessage = () => heard++;`
    )
  );
  expect(await rank(speaker)).toContain('"scores":["0","0","0","0"]');
  expect(await rank(listener)).toContain('heard 0');
});

const SPIN = 'for (;;) {}';
/** ms: that of a plugin which must answer within it, too, once it is started anew, however busy the machine. */
const PATIENT = 3_000;
const SPINNING: readonly (readonly [where: string, source: string, ask: (name: string) => Promise<string>])[] = [
  ['its loading', plugin('', SPIN), rank],
  ['score', plugin(`score() { ${SPIN} }`), rank],
  ['propose', plugin(`propose() { ${SPIN} }`), propose],
  ['the way to its functions', plugin(`get score() { ${SPIN} }`), rank]
];
for (const [where, source, ask] of SPINNING) {
  test(`a plugin that never ends in ${where} is stopped, and the page goes on meanwhile`, async () => {
    await standstill();
    const [name, loaded] = await load(source, { deadline: 1000, grace: 700 });
    const said = loaded.startsWith('plugin-failed') ? loaded : await ask(name);
    expect(said).toMatch(/plugin-failed: the plugin \S+ did not answer within 1 s/);
    expect(await standstill()).toBeLessThan(ALIVE);
  });
}

test('a plugin that was stopped is started anew for the next call, and three times in a row are enough', async () => {
  const [name] = await load(plugin(`filter(vm) { if (vm > 0) ${SPIN} return true; }, score: (vm, host) => host + 1`), {
    deadline: PATIENT
  });
  const spin = (): Promise<string> => page.evaluate((n) => window.lab.rank(n, [1]), name);
  expect(await spin()).toContain('did not answer within 3 s');
  expect(await rank(name)).toContain(GOOD);
  for (let time = 0; time < 3; time++) expect(await spin()).toContain('did not answer within 3 s');
  expect(await rank(name)).toContain('was stopped 3 times in a row');
  await page.evaluate((n) => window.lab.of(n).restart(), name);
  expect(await rank(name)).toContain(GOOD);
});

test('a plugin that is closed while it is started leaves nothing behind', async () => {
  const [name] = await load(plugin('score: (vm, host) => host + 1'));
  const said = await page.evaluate(async (n) => {
    const sandbox = window.lab.of(n);
    const before = document.querySelectorAll('iframe').length;
    const restarted = sandbox.restart().then(
      () => 'started',
      (thrown: unknown) => String(thrown)
    );
    // Its frame is there, and has not answered.
    while (document.querySelectorAll('iframe').length < before) await new Promise((resolve) => setTimeout(resolve));
    sandbox.close();
    return [await restarted, document.querySelectorAll('iframe').length - before];
  }, name);
  expect(said).toEqual([expect.stringContaining('was closed'), -1]);
});

test('of a fleet that follows another only what differs is handed over, and all of it to a plugin that was started anew', async () => {
  const [name] = await load(
    plugin(
      `filter(vm) { if (vm > 0) ${SPIN} return true; }, score: (vm, host, fleet) => fleet.columns.demand[0] + host`
    ),
    { deadline: PATIENT }
  );
  const asks = await page.evaluate(async (n) => {
    const sandbox = window.lab.of(n);
    type Posting = { postMessage: (...args: unknown[]) => void };
    const said: string[] = [];
    // Questions go to the plugin, a whole fleet to the courier.
    const listened = [MessagePort.prototype as Posting, Worker.prototype as Posting].map((of) => {
      const { postMessage } = of;
      of.postMessage = function (...args: unknown[]) {
        const message = args[0] as { ask?: string; is?: string } | null;
        said.push(message?.is === 'parcel' ? 'fleet' : (message?.ask ?? ''));
        postMessage.apply(this, args);
      };
      return () => (of.postMessage = postMessage);
    });
    const ask = async (demand: number, vm: number): Promise<void> => {
      const columns = { ...window.lab.columns, demand: window.lab.columns.demand.with(0, demand) };
      const asked = sandbox
        .show(columns)
        .then(() => sandbox.rank({ ...window.lab.terms, vms: Int32Array.of(vm) }))
        .then(
          ({ scores }) => scores.join(),
          () => 'stopped'
        );
      said.push(await asked);
    };
    await ask(10, 0);
    await ask(20, 1);
    await ask(30, 0);
    for (const stop of listened) stop();
    return said.filter((one) => one !== '');
  }, name);
  expect(asks).toEqual([
    ...['change', 'rank', '10,11,12,13', 'change', 'rank', 'stopped'],
    ...['load', 'fleet', 'rank', '30,31,32,33']
  ]);
});

test('a call that is cancelled stops the plugin at once, and the next one works', async () => {
  const [name] = await load(plugin(`score: (vm, host) => host + 1, propose() { ${SPIN} }`));
  const said = await page.evaluate(async (n) => {
    const control = new AbortController();
    const call = window.lab
      .of(n)
      .propose(
        { ...window.lab.terms, kind: 'rebalance', place: [], leave: [], budget: 60_000 },
        () => undefined,
        control.signal
      );
    setTimeout(() => control.abort(), 100);
    return call.then(
      () => 'ended',
      (thrown: unknown) => (thrown as Error).name
    );
  }, name);
  expect(said).toBe('AbortError');
  expect(await rank(name)).toContain(GOOD);
});

/** What the runtime says itself, and what is found out when the runtime was made to lie. */
const LIES: readonly (readonly [what: string, source: string, says: string])[] = [
  ['scores NaN', plugin('score: () => NaN'), 'score(0, 0) answered NaN: it must be a number from 0 to 100'],
  ['scores more than 100', plugin('score: () => 1e9'), 'score(0, 0) answered 1000000000'],
  ['scores in words', plugin(`score: () => '7'`), 'score(0, 0) answered 7'],
  ['scores nothing', plugin('score() {}'), 'score(0, 0) answered undefined'],
  ['filters with false', plugin('filter: () => false'), 'filter(0, 0) answered boolean'],
  ['filters without a word', plugin(`filter: () => ' '`), 'it must be true or a text that says why not'],
  ['throws', plugin(`score() { throw new RangeError('too far'); }`), 'threw “RangeError: too far”'],
  [
    'throws what throws',
    plugin(`score() { throw { toString() { throw 1; } }; }`),
    'threw something that cannot be read'
  ],
  [
    'replaces the array of scores',
    plugin('score: () => 1', 'globalThis.Float32Array = class extends Array {};'),
    'wrong kind'
  ],
  ['replaces another array', plugin('score: () => 1', 'globalThis.Uint16Array = Uint8Array;'), 'wrong kind or number'],
  ['answers out of range', lying(`scores: Float32Array.of(1, 2, 3, 1e9)`), 'gave the score 1000000000'],
  ['answers too few scores', lying(`scores: Float32Array.of(1)`), 'wrong kind or number'],
  ['answers too many scores', lying(`scores: new Float32Array(5e6)`), 'wrong kind or number'],
  ['answers NaN without a reason', lying(`scores: new Float32Array(4).fill(NaN)`), 'gave the score NaN'],
  [
    'answers reasons there are not',
    lying(`scores: new Float32Array(4).fill(NaN), why: Uint16Array.of(1, 1, 1, 9)`),
    'gave a reason'
  ],
  ['answers an endless reason', lying(`reasons: ['x'.repeat(1e6)]`), 'a text of more than 200 characters'],
  ['answers thousands of reasons', lying(`reasons: Array(5000).fill('x')`), 'more than 200 texts'],
  ['chooses a host that is not there', lying(`chosen: Int32Array.of(4)`), 'chose a host that is not there'],
  ['answers another question', lying(`is: 'loaded'`), 'answered what was not asked'],
  ['answers nothing', lying(`is: undefined`), 'answered what was not asked'],
  ['lies about its console', lying(`said: { lines: [], dropped: -1 }`), 'counts its lines wrongly']
];
/** A plugin that changes what its runtime posts. */
function lying(changes: string): string {
  return plugin(
    'score: (vm, host) => host + 1',
    `const { postMessage } = MessagePort.prototype;
     MessagePort.prototype.postMessage = function (answer) {
       postMessage.call(this, answer.is === 'ranked' ? { ...answer, ${changes} } : answer);
     };`
  );
}
for (const [what, source, says] of LIES) {
  test(`a plugin that ${what} is refused, and it is said why`, async () => {
    const [name] = await load(source);
    expect(await rank(name)).toContain(says);
  });
}

test('a window of an enormous buffer is copied, not kept', async () => {
  const [name] = await load(lying('scores: new Float32Array(new ArrayBuffer(64e6), 0, 4)'));
  expect(await rank(name)).toContain('"scores":["0","0","0","0"]');
});

test('a plugin that goes on talking is stopped, and asked anew it answers', async () => {
  const [name] = await load(
    plugin(
      'score: (vm, host) => host + 1',
      `const { postMessage } = MessagePort.prototype;
       MessagePort.prototype.postMessage = function (answer) {
         postMessage.call(this, answer);
         if (answer.is === 'ranked') for (let n = 0; n < 1e5; n++) postMessage.call(this, answer);
       };`
    )
  );
  expect(await rank(name)).toContain(GOOD);
  expect(await rank(name)).toContain(GOOD);
});

const PROPOSALS: readonly (readonly [what: string, source: string, says: string])[] = [
  [
    'a VM that is not there',
    plugin('propose: () => ({ moves: [{ vm: 10, host: 0 }] })'),
    'a move of VM 10: there are 10'
  ],
  ['half a host', plugin('propose: () => ({ moves: [{ vm: 0, host: 0.5 }] })'), 'a move of host 0.5: there are 4'],
  ['no host', plugin('propose: () => ({ moves: [{ vm: 0 }] })'), 'a move of host undefined'],
  ['a VM twice', plugin('propose: () => ({ moves: [{ vm: 0, host: 1 }, { vm: 0, host: 2 }] })'), 'move a VM twice'],
  ['no list', plugin('propose: () => ({ moves: 7 })'), 'without a list of moves'],
  ['nothing', plugin('propose() {}'), 'threw “TypeError'],
  ['too many moves', plugin('propose: () => ({ moves: Array(200001).fill({ vm: 0, host: 0 }) })'), 'at most 200000']
];
for (const [what, source, says] of PROPOSALS) {
  test(`a plugin that proposes ${what} is refused, and it is said why`, async () => {
    const [name] = await load(source);
    expect(await propose(name)).toContain(says);
  });
}

test('a plugin that proposes for ever is heard ten times a second, until the time is over', async () => {
  const [name] = await load(
    plugin('*propose() { for (;;) yield { moves: [{ vm: 3, host: 1 }], note: "once more" }; }')
  );
  const said = await propose(name, 1000);
  expect(said).toContain('the last: once more 3 to 1');
  const proposals = Number(said.split(' ')[0]);
  expect(proposals).toBeGreaterThan(2);
  expect(proposals).toBeLessThanOrEqual(12);
});

test('a million lines of the console are two hundred, and a count', async () => {
  const [name] = await load(
    plugin(
      `score(vm, host) { if (host === 0) for (let n = 0; n < 1e6; n++) console.log('n', n, 'x'.repeat(600)); return 1; }`
    )
  );
  await page.evaluate(() => (window.lab.said.length = 0));
  expect(await rank(name)).toContain('"scores":["1","1","1","1"]');
  const said = (await page.evaluate(() => window.lab.said)) as { lines: string[]; dropped: number }[];
  expect(said).toHaveLength(1);
  expect(said[0]?.lines).toHaveLength(200);
  expect(said[0]?.lines.at(-1)).toMatch(/^n 199 x{494}$/);
  expect(said[0]?.dropped).toBe(999_800);
});

const MANIFESTS: readonly (readonly [what: string, source: string, says: string])[] = [
  ['is missing', 'export default {};', 'has no manifest'],
  ['throws', `export default { get manifest() { throw new Error('no'); } };`, 'threw “Error: no”'],
  [
    'is a proxy that throws',
    `export default { manifest: new Proxy({}, { ownKeys() { throw new Error('trap'); } }) };`,
    'threw “Error: trap”'
  ],
  ['contains itself', `const manifest = {}; manifest.id = manifest; export default { manifest };`, 'threw “TypeError'],
  ['is enormous', `export default { manifest: { id: 'x'.repeat(1e6) } };`, 'too large'],
  ['has a bad id', `export default { manifest: { ...${MANIFEST}, id: '../evil' } };`, 'bad-plugin: manifest.id'],
  [
    'has more in it',
    `export default { manifest: { ...${MANIFEST}, run: 'this' } };`,
    'bad-plugin: manifest.run is not known'
  ]
];
for (const [what, source, says] of MANIFESTS) {
  test(`a plugin whose manifest ${what} is not used`, async () => {
    const [, said] = await load(source);
    expect(said).toContain(says);
  });
}

test('what is no module, imports something, or exports nothing is not used', async () => {
  expect((await load('export default {'))[1]).toContain('threw “SyntaxError');
  expect((await load(`import x from 'x'; export default {};`))[1]).toContain('plugin-failed');
  expect((await load('export const x = 1;'))[1]).toContain('has no default export');
  expect((await load(`//${'x'.repeat(2 ** 20)}`))[1]).toContain('too-large');
});

test('a plugin that calls itself otherwise the second time is not used any more', async () => {
  const [name] = await load(
    `export default { manifest: { ...${MANIFEST}, description: 'No. ' + Math.random() }, score() { ${SPIN} } };`,
    { deadline: PATIENT }
  );
  expect(await rank(name)).toContain('did not answer');
  expect(await rank(name)).toContain('has another manifest than before');
});

test('a plugin that takes all memory dies alone: the page goes on, says so, and can start it again', async ({
  playwright
}) => {
  const { launchOptions } = test.info().project.use;
  // A small heap, so that this is over soon.
  const args = [...(launchOptions?.args ?? []), '--js-flags=--max-old-space-size=128'];
  const browser = await playwright.chromium.launch({ ...launchOptions, args });
  const own = await browser.newPage();
  await own.goto(lab.origin);
  // Playwright takes the frame's end for the page's: asked by the protocol itself, the page tells how it is.
  const session = await own.context().newCDPSession(own);
  const asked = async (expression: string): Promise<unknown> => {
    const { result } = await session.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    return result.value;
  };
  const bomb = plugin(
    `filter(vm) { for (const all = []; vm > 0; ) all.push(Array(1e4).fill({})); return true; }, score: (vm, host) => host + 1`
  );
  expect(await asked(`lab.load('bomb', ${JSON.stringify(bomb)}, { deadline: 60_000 })`)).toBe('It means harm.');
  await asked('lab.standstill()');
  expect(await asked(`lab.rank('bomb', [1])`)).toContain('died: it took more memory than there is');
  expect(await asked('lab.standstill()')).toBeLessThan(ALIVE);
  expect(await asked(`lab.rank('bomb', [0])`)).toContain(GOOD);
  await browser.close();
});

test.describe('a plugin from an address', () => {
  let server: Server;
  let origin = '';
  const asked: Record<string, string | string[] | undefined>[] = [];
  test.beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers);
      const cors = request.url === '/closed.js' ? {} : { 'access-control-allow-origin': '*' };
      if (request.url === '/slow.js') return;
      response.writeHead(request.url === '/none.js' ? 404 : 200, { ...cors, 'content-type': 'text/javascript' });
      response.end(
        request.url === '/large.js'
          ? '/'.repeat(2 ** 20 + 1)
          : request.url === '/bytes.js'
            ? Buffer.of(0xff)
            : 'export {};'
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  test.afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const fetched = (url: string): Promise<string> =>
    page.evaluate((u) => window.lab.fetchPlugin(u, { ms: 2_000 }).catch((thrown: unknown) => String(thrown)), url);

  test('is fetched without cookies, referrer or origin', async () => {
    await page.context().addCookies([{ name: 'session', value: 'secret', url: origin }]);
    expect(await fetched(`${origin}/good.js`)).toBe('export {};');
    expect(asked.at(-1)).toMatchObject({ origin: 'null' });
    expect(asked.at(-1)?.cookie).toBeUndefined();
    expect(asked.at(-1)?.referer).toBeUndefined();
  });

  test('is refused when it is too large, too slow, no text, not there, not shown to others, or not sealed', async () => {
    expect(await fetched(`${origin}/large.js`)).toContain('the plugin is larger than 1 MiB');
    expect(await fetched(`${origin}/bytes.js`)).toContain('is no text in UTF-8');
    expect(await fetched(`${origin}/none.js`)).toContain('its server answered 404');
    expect(await fetched(`${origin}/closed.js`)).toContain('does not let other pages read this');
    expect(await fetched(`${origin}/slow.js`)).toContain('could not be fetched within 2 s');
    expect(await fetched('http://example.com/x.js')).toContain('must begin with https://');
    expect(await fetched('file:///etc/passwd')).toContain('must begin with https://');
    expect(await fetched('nothing')).toContain('is not a URL');
  });
});

test('after all of this the canary was never reached, and the page had no error', async () => {
  expect(canary.hits).toEqual([]);
  expect(await heard()).toEqual([]);
  expect(errors).toEqual([]);
});
