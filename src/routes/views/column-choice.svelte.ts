// The columns a table shows: those in the address, else those last chosen in this browser, else the usual ones.
import { goto } from '$app/navigation';
import { page } from '$app/state';
import { MediaQuery } from 'svelte/reactivity';
import * as links from '#lib/app/address/links.ts';
import { recall, remember } from '#lib/app/remembered.ts';
import { defaultColumns, printColumns, readColumns, type Column } from '#lib/ui/tables/columns.ts';

export class ColumnChoice<Row> {
  readonly #wish: 'columns-vms' | 'columns-hosts';
  readonly #all: () => readonly Column<Row>[];
  readonly #narrow = new MediaQuery('max-width: 800px');
  #kept = $state.raw<string | null>(null);

  /** `all`: every column there is. To be made while a component is set up. */
  constructor(wish: 'columns-vms' | 'columns-hosts', all: () => readonly Column<Row>[]) {
    this.#wish = wish;
    this.#all = all;
    this.#kept = recall(wish);
    $effect(() => {
      // Whoever is sent this address shall see the same columns.
      if (page.url.searchParams.get('cols') === null && readColumns(this.#kept, all()) !== null) this.#show(this.#kept);
    });
  }

  readonly ids: readonly string[] = $derived.by(
    () =>
      readColumns(page.url.searchParams.get('cols'), this.#all()) ??
      readColumns(this.#kept, this.#all()) ??
      defaultColumns(this.#all(), this.#narrow.current)
  );
  readonly columns: readonly Column<Row>[] = $derived(
    this.ids.flatMap((id) => this.#all().find((column) => column.id === id) ?? [])
  );

  /** Null: the usual ones again. */
  readonly choose = (ids: readonly string[] | null): void => {
    const usual = printColumns(defaultColumns(this.#all(), this.#narrow.current));
    const text = ids === null || printColumns(ids) === usual ? '' : printColumns(ids);
    this.#kept = text === '' ? null : text;
    remember(this.#wish, text);
    this.#show(text);
  };

  #show(cols: string | null): void {
    void goto(links.withQuery(page.url, { cols }), { replace: true, reset: false });
  }
}
