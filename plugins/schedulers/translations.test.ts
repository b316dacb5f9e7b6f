// What the schedulers that come with the app say is there in every language of the app.
import { describe, expect, it } from 'vitest';
import { FleetView, parseManifest, saidIn } from 'smps-vmm/plugin';
import type { LocaleWords, Manifest, Scheduler } from 'smps-vmm/plugin';
import { LANGUAGES } from '../../src/lib/messages/messages.ts';
import { aFleet } from '../../src/lib/plan/testkit/a-fleet.ts';
import { anIntent } from '../../tests/support/an-intent.ts';
import { madeFleet } from '../../tests/support/made-fleet.ts';

const found = import.meta.glob<Scheduler>(['./*.ts', '!./*.test.ts'], { eager: true, import: 'default' });
const schedulers = Object.values(found);
const others = LANGUAGES.filter((tag) => tag !== 'en');

/** Paths of the manifest's own words: `title`, `config.moves.title`, `config.order.choices.cpu`. */
function wordsOf({ title, description, config }: Manifest): string[] {
  const settings = Object.entries(config?.properties ?? {}).flatMap(([name, setting]) => {
    const choices = setting.type === 'string' ? (setting.enum ?? []) : [];
    return [
      `config.${name}.title`,
      ...(setting.description === undefined ? [] : [`config.${name}.description`]),
      ...choices.map((choice) => `config.${name}.choices.${choice}`)
    ];
  });
  return [...(title === '' ? [] : ['title']), ...(description === '' ? [] : ['description']), ...settings];
}

const at = (words: LocaleWords | undefined, path: string): unknown =>
  path.split('.').reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], words);

/** What the scheduler notes on fleets in which it has something to say. */
function notesOf(scheduler: Scheduler): string[] {
  const fleets = [
    aFleet({ hosts: 4, vms: 20, seed: 1 }),
    aFleet({ hosts: 4, vms: 60, fresh: 20, full: 0.98, seed: 1 }),
    // One host can be off: both VMs have room on the other.
    madeFleet([{}, {}], [{ on: 0 }, { on: 1 }])
  ];
  const said = fleets.flatMap((columns) =>
    (['place', 'rebalance', 'evacuate'] as const).flatMap((kind) => {
      const place = Array.from({ length: columns.vms }, (_, vm) => vm).filter((vm) => columns.vmHost[vm] === -1);
      const leave = kind === 'evacuate' ? [0] : [];
      let now = 0;
      const intent = anIntent(scheduler, { kind, place, leave, budget: 20, elapsed: () => now++ });
      const answer = scheduler.propose?.(new FleetView(columns), intent);
      if (answer === undefined) return [];
      const proposals = Symbol.iterator in answer ? [...answer] : [answer];
      return proposals.flatMap(({ note }) => note ?? []);
    })
  );
  return [...new Set(said)];
}

describe.each(schedulers.map((scheduler) => [scheduler.manifest.id, scheduler] as const))('%s', (_, scheduler) => {
  const manifest = parseManifest(scheduler.manifest);

  it.each(others)('has all its words in %s', (tag) => {
    const words = manifest.locales?.[tag] ?? manifest.locales?.[tag.split('-', 1)[0] ?? ''];
    expect(wordsOf(manifest).filter((path) => typeof at(words, path) !== 'string')).toEqual([]);
  });

  it.each(others)('has what it notes in %s', (tag) => {
    expect(notesOf(scheduler).filter((note) => saidIn(manifest, tag, note) === note)).toEqual([]);
  });
});

it('there are six, and they note something', () => {
  expect(schedulers).toHaveLength(6);
  const notes = schedulers.flatMap(notesOf).map((note) => note.replace(/\d+/g, '#'));
  expect(notes).toEqual(
    expect.arrayContaining(['all go', '# VMs stay', '# VMs find no host', 'hosts that take # W idle can be off'])
  );
});
