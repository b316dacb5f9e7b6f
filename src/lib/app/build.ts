// Which build of the app this is. The page names every script and style by a hash of its content, so that a hash of the
// page stands for the whole.
import { resolve } from '$app/paths';
import { version } from '$app/env';

/** Of package.json. */
export const BUILD_VERSION = version;

/**
 * SHA-256, in hex, of the page as it is served now: `sha256sum build/index.html`.
 * Null where the browser has no cryptography (plain http) or it could not be fetched.
 */
export async function buildHash(): Promise<string | null> {
  try {
    const page = await fetch(resolve('/'), { cache: 'no-store' });
    if (!page.ok) return null;
    const digest = await crypto.subtle.digest('SHA-256', await page.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  } catch {
    return null;
  }
}
