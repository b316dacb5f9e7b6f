// What the map benchmark looks at: `?what=map|naive|empty&hosts=N&vms=N`. `map` is the component of the tab itself.
import { select, zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from 'd3';
import { mount } from 'svelte';
import type { ResolvedPathname } from '$app/types';
import type { Host, Vm } from '#lib/model/fleet.ts';
import '#lib/ui/app.css';
import { layoutMap } from '#lib/ui/topology/layout.ts';
import { NO_STRUCTURE, structureOf } from '#lib/ui/topology/structure.ts';
import Topology from '#lib/ui/topology/Topology.svelte';
import { syntheticFleet } from './fleet.ts';
import { startMeasuring } from './frames.ts';

const query = new URLSearchParams(location.search);
const number = (name: string, usual: number): number => Number(query.get(name) ?? usual);
const fleet = () => syntheticFleet(number('hosts', 1000), number('vms', 20_000));
document.documentElement.dataset['theme'] = query.get('theme') ?? 'light';

function showMap(): void {
  const nowhere = (): ResolvedPathname => '#' as ResolvedPathname;
  const wanted = query.get('q') ?? '';
  mount(Topology, {
    target: document.body,
    props: {
      hosts: fleet(),
      metric: 'cpu',
      selected: query.get('select'),
      matches: (_: Host, vm: Vm | null) => vm === null || vm.name.includes(wanted),
      toCome: [],
      select: nowhere,
      hostHref: nowhere,
      vmHref: nowhere,
      onselect: () => undefined,
      onopen: () => undefined
    }
  });
}

/** `draw` once per frame in which the view changed, as the map does. */
function showCanvas(draw: (ctx: CanvasRenderingContext2D, view: ZoomTransform) => void): void {
  const stage = document.createElement('div');
  stage.setAttribute('role', 'application');
  const canvas = document.createElement('canvas');
  canvas.width = innerWidth;
  canvas.height = innerHeight;
  stage.append(canvas);
  document.body.append(stage);
  const ctx = canvas.getContext('2d', { alpha: false });
  if (ctx === null) throw new Error('no canvas');
  let asked = 0;
  const ask = (view: ZoomTransform): void => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => draw(ctx, view));
  };
  ask(zoomIdentity);
  select<HTMLElement, unknown>(stage).call(
    zoom<HTMLElement, unknown>().on('zoom', ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => ask(transform))
  );
}

/** Every rectangle by itself, with its frame, and no word at all. */
function showNaive(): void {
  const layout = layoutMap(structureOf(fleet(), NO_STRUCTURE).hosts, innerWidth, innerHeight);
  showCanvas((ctx, { k, x, y }) => {
    const zoomed = k / layout.scale;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = '#fff';
    ctx.fillRect(0, 0, innerWidth, innerHeight);
    ctx.setTransform(zoomed, 0, 0, zoomed, x, y);
    const box = (at: { x: number; y: number; width: number; height: number }, colour: string): void => {
      ctx.beginPath();
      ctx.roundRect(at.x, at.y, at.width, at.height, 6);
      ctx.fillStyle = colour;
      ctx.fill();
      ctx.strokeStyle = '#c3cad3';
      ctx.stroke();
    };
    for (const site of layout.sites) {
      box(site, '#eef0f3');
      for (const host of site.hosts) {
        box(host, '#fff');
        host.vms.forEach((vm, at) => box(vm, ['#d9e6ee', '#a5cfd6', '#5fb0b7', '#f2c14e'][at % 4] ?? ''));
      }
    }
  });
}

const what = query.get('what');
if (what === 'empty') showCanvas((ctx) => ctx.fillRect(0, 0, innerWidth, innerHeight));
else if (what === 'naive') showNaive();
else showMap();
startMeasuring();
