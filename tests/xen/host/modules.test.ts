import { expect, it } from 'vitest';
import { closure, moduleName, parseDependencies, unsigned } from './modules.ts';

const all = parseDependencies(
  [
    'kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko',
    'kernel/fs/jbd2/jbd2.ko:',
    'kernel/lib/crc16.ko:',
    'kernel/drivers/xen/xen-netback.ko.xz: kernel/lib/crc16.ko',
    ''
  ].join('\n')
);

it('names a module as the kernel does', () => {
  expect(moduleName('kernel/drivers/xen/xen-netback.ko.xz')).toBe('xen_netback');
});

it('takes what is needed before what needs it, once, and leaves out what is built in', () => {
  expect(closure(all, ['ext4', 'xen-netback', 'xenfs'])).toEqual([
    'kernel/lib/crc16.ko',
    'kernel/fs/jbd2/jbd2.ko',
    'kernel/fs/ext4/ext4.ko',
    'kernel/drivers/xen/xen-netback.ko.xz'
  ]);
});

it('takes the signature off a module, and nothing off one without', () => {
  const module = Buffer.from('ELF and so on');
  const info = Buffer.alloc(12);
  info.writeUInt32BE(5, 8);
  const signed = Buffer.concat([module, Buffer.from('12345'), info, Buffer.from('~Module signature appended~\n')]);
  expect(unsigned(signed)).toEqual(module);
  expect(unsigned(module)).toEqual(module);
});
