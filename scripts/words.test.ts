import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { wordsIn } from './words.ts';

/** Not converted yet. */
const WAITING: readonly RegExp[] = [/^src\/lib\/ui\/topology\//, /^src\/routes\/views\/MapView\.svelte$/];
const FILES = globSync('src/{lib/ui,routes}/**/*.svelte').sort();

test('words in text, shown attributes and shown expressions are found', () => {
  const source = `<script lang="ts">const a: string = 'quiet';</script>
    <p class="sub" title="Near">Far {a === 'off' ? 'Out' : a} {f('in', \`\${a} up\`)}</p>
    {#if a}<Note label="{a}: over" kind="x">{a ?? 'Under'}</Note>{/if}
    <code>smps-agent</code> <kbd>Esc</kbd> · 62 % {\`\${a} of\`}`;
  expect(wordsIn(source)).toEqual([
    { line: 2, text: 'Near' },
    { line: 2, text: 'Far' },
    { line: 2, text: 'Out' },
    { line: 3, text: ': over' },
    { line: 3, text: 'Under' },
    { line: 4, text: 'of' }
  ]);
});

test('every page and component says only what its messages say', () => {
  expect(FILES.length).toBeGreaterThan(70);
  const found = FILES.filter((file) => !WAITING.some((waiting) => waiting.test(file))).flatMap((file) =>
    wordsIn(readFileSync(file, 'utf8')).map(({ line, text }) => `${file}:${line} ${text}`)
  );
  expect(found).toEqual([]);
});
