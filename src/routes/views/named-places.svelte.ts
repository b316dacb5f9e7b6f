// Hosts, VMs and sites as forms name them. Lists are made anew when there are more or fewer, not with every figure of load.
import { untrack } from 'svelte';
import type { App } from '#lib/app/app.svelte.ts';
import { setOf } from '#lib/app/immutable-set.ts';
import type { Vm } from '#lib/model/fleet.ts';
import type { NamedHost, NamedVm } from '#lib/ui/plan/places.ts';

const isOff = ({ state }: Vm): boolean => state === 'off' || state === 'crashed';

export class NamedPlaces {
  readonly #app: App;
  readonly #size: string = $derived.by(() => {
    const { fleet } = this.#app;
    return `${fleet.hosts.length} ${fleet.vmCount} ${fleet.sites.join('\n')}`;
  });
  /** What is off comes and goes without the size changing. */
  readonly #offIds: string = $derived.by(() =>
    this.#app.fleet.vms.flatMap(({ vm }) => (isOff(vm) ? [vm.id] : [])).join(' ')
  );
  readonly hosts: readonly NamedHost[] = $derived.by(() => this.#at(({ fleet }) => fleet.hosts));
  readonly vms: readonly NamedVm[] = $derived.by(() => this.#at(({ fleet }) => fleet.vms.map(({ vm }) => vm)));
  readonly sites: readonly string[] = $derived.by(() => this.#at(({ fleet }) => fleet.sites));

  readonly images: readonly string[] = $derived.by(() =>
    this.#at(({ fleet }) => [...setOf(fleet.hosts.flatMap(({ images }) => images.map(({ name }) => name)))].sort())
  );
  /** VMs that are off; `site`: the name of their host. */
  readonly off: readonly (NamedVm & { readonly site: string })[] = $derived.by(() =>
    this.#offIds === ''
      ? []
      : untrack(() =>
          this.#app.fleet.vms.flatMap(({ host, vm }) =>
            isOff(vm) ? [{ id: vm.id, name: vm.name, site: host.name }] : []
          )
        )
  );

  constructor(app: App) {
    this.#app = app;
  }

  /** Counts VMs, again when the size changes. */
  count(matches: (vm: App['fleet']['vms'][number]) => boolean): number {
    return this.#at(({ fleet }) => fleet.vms.filter(matches).length);
  }

  #at<Value>(look: (app: App) => Value): Value {
    return this.#size === '' ? look(this.#app) : untrack(() => look(this.#app));
  }
}
