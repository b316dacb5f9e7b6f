import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someColumns } from '../../../tests/support/some-columns.ts';
import { en } from '../messages/en.ts';
import { reasonWords } from '../messages/reason-words.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, VM_RUNNING } from '../plugin/columns.ts';
import { FleetView } from '../plugin/fleet-view.ts';
import { fits } from '../plugin/rules.ts';
import { checkMoves } from './check-moves.ts';

const mib = (amount: number): readonly number[] => [0, amount];
const reasons = (...args: Parameters<typeof checkMoves>): readonly string[] =>
  checkMoves(...args).map(({ reason }) => reasonWords(en, reason).replaceAll('\u00a0', ' '));

describe('the oracle of plans', () => {
  it('lets a plan be that keeps everything', () => {
    const columns = someColumns([{ room: mib(4) }, { room: mib(4) }], [{ on: 0, needs: mib(2) }]);
    expect(checkMoves(columns, [{ vm: 0, host: 1 }])).toEqual([]);
    expect(checkMoves(columns, [])).toEqual([]);
  });

  it.each([
    ['there is no VM 7', [{ vm: 7, host: 0 }]],
    ['there is no VM 0.5', [{ vm: 0.5, host: 0 }]],
    ['there is no host -1', [{ vm: 0, host: -1 }]],
    ['there is no host NaN', [{ vm: 0, host: NaN }]],
    [
      'the VM is moved twice',
      [
        { vm: 0, host: 0 },
        { vm: 0, host: 1 }
      ]
    ],
    ['the VM may not be moved', [{ vm: 1, host: 1 }]],
    ['the host is not online', [{ vm: 0, host: 2 }]],
    ['the host is in maintenance', [{ vm: 0, host: 3 }]],
    ['the host does not suit the VM', [{ vm: 2, host: 1 }]]
  ])('says %s', (reason, moves) => {
    const columns = someColumns(
      [{}, {}, { flags: 0 }, { flags: HOST_ONLINE | HOST_MAINTENANCE }],
      [{ on: 0 }, { on: 0, flags: VM_RUNNING }, { on: 0, may: [0] }]
    );
    expect(reasons(columns, moves)).toEqual([reason]);
  });

  it('counts a VM on both hosts while it moves', () => {
    const full = { room: mib(4) };
    const columns = someColumns(
      [full, full],
      [
        { on: 0, needs: mib(3) },
        { on: 1, needs: mib(3) }
      ]
    );
    expect(
      reasons(columns, [
        { vm: 0, host: 1 },
        { vm: 1, host: 0 }
      ])
    ).toEqual(['2 MiB of memory are missing while VMs move away', '2 MiB of memory are missing while VMs move away']);
    expect(reasons(columns, [{ vm: 0, host: 1 }])).toEqual(['2 MiB of memory are missing']);
  });

  it('does not hold against a plan what was wrong before, but what it makes worse', () => {
    const columns = someColumns(
      [{ room: mib(2) }, { room: mib(9) }],
      [
        { on: 0, needs: mib(2) },
        { on: 0, needs: mib(2) },
        { on: 1, needs: mib(1) }
      ],
      [{ kind: 'apart', name: 'x', vms: Int32Array.of(0, 1) }]
    );
    expect(reasons(columns, [{ vm: 0, host: 1 }])).toEqual([]);
    expect(reasons(columns, [{ vm: 2, host: 0 }])).toEqual(['1 MiB of memory is missing']);
  });

  it.each([
    ['apart', { vm: 0, host: 1 }],
    ['together', { vm: 1, host: 3 }],
    ['near', { vm: 2, host: 3 }],
    ['spread', { vm: 3, host: 1 }],
    ['needs', { vm: 4, host: 3 }]
  ] as const)('knows the rule %s', (kind, move) => {
    const rules = [
      { kind: 'apart', name: 'r', vms: Int32Array.of(0, 1) },
      { kind: 'together', name: 'r', vms: Int32Array.of(1, 2) },
      { kind: 'near', name: 'r', vms: Int32Array.of(1, 2) },
      { kind: 'spread', name: 'r', vms: Int32Array.of(2, 3), least: 2 },
      { kind: 'needs', name: 'r', vms: Int32Array.of(4), of: Int32Array.of(0) }
    ] as const;
    const columns = someColumns(
      [{}, {}, {}, { site: 1 }],
      [{ on: 0 }, { on: 1 }, { on: 1 }, { on: 3 }, { on: 0 }],
      rules
    );
    expect(reasons(columns, [move]).join()).toContain(`${kind}:r would be broken (`);
  });

  it('lets be, one by one, what the rules that always hold let be', () => {
    const amounts = fc.record({ room: fc.nat(6), site: fc.nat(1) });
    const vm = fc.record({ on: fc.nat(), size: fc.nat(3), apart: fc.boolean(), spread: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(amounts, { minLength: 2, maxLength: 4 }),
        fc.array(vm, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.nat(),
        (hosts, vms, one, other) => {
          const members = (of: 'apart' | 'spread'): Int32Array =>
            Int32Array.from(vms.flatMap((each, index) => (each[of] ? [index] : [])));
          const columns = someColumns(
            hosts.map(({ room, site }) => ({ room: mib(room), site })),
            vms.map(({ on, size }) => ({ on: on % hosts.length, needs: mib(size) })),
            [
              { kind: 'apart', name: 'a', vms: members('apart') },
              { kind: 'spread', name: 's', vms: members('spread'), least: 2 }
            ]
          );
          const move = { vm: one % vms.length, host: other % hosts.length };
          const fleet = new FleetView(columns);
          if (fits(fleet, move.vm, move.host)) expect(checkMoves(columns, [move])).toEqual([]);
        }
      )
    );
  });
});
