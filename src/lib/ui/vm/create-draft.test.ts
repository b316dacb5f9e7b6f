import { describe, expect, test } from 'vitest';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { en } from '#lib/messages/en.ts';
import { bytes } from '#lib/model/units.ts';
import { freshDraft, offerOfAll, onHost, patternOf, readAssigned, wantedOf, type Draft } from './create-draft.ts';

const PLAIN = aHost('n1');
const RICH = aHost('n2', [aVm(1)], {
  images: [
    { name: 'tiny', kind: 'kernel', title: 'Tiny Linux', size: null, xen: null },
    { name: 'debian', kind: 'disk', title: 'Debian', size: bytes(2 ** 31), xen: null }
  ],
  networks: [
    { name: 'wan', mode: 'nat' },
    { name: 'lan', mode: 'nat' }
  ]
});
const draft = (more: Partial<Draft> = {}): Draft => ({ ...freshDraft(PLAIN), name: 'web', ...more });

describe('what a scheduler is asked for', () => {
  test('one VM for each name, with the room its disks and its image take', () => {
    const wanted = wantedOf(
      draft({
        name: 'web-{1..2}',
        image: 'debian',
        tags: 'at:north',
        disks: [{ id: 1, pool: 'default', size: '1 GiB' }]
      }),
      RICH.images
    );
    expect(wanted?.map(({ name }) => name)).toEqual(['web-1', 'web-2']);
    expect(wanted?.[1]).toEqual({
      ...{ name: 'web-2', vcpus: 2, memory: 256, disk: 3072, image: 'debian' },
      ...{ networks: ['lan'], pools: ['default'], tags: ['at:north'] }
    });
  });

  test.each([{ vcpus: '' }, { memory: 'much' }, { disks: [{ id: 1, pool: 'default', size: '' }] }])(
    'nothing while %o cannot be read',
    (more) => {
      expect(wantedOf(draft(more), [])).toBeNull();
    }
  );

  test('one VM while the name is none yet', () => {
    expect(wantedOf(draft({ name: '' }), [])).toHaveLength(1);
    expect(wantedOf(draft({ name: 'web-{' }), [])).toHaveLength(1);
  });
});

describe('a draft for another host', () => {
  test('keeps what that offers too, and chooses the rest anew', () => {
    const chosen = draft({ image: 'debian', nics: [{ id: 1, network: 'wan' }] });
    expect(onHost(chosen, RICH)).toEqual(chosen);
    expect(onHost(chosen, PLAIN)).toEqual(draft({ image: 'tiny', nics: [{ id: 1, network: 'lan' }] }));
  });
});

test('the offer of all hosts has everything once', () => {
  const { images, networks } = offerOfAll(PLAIN, [PLAIN, RICH]);
  expect(images.map(({ name }) => name)).toEqual(['tiny', 'debian']);
  expect(networks.map(({ name }) => name)).toEqual(['lan', 'wan']);
});

test('VMs on several hosts are each held against their own', () => {
  const { assigned, problems } = readAssigned(
    en,
    [
      { host: PLAIN, names: ['a', 'vm1'] },
      { host: RICH, names: ['c'] }
    ],
    draft()
  );
  expect(assigned.map(({ host, inputs }) => [host.name, inputs.map(({ name }) => name)])).toEqual([
    ['n1', ['a', 'vm1']],
    ['n2', ['c']]
  ]);
  expect(problems).toEqual({ disks: [] });
  // A name is taken only where it is.
  expect(readAssigned(en, [{ host: RICH, names: ['vm1'] }], draft()).problems).toHaveProperty('name');
  expect(patternOf(['a', 'b'])).toBe('{a,b}');
});
