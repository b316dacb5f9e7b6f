import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inLanguage, saidIn } from './locales.ts';
import { parseManifest } from './manifest.ts';

const own = {
  id: 'coolest-first',
  version: '1.0.0',
  api: 1,
  title: 'Coolest first',
  description: 'Prefers the host with the least CPU load.',
  config: {
    type: 'object',
    properties: {
      ceiling: { type: 'number', title: 'Ceiling', description: 'Of the CPUs.', default: 0.8 },
      order: {
        ...{ type: 'string', title: 'Order', default: 'cpu', enum: ['cpu', 'memory'] },
        choices: { cpu: 'CPU load', memory: 'Memory' }
      }
    }
  }
};
const zh = {
  title: '最闲优先',
  config: { ceiling: { title: '上限' }, order: { choices: { cpu: 'CPU 负载' } } },
  texts: { 'CPU load would be {1} %': 'CPU 负载将达 {1}%', '{1} of {2} VMs stay': '{2} 台中有 {1} 台留下' }
};
const whole = { ...own, locales: { zh, 'pt-BR': { title: 'O mais frio' } } };
const manifest = parseManifest(whole);

describe('words of a plugin in another language', () => {
  it('are read as they are said', () => {
    expect(manifest).toEqual(whole);
    expect(parseManifest({ ...own, locales: { 'ZH-hans-cn': {} } }).locales).toEqual({ 'zh-Hans-CN': {} });
  });

  it('take the place of its own, setting by setting', () => {
    const read = inLanguage(manifest, 'zh-CN');
    expect(read).toMatchObject({ title: '最闲优先', description: own.description });
    expect(read.config?.properties).toEqual({
      ceiling: { ...own.config.properties.ceiling, title: '上限' },
      order: { ...own.config.properties.order, choices: { cpu: 'CPU 负载', memory: 'Memory' } }
    });
  });

  it.each([
    ['zh', '最闲优先'],
    ['zh-CN', '最闲优先'],
    ['zh-Hans-CN', '最闲优先'],
    ['pt-BR', 'O mais frio'],
    ['pt', 'Coolest first'],
    ['en', 'Coolest first'],
    ['constructor', 'Coolest first'],
    ['', 'Coolest first']
  ])('are those of %s: %s', (tag, title) => {
    expect(inLanguage(manifest, tag).title).toBe(title);
  });

  it('have the numbers where they belong', () => {
    expect(saidIn(manifest, 'zh-CN', 'CPU load would be 81.5 %')).toBe('CPU 负载将达 81.5%');
    expect(saidIn(manifest, 'zh-CN', '3 of 12 VMs stay')).toBe('12 台中有 3 台留下');
  });

  it('are what was said where the manifest has none, in any language', () => {
    const known = Object.keys(zh.texts);
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.constantFrom('zh-CN', 'pt-BR', 'en'), (said, tag) => {
        fc.pre(!known.includes(said));
        expect(saidIn(manifest, tag, said)).toBe(said);
      })
    );
    expect(saidIn(manifest, 'en', '3 of 12 VMs stay')).toBe('3 of 12 VMs stay');
  });

  it.each([
    ['manifest.locales', null],
    ['manifest.locales', Object.fromEntries(Array.from({ length: 41 }, (_, at) => [`x-${at}`, {}]))],
    ['manifest.locales.no tag', { 'no tag': {} }],
    ['manifest.locales.zh-CN', { 'zh-cn': {}, 'zh-CN': {} }],
    ['manifest.locales.zh', { zh: '中文' }],
    ['manifest.locales.zh.id', { zh: { id: 'other' } }],
    ['manifest.locales.zh.title', { zh: { title: 'x'.repeat(61) } }],
    ['manifest.locales.zh.description', { zh: { description: '' } }],
    ['manifest.locales.zh.config.floor', { zh: { config: { floor: {} } } }],
    ['manifest.locales.zh.config.ceiling.default', { zh: { config: { ceiling: { default: 1 } } } }],
    ['manifest.locales.zh.config.ceiling.choices.cpu', { zh: { config: { ceiling: { choices: { cpu: 'CPU' } } } } }],
    ['manifest.locales.zh.config.order.choices.disk', { zh: { config: { order: { choices: { disk: '磁盘' } } } } }],
    ['manifest.locales.zh.texts.all go', { zh: { texts: { 'all go': 7 } } }],
    ['manifest.locales.zh.texts.{1} stay', { zh: { texts: { '{1} stay': '{2} 台留下' } } }],
    [
      'manifest.locales.zh.texts',
      { zh: { texts: Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`t${n}`, 't'])) } }
    ]
  ])('name %s when that is wrong', (where, locales) => {
    expect(() => parseManifest({ ...own, locales })).toThrow(
      expect.objectContaining({
        code: 'bad-plugin',
        detail: expect.objectContaining({ what: where }) as unknown
      }) as Error
    );
  });

  it('are a setting’s own where it names its choices itself: only those that there are', () => {
    const properties = { order: { ...own.config.properties.order, choices: { disk: 'Disk' } } };
    expect(() => parseManifest({ ...own, config: { type: 'object', properties } })).toThrow('choices.disk');
  });
});
