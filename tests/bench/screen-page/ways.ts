// What the page of the screen benchmark does for the benchmark: the two agree on this.
export type Way = 'sealed' | 'websockify';

/** Where the gateway and websockify listen, and what pairs with the host. */
export type Ends = { readonly gateway: number; readonly websockify: number; readonly ticket: string };

declare global {
  interface Window {
    connect(ends: Ends): Promise<void>;
    /** Bytes a second that noVNC drew of a screen that changes all the time. */
    flood(way: Way, ms: number): Promise<number>;
    /** Milliseconds from each key to the bell that the VM rings for it. */
    keys(way: Way, count: number): Promise<number[]>;
    /** Milliseconds of each command on the link that carries the sealed screen. @param beside which screen changes all the time */
    commands(count: number, beside: Way | null): Promise<number[]>;
  }
}
