// Light, dark, or as the system is. `app.html` applies the kept wish before the first paint, this class afterwards.
import { recall, remember } from './remembered.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeWish = (typeof THEMES)[number];

export class Theme {
  #wish = $state<ThemeWish>(THEMES.find((theme) => theme === recall('theme')) ?? 'system');
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  get wish(): ThemeWish {
    return this.#wish;
  }

  set wish(wish: ThemeWish) {
    this.#wish = wish;
    remember('theme', wish);
    this.#apply();
  }

  next(): void {
    this.wish = THEMES[(THEMES.indexOf(this.#wish) + 1) % THEMES.length] ?? 'system';
  }

  /** Follows the system's own changes until the returned function is called. */
  start(): () => void {
    const apply = (): void => this.#apply();
    apply();
    this.#dark.addEventListener('change', apply);
    return () => this.#dark.removeEventListener('change', apply);
  }

  #apply(): void {
    const dark = this.#wish === 'dark' || (this.#wish === 'system' && this.#dark.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }
}
