import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Reason } from '#lib/plan/reason.ts';
import TagRemarks from './TagRemarks.svelte';

const odd = (vm: number): Reason => ({ kind: 'odd-tag', tag: 'spread:', vm: `db-${vm}` });

test('what no rule can be made of is said, of very many the first hundred', async () => {
  const few = await render(TagRemarks, { remarks: [odd(1)] });
  await expect.element(few.getByText(/^1\sremark on tags that are rules$/)).toBeVisible();
  await few.getByText(/remark on tags/).click();
  await expect.element(few.getByText('the tag spread: of db-1 is no rule that can be read')).toBeVisible();
  await few.unmount();

  const { container } = await render(TagRemarks, { remarks: Array.from({ length: 130 }, (_, vm) => odd(vm)) });
  expect(container.querySelectorAll('li')).toHaveLength(100);
  expect(container.textContent).toContain('… and 30 more');
});
