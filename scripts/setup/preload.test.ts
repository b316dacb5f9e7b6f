import { expect, it } from 'vitest';
import { withPreloads } from './preload.mjs';

const manifest = {
  '_core.js': { file: '_app/core.js', name: 'core' },
  '.svelte-kit/generated/build/client-optimized/nodes/1.js': { file: '_app/1.js' },
  '.svelte-kit/generated/build/client-optimized/nodes/21.js': { file: '_app/21.js' }
};

it('names the styles first, and last the core and the page of errors, for which nothing waits', () => {
  const shell = '<link href="/_app/shell.js" rel="modulepreload">';
  const sheet = '<link href="/_app/shell.css" rel="stylesheet">';
  const page = withPreloads(`<head><title></title>${shell}${sheet}</head><body></body>`, manifest);
  const [head = '', rest] = page.split('</head>');
  expect(rest).toBe('<body></body>');
  expect(head.match(/<link [^>]*>/g)).toEqual([
    sheet,
    shell,
    '<link href="/_app/core.js" rel="modulepreload" fetchpriority="low">',
    '<link href="/_app/1.js" rel="modulepreload" fetchpriority="low">'
  ]);
});

it('refuses a build in which they are not found', () => {
  const { '_core.js': core, ...others } = manifest;
  expect(core).toBeDefined();
  expect(() => withPreloads('<head></head>', others)).toThrow('no core');
});
