import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import about from './package.json' with { type: 'json' };
import { findBrowser } from './scripts/browser.mjs';
import { bundled } from './scripts/setup/bundled.mjs';
import { eager } from './scripts/setup/eager.mjs';
import { withoutH264 } from './scripts/setup/novnc.mjs';
import { servedPlugins, withPlugins } from './scripts/setup/plugins.mjs';
import { preloading } from './scripts/setup/preload.mjs';
import { publishedVectors } from './tests/vectors/published.ts';

const chromium = process.env.VITEST ? findBrowser() : undefined;
/** Properties are tried as often on a busy machine as on an idle one. */
const PATIENCE = 20_000;
const ISOMORPHIC =
  '{plugins,src/lib/{model,protocol,seal,frame,session,query,plugin,plan,sandbox,messages}}/**/*.test.ts';

/**
 * What every view needs comes in one file instead of fifty, with all that it imports; pages and the client's core stay apart, and so
 * does what is opened now and then, but for its few styles: the kit links those from the start.
 */
const shell = {
  name: 'shell',
  test: /src[\\/](routes[\\/]\+(layout|error)\.svelte$|lib[\\/]ui[\\/](signs|frame)[\\/](?!Sparkline|spark|KeysHelp|GatewayHelp|Search(Help|Popup|Problems)|problem-words|SavedFilters))|lib[\\/]ui[\\/](frame[\\/]|forms[\\/]|pairing[\\/]|tasks[\\/]Task).*type=style|runtime[\\/]client[\\/]client\.js$/
};

/**
 * The client with all behind it, the words of pages, and what pages with a table share: each in one file, as each is needed as a
 * whole. What dialogs and lazy parts of the shell take from the latter stays apart: the kit would link its styles from the start.
 */
const core = { name: 'core', test: /src[\\/]lib[\\/]app[\\/]core\.ts$/ };
const words = { name: 'words', test: /src[\\/]lib[\\/]ui[\\/]page-language\.ts$/ };
const parts = { name: 'parts', test: /src[\\/]lib[\\/]ui[\\/](forms[\\/](Dialog|Field)|tasks[\\/]TaskSign)\.svelte$/ };
const tables = {
  name: 'tables',
  test: /src[\\/](lib[\\/]ui[\\/]tables[\\/]|routes[\\/]views[\\/](VmsView|HostsView)\.svelte$)/
};

/** What start.js needs before it has set the kit's payload (the version, the base path): nothing that reads it may come along. */
const boot = { name: 'boot', test: /runtime[\\/]client[\\/]payload\.js$|vite[\\/]preload-helper/, priority: 1 };

export default defineConfig({
  plugins: [
    bundled(),
    withoutH264(),
    process.env.VITEST ? publishedVectors() : null,
    servedPlugins(),
    sveltekit({
      compilerOptions: { runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true) },
      // Not the time of the build: the same sources make the same page, whose hash can be compared.
      version: { name: about.version },
      adapter: withPlugins(eager(preloading(adapter({ fallback: 'index.html', precompress: false })))),
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['none'],
          'script-src': ['self'],
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:', 'blob:'],
          'font-src': ['self'],
          'connect-src': ['self', 'ws:', 'wss:'],
          'worker-src': ['self'],
          'frame-src': ['self'],
          'manifest-src': ['self'],
          'base-uri': ['none'],
          'form-action': ['none']
        }
      }
    })
  ],
  // `smps-vmm/plugin` is the source of it here.
  resolve: { conditions: ['smps-source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['smps-source', ...defaultServerConditions] } },
  environments: {
    client: {
      build: { rolldownOptions: { output: { codeSplitting: { groups: [boot, shell, core, words, parts, tables] } } } }
    }
  },
  // Found only behind a worker, which would make the dev server and the tests reload.
  optimizeDeps: { include: ['webcrypto-liner/build/index.es.js'] },
  test: {
    // `*.node.test.ts` needs Node; `*.browser.test.ts` needs a browser; every other test of a shared folder runs in both.
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: [ISOMORPHIC, '{gateway,host-agent,scripts,src/cli,tests/xen/host}/**/*.test.ts', 'src/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          testTimeout: PATIENCE
        }
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [ISOMORPHIC, 'src/lib/{app,ui}/**/*.test.ts'],
          exclude: ['**/*.node.test.ts'],
          testTimeout: PATIENCE,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(chromium ? { executablePath: chromium } : {}),
                args: ['--no-sandbox', '--disable-quic', '--disable-background-networking']
              }
            }),
            instances: [{ browser: 'chromium' }]
          }
        }
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          environment: 'node',
          include: ['tests/conformance/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000
        }
      },
      {
        extends: true,
        test: {
          name: 'xen',
          environment: 'node',
          include: ['tests/xen/*.test.ts'],
          // One emulated host is all that two processors carry.
          fileParallelism: false,
          testTimeout: 180_000,
          // The first to ask for a host builds its image.
          hookTimeout: 900_000
        }
      },
      {
        extends: true,
        test: {
          name: 'consumer',
          environment: 'node',
          include: ['tests/consumer/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000
        }
      }
    ]
  }
});
