// The rules that the compiler does not know: promises that nobody awaits, unsafe values, and the one import boundary it
// cannot see (a .svelte file that reaches for server code passes svelte-check and builds).
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';

const serverOnly = {
  group: ['**/gateway/**', '**/host-agent/**', '**/scripts/**', 'node:*', 'ws'],
  message: 'The browser never imports server code: what both need lives in src/lib.'
};

export default defineConfig(
  globalIgnores(['build/', 'dist/', '.svelte-kit/', 'test-results/', 'static/']),
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  svelte.configs.recommended,
  prettier,
  svelte.configs.prettier,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: {
        project: [
          'tsconfig.json',
          'tests/tsconfig.json',
          'src/lib/*/tsconfig.json',
          'gateway/tsconfig.json',
          'host-agent/tsconfig.json',
          'src/cli/tsconfig.json',
          'plugins/tsconfig.json'
        ],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte']
      }
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // TypeScript knows every name.
      'no-undef': 'off',
      // A number in a message prints as itself; everything else must be made text on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => void f()` would say less than `() => f()` in callbacks.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `for (;;)` and `while (true)` say what they mean.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' }
      ],
      // node:test-like callbacks and event handlers may be async: rejections are handled inside (no-floating-promises sees to it).
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: ['error', 'always'],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'ExportAllDeclaration', message: 'No barrel files: import from where it is defined.' },
        {
          // It is set anew whenever anything beside it changes, and shuts what the operator has opened.
          selector: 'SvelteElement[name.name="details"] SvelteStartTag > SvelteAttribute[key.name="open"]',
          message: 'bind:open, to a $derived where it begins with a condition.'
        }
      ]
    }
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    // The parser gives every snippet parameter and inline callback the type `any`; svelte-check knows their types and checks them.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off'
    }
  },
  {
    // Columns are as long as their problem says.
    files: [
      'src/lib/{plugin,plan,sandbox}/**/*.ts',
      'plugins/**/*.ts',
      'tests/support/a-problem.ts',
      'tests/bench/online.ts'
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' }
  },
  {
    // The only barrels: what the package publishes to plugin authors.
    files: ['src/lib/plugin/index.ts', 'src/lib/plan/testkit/index.ts'],
    rules: { 'no-restricted-syntax': 'off' }
  },
  {
    // As any author outside: what a plugin needs of the project is published.
    files: ['plugins/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!(\\./|\\.\\./(alike|share)\\.ts$|smps-vmm/plugin))',
              message: 'A plugin imports smps-vmm/plugin only.'
            }
          ]
        }
      ]
    }
  },
  {
    files: ['src/routes/**', 'src/lib/app/**', 'src/lib/ui/**'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [serverOnly] }] }
  },
  {
    // Their tools, and the app that loads plugins, want a default export.
    files: ['*.config.{js,ts}', 'plugins/schedulers/*.ts'],
    rules: { 'no-restricted-syntax': 'off' }
  },
  {
    // Plain JavaScript that runs before any dependency exists: types come from JSDoc, checked by tsc.
    files: ['**/*.{js,mjs}'],
    extends: [ts.configs.disableTypeChecked]
  }
);
