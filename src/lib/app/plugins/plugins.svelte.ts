// Which plugins there are, where they are from, and whether they are used. Loaded when a page wants plugins: the sandbox comes with it.
import { Fault, isFault } from '#lib/model/fault.ts';
import type { Millis } from '#lib/model/units.ts';
import { configOf, type Config, type Manifest } from '#lib/plugin/manifest.ts';
import { fetchPlugin } from '#lib/sandbox/fetch-plugin.ts';
import { LIMITS } from '#lib/sandbox/messages.ts';
import { loadPlugin, type Sandbox, type SandboxOptions } from '#lib/sandbox/sandbox.ts';
import { sourceOf } from '#lib/sandbox/source.ts';
import { bundledPlugins, bundledSource, type BundledPlugin } from './bundled.ts';
import { cryptoProvider } from '../crypto-provider.ts';
import { PluginStore, type KeptPlugin, type Offered, type PluginOrigin } from './store.ts';

/** `changed`: its address answered with another source, which nobody has approved. */
export type PluginState = 'on' | 'off' | 'changed' | 'failed';
/** Read in the sandbox, and not yet kept. */
export type PluginPreview = Offered & { readonly origin: PluginOrigin };

export class Plugins {
  #list = $state.raw<readonly KeptPlugin[]>([]);
  #failures = $state.raw<Readonly<Record<string, Fault>>>({});
  #fault = $state.raw<Fault | null>(null);
  readonly #store: PluginStore;

  private constructor(store: PluginStore) {
    this.#store = store;
    this.#fault = store.fault;
  }

  /** Never rejects: `fault` says what could not be had. */
  static async open(): Promise<Plugins> {
    const store = await PluginStore.open();
    const plugins = new Plugins(store);
    const [kept, bundled] = await Promise.all([store.all().catch(() => []), bundledPlugins()]);
    plugins.#list = sorted(
      kept.filter(({ id, origin }) => origin.kind !== 'bundled' || bundled.some((one) => one.id === id))
    );
    await Promise.all(
      bundled.map((one) => plugins.#bring(one).catch((thrown: unknown) => (plugins.#fault = Fault.from(thrown))))
    );
    return plugins;
  }

  /** By title. */
  get list(): readonly KeptPlugin[] {
    return this.#list;
  }
  /** Those that may be used. */
  get usable(): readonly KeptPlugin[] {
    return this.#list.filter(({ on, offered }) => on && offered === null);
  }
  /** What could not be read or kept; null when all is well. */
  get fault(): Fault | null {
    return this.#fault;
  }

  stateOf(plugin: KeptPlugin): PluginState {
    if (plugin.offered !== null) return 'changed';
    if (!plugin.on) return 'off';
    return this.failureOf(plugin.id) === null ? 'on' : 'failed';
  }
  /** Why it failed when it was last used; null when it did not. */
  failureOf(id: string): Fault | null {
    return this.#failures[id] ?? null;
  }

  /** Its settings with the defaults; those the manifest no longer knows, or no longer allows, are left out. */
  configOf({ manifest, config }: KeptPlugin): Config {
    const known = Object.entries(config).filter(([name, value]) => allows(manifest, name, value));
    return configOf(manifest, Object.fromEntries(known));
  }

