import { expect, test } from 'vitest';
import { userDataProblem } from './user-data.ts';

test.each([
  '',
  '#cloud-config',
  '#cloud-config\n',
  '#cloud-config\npackages: [nginx]\nruncmd:\n  - echo "a: b"\n',
  '#cloud-config\r\npackages:\r\n  - nginx\r\n',
  '#!/bin/sh\n: {{ no YAML',
  'Content-Type: multipart/mixed; boundary="x"\nMIME-Version: 1.0\n'
])('%j is taken', async (text) => {
  expect(await userDataProblem(text)).toBeNull();
});

test.each<[string, object]>([
  ['packages: [nginx]', { kind: 'beginning' }],
  [' #cloud-config', { kind: 'beginning' }],
  ['#cloud-configuration\na: 1', { kind: 'beginning' }],
  ['#include\nhttp://x', { kind: 'beginning' }],
  ['Content-Type: text/plain\n', { kind: 'beginning' }],
  ['é'.repeat(8_193), { kind: 'too-large', bytes: 16_386 }],
  ['#cloud-config\n- a\n- b\n', { kind: 'not-a-mapping', line: 2 }],
  ['#cloud-config\n\njust text\n', { kind: 'not-a-mapping', line: 3 }],
  ['#cloud-config\na: [1, 2\n', { kind: 'yaml', line: 3 }],
  ['#cloud-config\na: 1\n  b: 2\n', { kind: 'yaml', line: 2, column: 4 }],
  ['#cloud-config\na: 1\na: 2\n', { kind: 'yaml', line: 3, column: 1 }],
  ['#cloud-config\n\ta: 1\n', { kind: 'yaml', line: 2 }],
  ['#cloud-config\na: *nowhere\n', { kind: 'yaml', line: 2 }],
  ['#cloud-config\na: 1\n---\nb: 2\n', { kind: 'yaml' }]
])('%j is refused with its place', async (text, problem) => {
  expect(await userDataProblem(text)).toMatchObject(problem);
});

test('aliases that would multiply without end are not followed', async () => {
  const levels = Array.from({ length: 30 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}*l${n}]`);
  expect(await userDataProblem(['#cloud-config', 'l0: &l0 x', ...levels].join('\n'))).toBeNull();
});
