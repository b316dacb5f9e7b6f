import { expect, test, vi } from 'vitest';
import '../app.css';
import { en } from '#lib/messages/en.ts';
import type { Host, Vm } from '#lib/model/fleet.ts';
import { mib, millis, percent } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { boxOf, type Box } from './boxes.ts';
import { drawMap, type Scene } from './draw.ts';
import { layoutMap } from './layout.ts';
import { markFleet, type Matches } from './marks.ts';
import { greyed, readPalette } from './palette.ts';
import { NO_STRUCTURE, structureOf } from './structure.ts';
import { mapWords } from './words.ts';

const [WIDTH, HEIGHT] = [800, 500];
const PALETTE = readPalette(document.documentElement);

const loaded = (name: string, vms: readonly Vm[], cpu: number, more: Partial<Host> = {}): Host =>
  aHost(name, vms, {
    vmLoads: new Map(
      vms.map(({ id }) => [
        id,
        {
          vm: id,
          at: millis(0),
          cpu: percent(cpu),
          memoryUsed: null,
          diskRead: null,
          diskWrite: null,
          netReceive: null,
          netTransmit: null
        }
      ])
    ),
    ...more
  });

/** The map of `hosts` drawn at `zoom` from its corner, and how to look at it. */
type Look = { readonly zoom?: number; readonly x?: number; readonly matches?: Matches };
function drawn(hosts: readonly Host[], { zoom = 1, x = 0, matches = () => true }: Look = {}) {
  const layout = layoutMap(structureOf(hosts, NO_STRUCTURE).hosts, WIDTH, HEIGHT);
  const byId = new Map(hosts.map((host) => [host.id, host]));
  const scene: Scene = {
    layout,
    marks: markFleet(hosts, layout, 'cpu', matches, null),
    words: mapWords(byId, 'cpu', en),
    palette: PALETTE,
    stale: greyed(PALETTE)
  };
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  if (ctx === null) throw new Error('no canvas');
  const rects = vi.spyOn(ctx, 'fillRect');
  const texts = vi.spyOn(ctx, 'fillText');
  drawMap(ctx, scene, { x, y: 0, zoom, width: WIDTH, height: HEIGHT, ratio: 1 });
  const boxFor = (host: Host, vm: Vm): Box => {
    const box = boxOf(layout, { kind: 'vm', host: host.id, vm: vm.id });
    if (box === null) throw new Error('not on the map');
    return box;
  };
  /** The colours of a row of pixels near the lower edge of a tile, where nothing is written. */
  const colours = (host: Host, vm: Vm): Set<string> => {
    const { x: left, y: top, width, height } = boxFor(host, vm);
    const { data } = ctx.getImageData(Math.round(left + 8), Math.round(top + height - 6), Math.round(width - 16), 1);
    const found = new Set<string>();
    for (let at = 0; at < data.length; at += 4)
      found.add(`#${[0, 1, 2].map((n) => (data[at + n] ?? 0).toString(16).padStart(2, '0')).join('')}`);
    return found;
  };
  return { rects, written: texts.mock.calls.map(([text]) => text), colours };
}

const crowd = (n: number): Vm[] => Array.from({ length: n }, (_, at) => aVm(at + 1, { memory: mib(1024) }));

test('a tile has the colour of its load', () => {
  const vm = aVm(1);
  const [idle, full] = [loaded('idle', [vm], 0), loaded('full', [vm], 100)];
  const { colours } = drawn([idle, full]);
  expect(colours(idle, vm)).toEqual(new Set([PALETTE.load[0]]));
  expect(colours(full, vm)).toEqual(new Set([PALETTE.load[5]]));
});

test('a VM without a figure is hatched, never idle', () => {
  const vm = aVm(1, { state: 'off' });
  const host = loaded('n1', [vm], 0);
  const found = drawn([host]).colours(host, vm);
  expect(found.size).toBeGreaterThan(2);
  expect(found).toContain(PALETTE.line);
  expect(found).not.toContain(PALETTE.load[0]);
});

test('VMs of a host without a link are grey', () => {
  const vm = aVm(1);
  const host = loaded('n1', [vm], 100, { link: 'offline' });
  const [found = ''] = drawn([host]).colours(host, vm);
  expect(new Set([found.slice(1, 3), found.slice(3, 5), found.slice(5, 7)]).size).toBe(1);
});

test('what does not match the filter is faint', () => {
  const [one, other] = [aVm(1), aVm(2)];
  const host = loaded('n1', [one, other], 100);
  const { colours } = drawn([host], { matches: (_, vm) => vm === null || vm.id === one.id });
  expect(colours(host, one)).toEqual(new Set([PALETTE.load[5]]));
  expect(colours(host, other)).not.toContain(PALETTE.load[5]);
});

test('VMs too small to be told apart become a strip per colour', () => {
  const hosts = [loaded('n1', crowd(200), 50), loaded('n2', crowd(200), 90)];
  expect(drawn(hosts, { zoom: 0.5 }).rects.mock.calls.length).toBeGreaterThan(400);
  expect(drawn(hosts, { zoom: 0.1 }).rects.mock.calls.length).toBeLessThan(12);
});

test('what cannot be seen is not drawn', () => {
  const { rects, written } = drawn([loaded('n1', crowd(200), 50)], { x: -5000 });
  expect(rects.mock.calls).toHaveLength(1);
  expect(written).toEqual([]);
});

test('names stand where they fit: on a host before its crowd of VMs', () => {
  expect(drawn([loaded('n1', [aVm(1, { name: 'web' })], 50)]).written).toEqual(
    expect.arrayContaining(['north', 'n1', 'web', '50\u00a0%'])
  );
  const { written } = drawn([loaded('n1', crowd(900), 50)]);
  expect(written).toContain('n1');
  expect(written).not.toContain('vm1');
});

test.each([
  '',
  ' ',
  'x'.repeat(100_000),
  '\u202egnp.exe',
  '😀'.repeat(300),
  '<img src=x onerror=alert(1)>',
  'שלום עולם',
  'a\nb\tc'
])('any name can be drawn (%#)', (name) => {
  const vm = aVm(1, { name });
  const host = loaded('n1', [vm], 50, { name, site: name });
  const { written } = drawn([host]);
  for (const text of written) expect(text.length).toBeLessThan(200);
  if (name.trim() === '') expect(written).toContain('n1');
});

test('a host that was never reached has a card and no figure', () => {
  const { written } = drawn([aHost('new', [], { facts: null, load: null, link: 'connecting', site: '' })]);
  expect(written).toEqual(expect.arrayContaining(['new', 'connecting', '–', 'no site']));
});
