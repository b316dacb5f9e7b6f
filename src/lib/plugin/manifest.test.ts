import { describe, expect, it } from 'vitest';
import { configOf, parseManifest } from './manifest.ts';

const whole = {
  id: 'coolest-first',
  version: '1.0.0',
  api: 1,
  title: 'Coolest first',
  description: 'Prefers the host with the least CPU load.',
  config: {
    type: 'object',
    properties: {
      ceiling: { type: 'number', title: 'Ceiling', default: 0.8, minimum: 0, maximum: 1 },
      order: { type: 'string', title: 'Order', default: 'cpu', enum: ['cpu', 'memory'] },
      strict: { type: 'boolean', title: 'Strict', default: false }
    }
  }
};
const withSetting = (setting: object): object => ({
  ...whole,
  config: { type: 'object', properties: { one: { title: 'One', ...setting } } }
});

describe('a manifest', () => {
  it('is read as it is said', () => {
    expect(parseManifest(whole)).toEqual(whole);
  });

  it.each([
    ['manifest', null],
    ['manifest', []],
    ['manifest.id', { ...whole, id: 'Upper' }],
    ['manifest.id', { ...whole, id: 7 }],
    ['manifest.version', { ...whole, version: 'v1' }],
    ['manifest.api', { ...whole, api: 2 }],
    ['manifest.title', { ...whole, title: 'x'.repeat(61) }],
    ['manifest.description', { ...whole, description: ' ' }],
    ['manifest.main', { ...whole, main: 'x.js' }],
    ['manifest.config.properties.__proto__', JSON.parse(JSON.stringify(whole).replace('ceiling', '__proto__'))],
    ['manifest.config.properties.one.default', withSetting({ type: 'integer', default: 0.5 })],
    ['manifest.config.properties.one.default', withSetting({ type: 'string', default: 'b', enum: ['a'] })],
    ['manifest.config.properties.one.type', withSetting({ type: 'array', default: [] })],
    ['manifest.config.properties.one.maximum', withSetting({ type: 'boolean', default: true, maximum: 1 })],
    ['manifest.config.properties.one.pattern', withSetting({ type: 'string', default: '', pattern: '(a+)+' })]
  ])('names %s when that is wrong', (where, said) => {
    expect(() => parseManifest(said)).toThrow(
      expect.objectContaining({
        code: 'bad-plugin',
        detail: expect.objectContaining({ what: where }) as unknown
      }) as Error
    );
  });
});

describe('a config', () => {
  const manifest = parseManifest(whole);

  it('has the defaults where nothing is said', () => {
    expect(configOf(manifest)).toEqual({ ceiling: 0.8, order: 'cpu', strict: false });
    expect(configOf(manifest, { order: 'memory' })).toEqual({ ceiling: 0.8, order: 'memory', strict: false });
  });

  it.each([{ ceiling: 2 }, { ceiling: NaN }, { ceiling: '1' }, { order: 'disk' }, { strict: 1 }, { floor: 1 }])(
    'refuses %j',
    (given) => {
      expect(() => configOf(manifest, given)).toThrow(expect.objectContaining({ code: 'bad-argument' }) as Error);
    }
  );
});
