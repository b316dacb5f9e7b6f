// The saved filters of this browser, as every page sees them.
import { recall, remember } from '../remembered.ts';
import { printFilters, readFilters, renamedFilter, withFilter, withoutFilter, type SavedFilter } from './saved.ts';

export class FilterList {
  #list = $state.raw<readonly SavedFilter[]>(readFilters(recall('filters')));

  /** In the order they were saved. */
  get list(): readonly SavedFilter[] {
    return this.#list;
  }

  save(filter: SavedFilter): void {
    this.#keep(withFilter(this.#list, filter));
  }
  rename(from: string, to: string): void {
    this.#keep(renamedFilter(this.#list, from, to));
  }
  remove(name: string): void {
    this.#keep(withoutFilter(this.#list, name));
  }

  #keep(list: readonly SavedFilter[]): void {
    this.#list = list;
    remember('filters', printFilters(list));
  }
}
