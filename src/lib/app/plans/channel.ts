// What the tabs of a browser tell each other of plans: that one was kept, and what the tab that runs it is asked to do.

export type Ask = 'pause' | 'abort' | 'abort-now';
const ASKS: readonly Ask[] = ['pause', 'abort', 'abort-now'];

export class PlanChannel {
  readonly #channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('smps-plans') : null;

  /** @param onKept called with the id of a plan another tab has kept or removed. @param onAsk of a plan, by another tab */
  listen(onKept: (plan: string) => void, onAsk: (plan: string, ask: Ask) => void): void {
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== 'object' || data === null || !('plan' in data) || typeof data.plan !== 'string') return;
      const ask = 'ask' in data ? ASKS.find((one) => one === data.ask) : undefined;
      if (ask === undefined) onKept(data.plan);
      else onAsk(data.plan, ask);
    });
  }

  tellKept(plan: string): void {
    this.#channel?.postMessage({ plan });
  }

  ask(plan: string, ask: Ask): void {
    this.#channel?.postMessage({ plan, ask });
  }
}
