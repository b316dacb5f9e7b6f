// Hosts, VMs and sites as forms name them. Lists are made anew when there are more or fewer, not with every figure of load.
import { untrack } from 'svelte';
import type { App } from '#lib/app/app.svelte.ts';
import type { NamedHost, NamedVm } from '#lib/ui/plan/places.ts';

export class NamedPlaces {
  readonly #app: App;
  readonly #size: string = $derived.by(() => {
    const { fleet } = this.#app;
    return `${fleet.hosts.length} ${fleet.vmCount} ${fleet.sites.join('\n')}`;
  });
  readonly hosts: readonly NamedHost[] = $derived.by(() => this.#at(({ fleet }) => fleet.hosts));
  readonly vms: readonly NamedVm[] = $derived.by(() => this.#at(({ fleet }) => fleet.vms.map(({ vm }) => vm)));
  readonly sites: readonly string[] = $derived.by(() => this.#at(({ fleet }) => fleet.sites));

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
