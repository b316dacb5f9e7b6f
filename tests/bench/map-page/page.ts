// What the map benchmark measures: `?what=map|naive|empty&hosts=N&vms=N`. The map is the component of the tab itself.
import { mount } from 'svelte';
import type { ResolvedPathname } from '$app/types';
import '#lib/ui/app.css';
import Topology from '#lib/ui/topology/Topology.svelte';
import { syntheticFleet } from './fleet.ts';

const query = new URLSearchParams(location.search);
const number = (name: string, usual: number): number => Number(query.get(name) ?? usual);
document.documentElement.dataset['theme'] = query.get('theme') ?? 'light';

const nowhere = '#' as ResolvedPathname;
const none = (): ResolvedPathname => nowhere;
mount(Topology, {
  target: document.body,
  props: {
    hosts: syntheticFleet(number('hosts', 1000), number('vms', 20_000)),
    metric: 'cpu',
    selected: query.get('select'),
    matches: (_, vm) => vm === null || query.get('q') === null || vm.name.includes(query.get('q') ?? ''),
    select: none,
    hostHref: none,
    vmHref: none,
    onopen: () => undefined
  }
});
