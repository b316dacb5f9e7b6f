// Wheels and drags an application on the page, once per frame, and keeps the time between frames.
/** `zoom` and `pan` keep everything in view, or nearly; `dive` goes in until names can be read, and out again. */
export type Motion = 'zoom' | 'pan' | 'dive';

declare global {
  interface Window {
    /** For `tests/bench/map.ts`. Resolves with milliseconds from each frame to the next. */
    measure: (what: Motion, seconds: number) => Promise<number[]>;
  }
}

/** Frames after which the direction turns, and what the wheel does in each. */
const TURN: Readonly<Record<Motion, number>> = { zoom: 24, pan: 40, dive: 60 };
const WHEEL: Readonly<Record<Motion, number>> = { zoom: 7, pan: 0, dive: 25 };

export function startMeasuring(): void {
  window.measure = async (what, seconds) => {
    const stage = document.querySelector<HTMLElement>('[role=application]');
    if (stage === null) throw new Error('nothing to measure');
    const [x, y] = [innerWidth / 2, innerHeight / 2];
    const mouse = (type: string, dx: number): boolean =>
      (type === 'mousedown' ? stage : window).dispatchEvent(
        new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: x + dx, clientY: y + dx / 2 })
      );
    const times: number[] = [];
    if (what === 'pan') mouse('mousedown', 0);
    const began = performance.now();
    let last = 0;
    for (let frame = 0; performance.now() - began < seconds * 1000; frame++) {
      const now = await new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
      if (last > 0) times.push(now - last);
      last = now;
      const there = Math.floor(frame / TURN[what]) % 2 === 0;
      const part = (frame % TURN[what]) / TURN[what];
      if (what === 'pan') mouse('mousemove', 120 * (there ? part : 1 - part));
      else
        stage.dispatchEvent(
          new WheelEvent('wheel', {
            bubbles: true,
            cancelable: true,
            clientX: x,
            clientY: y,
            deltaY: (there === (what === 'zoom') ? 1 : -1) * WHEEL[what]
          })
        );
    }
    if (what === 'pan') mouse('mouseup', 0);
    return times;
  };
}
