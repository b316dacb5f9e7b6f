// The tags of a VM, all at once: those that are not named are taken away, and so are pins that are over.
import { MAX_TAGS, TAG, tagsOf } from '#lib/model/ids.ts';
import type { Messages } from '#lib/messages/messages.ts';
import { liveTags } from '#lib/plan/fleet/tag-rules.ts';
import type { Job, VmTarget } from './job.ts';

export type SetTags = { readonly tags: readonly string[] };

/** What is wrong with a list of tags, one sentence; null when nothing is. */
export function tagsProblem({ problem }: Messages, tags: readonly string[]): string | null {
  const wrong = tags.find((tag) => !TAG.test(tag.normalize('NFC')));
  if (wrong !== undefined) return problem.tag(wrong.slice(0, 40));
  return tagsOf(tags).length > MAX_TAGS ? problem.tooManyTags(MAX_TAGS) : null;
}

export const setTags: Job<'vm.set-tags', VmTarget, SetTags> = {
  title:
    ({ vm: { name } }, { tags }) =>
    (m) =>
      m.tasks.job.setTags(name, tagsOf(tags).join(', ')),
  validate: (m, _, { tags }) => tagsProblem(m, tags),
  command: ({ vm }, { tags }) => ({ op: 'vm.set-tags', args: { vm: vm.id, tags: tagsOf(liveTags(tags, Date.now())) } })
};