  /** @throws Fault `too-large`, `bad-plugin`, `plugin-failed` */
  async readFile(file: File): Promise<PluginPreview> {
    if (file.size > LIMITS.source) throw new Fault('too-large', { what: 'the plugin', limit: '1 MiB' });
    return this.#read(sourceOf(new Uint8Array(await file.arrayBuffer())), {
      kind: 'file',
      file: file.name.slice(0, 200)
    });
  }

  /** @throws Fault `bad-argument` for the address, and as `readFile` */
  async readUrl(url: string): Promise<PluginPreview> {
    return this.#read(await fetchPlugin(url), { kind: 'url', url });
  }

  /** Keeps it, on; in place of one of the same id, whose settings it gets. @throws Fault `bad-plugin`, `storage-refused` */
  async add({ origin, ...source }: PluginPreview): Promise<void> {
    const { id } = source.manifest;
    const before = this.#find(id);
    if (before?.origin.kind === 'bundled' && origin.kind !== 'bundled') {
      throw new Fault('bad-plugin', {
        what: 'manifest.id',
        reason: `“${id}” is that of a plugin that comes with the app`
      });
    }
    await this.#keep({ on: true, config: {}, ...before, id, origin, ...source, offered: null });
    this.worked(id);
  }

  /** Fetches it again. @returns whether its address now answers with something else @throws Fault as `readUrl` */
  async check(id: string): Promise<boolean> {
    const plugin = this.#find(id);
    if (plugin?.origin.kind !== 'url') return false;
    const { source, sha256, manifest, at } = await this.readUrl(plugin.origin.url);
    const offered = { source, sha256, manifest, at };
    if (manifest.id !== id) {
      throw new Fault('bad-plugin', { what: 'manifest.id', reason: `is “${manifest.id}” now, it was “${id}”` });
    }
    // Its address takes its time, in which the operator may have set it otherwise.
    const now = this.#find(id);
    if (now === null) return false;
    const changed = sha256 !== now.sha256;
    await this.#keep({ ...now, offered: changed ? offered : null });
    return changed;
  }

  /** The operator's answer to another source: it takes the place of the old one, or is forgotten. */
  async decide(id: string, approved: boolean): Promise<void> {
    const plugin = this.#find(id);
    if (plugin === null) return;
    await this.#keep({ ...plugin, ...(approved ? plugin.offered : {}), offered: null });
    this.worked(id);
  }

  async enable(id: string, on: boolean): Promise<void> {
    const plugin = this.#find(id);
    if (plugin !== null) await this.#keep({ ...plugin, on });
    this.worked(id);
  }

  /** @throws Fault `bad-argument` */
  async configure(id: string, config: Config): Promise<void> {
    const plugin = this.#find(id);
    if (plugin === null) return;
    const usual = configOf(plugin.manifest);
    const whole = Object.entries(configOf(plugin.manifest, config));
    await this.#keep({ ...plugin, config: Object.fromEntries(whole.filter(([name, value]) => value !== usual[name])) });
  }

  async remove(id: string): Promise<void> {
    await this.#store.remove(id);
    this.#list = this.#list.filter((plugin) => plugin.id !== id);
    this.worked(id);
  }

  /** A plugin in a sandbox of its own; whoever takes it closes it, and tells `failed` and `worked`. @throws Fault */
  async load(id: string, options: SandboxOptions = {}): Promise<Sandbox> {
    const plugin = this.usable.find((one) => one.id === id);
    if (plugin === undefined) throw new Fault('not-found', { kind: 'plugin', id });
    try {
      return await loadPlugin(plugin.source, { name: plugin.manifest.title, ...options });
    } catch (thrown) {
      if (isFault(thrown)) this.failed(id, thrown);
      throw thrown;
    }
  }

  failed(id: string, fault: Fault): void {
    this.#failures = { ...this.#failures, [id]: fault };
  }
  worked(id: string): void {
    if (id in this.#failures)
      this.#failures = Object.fromEntries(Object.entries(this.#failures).filter(([one]) => one !== id));
  }

  close(): void {
    this.#store.close();
  }

  /** A bundled one as it is now; its manifest is read only when its source is another. */
  async #bring(bundled: BundledPlugin): Promise<void> {
    const { id, file, sha256 } = bundled;
    const kept = this.#find(id);
    if (kept?.origin.kind === 'bundled' && kept.sha256 === sha256) return;
    const preview = await this.#read(await bundledSource(bundled), { kind: 'bundled', file });
    const bad = (reason: string): Fault => new Fault('bad-plugin', { what: `plugins/${file}`, reason });
    if (preview.sha256 !== sha256) throw bad('is not the file that the app’s own list names: its SHA-256 is another');
    if (preview.manifest.id !== id) throw bad(`calls itself “${preview.manifest.id}”, not “${id}”`);
    await this.add(preview);
  }

  async #read(source: string, origin: PluginOrigin): Promise<PluginPreview> {
    const name = origin.kind === 'url' ? origin.url : origin.file;
    const [sha256, sandbox] = await Promise.all([hashOf(source), loadPlugin(source, { name })]);
    sandbox.close();
    return { origin, source, sha256, manifest: sandbox.manifest, at: Date.now() as Millis };
  }

  #find(id: string): KeptPlugin | null {
    return this.#list.find((plugin) => plugin.id === id) ?? null;
  }

  async #keep(plugin: KeptPlugin): Promise<void> {
    this.#list = sorted([...this.#list.filter(({ id }) => id !== plugin.id), plugin]);
    try {
      await this.#store.put(plugin);
    } catch (thrown) {
      this.#fault = Fault.from(thrown);
    }
  }
}

const sorted = (plugins: readonly KeptPlugin[]): readonly KeptPlugin[] =>
  [...plugins].sort((a, b) => a.manifest.title.localeCompare(b.manifest.title));

function allows(manifest: Manifest, name: string, value: unknown): boolean {
  try {
    configOf(manifest, { [name]: value });
    return true;
  } catch {
    return false;
  }
}

/** SHA-256 in hex: what `sha256sum` says of the file. */
async function hashOf(source: string): Promise<string> {
  const digest = await (await cryptoProvider()).sha256(new TextEncoder().encode(source));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
