// Both agents of a migration ask for one another: TCP alone notices after minutes that the other has vanished.
import type { Http2Session } from 'node:http2';

/** ms from one ping to the next, in which it must be answered. */
const PING = 10_000;

/** Ends the session when a ping stays unanswered. */
export function keepAlive(session: Http2Session): void {
  let answered = true;
  const timer = setInterval(() => {
    // Its 'close' may be yet to come, and to ping it would throw.
    if (session.destroyed) return;
    if (!answered) {
      session.destroy();
      return;
    }
    answered = false;
    session.ping((error) => (answered = error === null));
  }, PING).unref();
  session.once('close', () => clearInterval(timer));
}
