import { expect, it } from 'vitest';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { askAll } from './poll.ts';
import type { Virsh } from './virsh.ts';

const ONE = '11111111-2222-4333-8444-555555555501' as VmId;
const OTHER = '11111111-2222-4333-8444-555555555502' as VmId;

it('of a VM of Xen that a move is under way with only its state is asked for: libvirt would let the rest wait', async () => {
  const asked: string[] = [];
  const virsh: Pick<Virsh, 'read'> = {
    read: (commands) => {
      asked.push(...commands);
      const answer = (command: string): string =>
        command === 'list --all --uuid --name --id' ? `${ONE} 1 one\n${OTHER} 2 other\n` : '';
      return Promise.resolve(commands.map(answer));
    }
  };
  const { poll } = await askAll(virsh as Virsh, false, { but: null, quiet: new Set([ONE]) }, []);
  expect([...poll.names.keys()]).toEqual([ONE, OTHER]);
  expect(asked.filter((command) => command.endsWith(ONE))).toEqual([`domstate --reason ${ONE}`]);
  expect(asked.filter((command) => command.endsWith(OTHER))).toContain(`dommemstat ${OTHER}`);
});
