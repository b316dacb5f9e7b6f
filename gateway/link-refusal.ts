// Why the gateway does not open, or ends, a link: thrown inside the gateway, told to the browser in a CLOSE frame.
import type { CloseName } from '../src/lib/frame/close-code.ts';

export class LinkRefusal extends Error {
  readonly close: CloseName;

  /** `message` becomes the text of the CLOSE frame: one line for people, without addresses. */
  constructor(close: CloseName, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LinkRefusal';
    this.close = close;
  }
}
