import { expect, it } from 'vitest';
import { machineArguments } from './machine.ts';
import { parseForwards } from './qemu.ts';

const machine = {
  name: 'x1',
  image: '/cache/a,b',
  root: '/w/root.qcow2',
  data: '/w/data.qcow2',
  serial: '/w/s',
  waits: true,
  wire: null,
  forward: [22, 16_509]
};

it('forwards ports on loopback alone, and lets nothing out', () => {
  const args = machineArguments(machine);
  expect(args).toContain('user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:0-:16509');
});

it('waits for a kept state, or boots', () => {
  expect(machineArguments(machine).join(' ')).toContain('-incoming defer');
  expect(machineArguments({ ...machine, waits: false })).not.toContain('-incoming');
});

it('doubles the commas of paths where a comma ends an option', () => {
  expect(machineArguments(machine).find((arg) => arg.includes('vmlinux'))).toMatch(
    /^\/cache\/a,,b\/vmlinux .*,\/cache\/a,,b\/initramfs$/
  );
});

it('joins two machines by a wire with an end for each', () => {
  const args = machineArguments({ ...machine, wire: { own: '/w/a', other: '/w/b' } });
  expect(args).toContain('dgram,id=n1,local.type=unix,local.path=/w/a,remote.type=unix,remote.path=/w/b');
});

it('finds the ports that QEMU chose', () => {
  const text = `Hub -1 (n0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[HOST_FORWARD]  13       127.0.0.1 43215       10.0.2.15    22     0     0
  TCP[ESTABLISHED]   15       127.0.0.1 43215       10.0.2.15    22     0     0
  TCP[HOST_FORWARD]  14       127.0.0.1 35885       10.0.2.15 16509     0     0`;
  expect([...parseForwards(text)]).toEqual([
    [22, 43_215],
    [16_509, 35_885]
  ]);
});
