// The parts of the frame an operator sizes and folds: tree, details, task tray. How it writes and reads them is the
// caller's (localStorage); what is read back is never trusted.
import { getContext, hasContext, setContext } from 'svelte';

export const PANELS = ['tree', 'details', 'tray'] as const;
export type PanelName = (typeof PANELS)[number];

/** px: width of tree and details, height of the tray's list. */
export const PANEL_SIZE: Readonly<Record<PanelName, { least: number; usual: number; most: number }>> = {
  tree: { least: 180, usual: 248, most: 520 },
  details: { least: 280, usual: 348, most: 720 },
  tray: { least: 58, usual: 116, most: 480 }
};
type Panel = { readonly size: number; readonly folded: boolean };
type Arrangement = Readonly<Record<PanelName, Panel>>;

const usual = (name: PanelName): Panel => ({ size: PANEL_SIZE[name].usual, folded: false });
const within = (name: PanelName, px: number): number =>
  Math.round(Math.min(PANEL_SIZE[name].most, Math.max(PANEL_SIZE[name].least, px)));

/** `tree=248;details=348!;tray=116`: a size in px, `!` when folded. What cannot be read is as usual. */
export function readArrangement(text: string | null): Arrangement {
  const read = (name: PanelName): Panel => {
    const found = new RegExp(`(?:^|;)${name}=(\\d{1,4})(!?)(?:;|$)`).exec(text ?? '');
    return found ? { size: within(name, Number(found[1])), folded: found[2] === '!' } : usual(name);
  };
  return { tree: read('tree'), details: read('details'), tray: read('tray') };
}

/** The inverse of `readArrangement`. */
export const printArrangement = (arrangement: Arrangement): string =>
  PANELS.map((name) => `${name}=${arrangement[name].size}${arrangement[name].folded ? '!' : ''}`).join(';');

export class Panels {
  #arrangement = $state.raw<Arrangement>(readArrangement(null));
  readonly #save: (text: string) => void;

  constructor(kept: string | null, save: (text: string) => void) {
    this.#arrangement = readArrangement(kept);
    this.#save = save;
  }

  size(name: PanelName): number {
    return this.#arrangement[name].size;
  }

  folded(name: PanelName): boolean {
    return this.#arrangement[name].folded;
  }

  /** A size beyond its range ends at the range's end. */
  resize(name: PanelName, px: number): void {
    this.#set(name, { size: within(name, px), folded: false });
  }

  fold(name: PanelName, folded = !this.folded(name)): void {
    this.#set(name, { size: this.size(name), folded });
  }

  #set(name: PanelName, panel: Panel): void {
    this.#arrangement = { ...this.#arrangement, [name]: panel };
    this.#save(printArrangement(this.#arrangement));
  }
}

const KEY = Symbol('panels');
export const providePanels = (panels: Panels): Panels => setContext(KEY, panels);
/** The frame's panels; panels of its own where no frame is (a component by itself). */
export const usePanels = (): Panels => (hasContext(KEY) ? getContext<Panels>(KEY) : new Panels(null, () => undefined));
