// The design tokens as a canvas needs them: read from the CSS custom properties once per theme.
import { rgb } from 'd3';
import type { Tone } from '../signs/state-sign.ts';

export type Palette = {
  readonly surface: string;
  readonly sunken: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly tones: Readonly<Record<Tone, string>>;
  /** The load ramp, six steps, and the ink that can be read on each. */
  readonly load: readonly string[];
  readonly ink: readonly string[];
  readonly font: string;
};

const STEPS = [0, 1, 2, 3, 4, 5];

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    surface: token('surface'),
    sunken: token('sunken'),
    line: token('line'),
    lineStrong: token('line-strong'),
    text: token('text'),
    muted: token('muted'),
    accent: token('accent'),
    tones: {
      good: token('good'),
      warn: token('warn'),
      bad: token('bad'),
      info: token('info'),
      muted: token('faint')
    },
    load: STEPS.map((step) => token(`load-${step}`)),
    ink: STEPS.map((step) => token(`on-load-${step}`)),
    font: token('font') || 'sans-serif'
  };
}

function grey(colour: string): string {
  const { r, g, b } = rgb(colour);
  const light = Math.round(0.2126 * r + 0.7152 * g + 0.0722 * b);
  return rgb(light, light, light).formatHex();
}

/** The same without hue, for hosts without a link: what was last known stays readable, and is seen to be old. */
export function greyed(palette: Palette): Palette {
  const { good, warn, bad, info, muted } = palette.tones;
  return {
    ...palette,
    text: palette.muted,
    tones: { good: grey(good), warn, bad, info: grey(info), muted: grey(muted) },
    load: palette.load.map(grey)
  };
}
