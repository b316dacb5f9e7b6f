import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { withPreloads } from './preload.mjs';

const manifest = {
  '_core.js': { file: '_app/core.js', name: 'core' },
  '_shell.js': { file: '_app/shell.js', css: ['_app/shell.css'] },
  '_table.js': { file: '_app/table.js', css: ['_app/table.css'], imports: ['_shell.js', '_core.js'] },
  'kit/nodes/1.js': { file: '_app/1.js' },
  'kit/nodes/21.js': { file: '_app/21.js', imports: ['_shell.js'] },
  'kit/nodes/22.js': { file: '_app/22.js', imports: ['_table.js'] },
  'kit/nodes/23.js': { file: '_app/23.js' }
};
const nodes = {
  '/': 'kit/nodes/21.js',
  '/vms': 'kit/nodes/22.js',
  '/vms/new': 'kit/nodes/21.js',
  '/vms/[vm]': 'kit/nodes/23.js',
  '/hosts': 'kit/nodes/22.js',
  '/hosts/[host]': 'kit/nodes/21.js'
};
const shell = '<link href="/_app/shell.js" rel="modulepreload">';
const sheet = '<link href="/_app/shell.css" rel="stylesheet">';
const policy = `<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'self' 'sha256-kit='">`;
const page = withPreloads(`<head><title></title>${policy}${shell}${sheet}</head><body></body>`, manifest, nodes);

it('names the styles first, and last the core and the page of errors, for which nothing waits', () => {
  const [head = '', rest] = page.split('</head>');
  expect(rest).toBe('<body></body>');
  expect(head.match(/<link [^>]*>/g)).toEqual([
    sheet,
    shell,
    '<link href="/_app/core.js" rel="modulepreload" fetchpriority="low">',
    '<link href="/_app/1.js" rel="modulepreload" fetchpriority="low">'
  ]);
});

/** What a tab at that address asks for by itself, once the head is there. */
function askedAt(pathname: string): string[] {
  const script = /<script>(.*)<\/script>/.exec(page)?.[1] ?? '';
  const asked: string[] = [];
  const document = {
    createElement: () => ({}),
    head: { append: ({ href, rel }: { href: string; rel: string }) => asked.push(`${rel} ${href}`) }
  };
  const later = (then: () => void): void => then();
  runInNewContext(script, { location: { pathname }, document, setTimeout: later });
  return asked;
}

it('asks at once for what the address needs beside what every page needs', () => {
  expect(askedAt('/vms')).toEqual([
    'modulepreload /_app/22.js',
    'preload /_app/table.css',
    'modulepreload /_app/table.js'
  ]);
  expect(askedAt('/vms/0c2f8a')).toEqual(['modulepreload /_app/23.js']);
  expect(askedAt('/vms/new')).toEqual(['modulepreload /_app/21.js']);
  for (const other of ['/settings', '/vms/0c2f8a/disks', '/%3Cscript%3E', '/constructor'])
    expect(askedAt(other)).toEqual([]);
});

it('is allowed by the page’s policy, by its hash alone, beside what was allowed before', () => {
  const script = /<script>(.*)<\/script>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  expect(page).toContain(`script-src 'self' 'sha256-${hash}' 'sha256-kit='`);
  expect(page.indexOf('<script>')).toBeGreaterThan(page.indexOf('content-security-policy'));
});

it('refuses a build in which they are not found', () => {
  const { '_core.js': core, ...others } = manifest;
  expect(core).toBeDefined();
  expect(() => withPreloads('<head></head>', others, nodes)).toThrow('no core');
  expect(() => withPreloads('<head></head>', manifest, nodes)).toThrow('no policy');
  expect(() => withPreloads(`<head>${policy}</head>`, manifest, {})).toThrow('no page at /');
});
