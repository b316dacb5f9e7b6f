// The built single-page app, served from a list made by walking its directory: a request names an entry of that list or
// gets index.html, so no path from outside ever reaches the file system. An app built anew is served at once.
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

type File = {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
  readonly type: string;
  /** Made when first asked for; the directory holds a few hundred small files at most. */
  zipped: Promise<Buffer> | null;
};

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
  '.xsd': 'application/xml'
};
const ZIPPED = /^(text\/|application\/(json|xml|manifest|wasm)|image\/svg)/;
/** Names with a hash of their content: they never change. */
const IMMUTABLE = '/_app/immutable/';
const INDEX = '/index.html';
/** The pages that may be framed, by the app itself: the plugins' sandbox, and what fetches plugins. */
const FRAMED = ['/plugin-frame.html', '/plugin-fetch.html'];
/** Milliseconds between two walks of the directory, however many unknown names are asked for. */
const WALK_INTERVAL = 250;

const compress = promisify(gzip);

/** On every answer of the gateway, whatever it is. */
export const securityHeaders = (path: string): OutgoingHttpHeaders => ({
  'content-security-policy': `frame-ancestors ${FRAMED.includes(path) ? "'self'" : "'none'"}`,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
});

export class StaticFiles {
  readonly #root: string;
  #files = new Map<string, File>();
  #walkedAt = 0;
  #walking: Promise<void> | null = null;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @throws when `root` cannot be read. */
  static async open(root: string): Promise<StaticFiles> {
    const files = new StaticFiles(root);
    await files.#walk();
    return files;
  }

  /** Answers GET and HEAD of `path` (without query). Unknown paths get index.html: the app routes them. */
  async serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const file = await this.#find(path);
    if (file === null) {
      response.writeHead(404, { ...securityHeaders(path), 'content-type': 'text/plain; charset=utf-8' });
      response.end('not found\n');
      return;
    }
    const headers: OutgoingHttpHeaders = {
      ...securityHeaders(path),
      'content-type': file.type,
      'cache-control': path.startsWith(IMMUTABLE) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: file.etag,
      vary: 'accept-encoding'
    };
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const zipped = await this.#zipped(file, request);
    headers['content-length'] = zipped?.length ?? file.size;
    if (zipped !== null) headers['content-encoding'] = 'gzip';
    response.writeHead(200, headers);
    if (request.method === 'HEAD') {
      response.end();
    } else if (zipped !== null) {
      response.end(zipped);
    } else {
      createReadStream(file.path)
        .on('error', () => {
          response.destroy();
        })
        .pipe(response);
    }
  }

  async #find(path: string): Promise<File | null> {
    const name = decode(path);
    if (name === null) return null;
    const file = await this.#now(name === '/' ? INDEX : name);
    if (file !== null) return file;
    if (!isAsset(name)) return (await this.#now(INDEX)) ?? (await this.#found(INDEX));
    // A missing script must not be answered with a page.
    return this.#found(name);
  }

  /** The entry of that name, as its file is now; null when it is gone. */
  async #now(name: string): Promise<File | null> {
    const listed = this.#files.get(name);
    if (listed === undefined) return null;
    const file = await look(listed.path);
    if (file?.etag === listed.etag) return listed;
    if (file === null) this.#files.delete(name);
    else this.#files.set(name, file);
    return file;
  }

  /** What the next walk finds of that name. All who ask meanwhile wait for the same one. */
  async #found(name: string): Promise<File | null> {
    this.#walking ??= pause(Math.max(0, this.#walkedAt + WALK_INTERVAL - Date.now()))
      .then(() => this.#walk())
      .catch(() => this.#files.clear())
      .finally(() => (this.#walking = null));
    await this.#walking;
    return this.#files.get(name) ?? null;
  }

  async #zipped(file: File, request: IncomingMessage): Promise<Buffer | null> {
    const accepted = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
    if (!accepted || !ZIPPED.test(file.type)) return null;
    file.zipped ??= readFile(file.path).then((content) => compress(content));
    try {
      return await file.zipped;
    } catch {
      file.zipped = null;
      return null;
    }
  }

  async #walk(): Promise<void> {
    this.#walkedAt = Date.now();
    const files = new Map<string, File>();
    for (const entry of await readdir(this.#root, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory() || entry.name.startsWith('.')) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(this.#root.length).replaceAll('\\', '/').replace(/^\/*/, '/');
      const file = await look(path);
      const listed = this.#files.get(name);
      if (file !== null) files.set(name, listed?.etag === file.etag ? listed : file);
    }
    this.#files = files;
  }
}

const isAsset = (name: string): boolean => name.startsWith('/_app/') || Object.hasOwn(TYPES, extname(name));

/** Null unless there is a file, not a link to one. */
async function look(path: string): Promise<File | null> {
  const found = await lstat(path).catch(() => null);
  if (found?.isFile() !== true) return null;
  const { size, mtimeMs } = found;
  return {
    path,
    size,
    etag: `W/"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`,
    type: TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
    zipped: null
  };
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
