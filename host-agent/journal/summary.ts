// What a command does, in one line for people: “Set vCPUs of db-1 to 4”. Pure.
import { wordsOf } from '../drivers/console-kind.ts';
import { cpusText, shareText } from '../drivers/share-text.ts';
import type { Operator, VmState } from '../../src/lib/model/fleet.ts';
import { carriable } from '../../src/lib/protocol/xml.ts';
import type { Command } from '../../src/lib/protocol/schema.ts';

const MAX = 512;

/** The VM a command is about; one that is still to come has no state. */
export type AboutVm = { readonly name: string; readonly state: VmState | null };

/** At most 512 characters. `vm`: the VM it is about, `of`: the operator it is about; null when none is known. */
export function summarise(command: Command, vm: AboutVm | null, of: Operator | null): string {
  return clip(line(command, vm?.name ?? 'a VM', vm?.state ?? null, of?.label ?? 'an operator'), MAX);
}

/** Text from anywhere made fit for an attribute of at most `max` UTF-16 units. */
export function clip(text: string, max: number): string {
  const whole = carriable(text);
  // Never split a pair of surrogates.
  return whole.length <= max ? whole : `${carriable(whole.slice(0, max - 1)).replace(/\ufffd$/, '')}…`;
}

const boot = (when: 'now' | 'next-boot'): string => (when === 'now' ? '' : ' at its next boot');

function line(command: Command, vm: string, state: VmState | null, operator: string): string {
  switch (command.op) {
    case 'host.watch':
      return 'Watch the host';
    case 'activity.list':
      return 'List activities';
    case 'load.history':
      return 'Read the load history';
    case 'operator.list':
      return 'List operators';
    case 'host.enroll':
      return `Enrol ${command.args.label}`;
    case 'host.set-maintenance': {
      const { on, reason } = command.args;
      return on ? `Enter maintenance${reason === '' ? '' : `: ${reason}`}` : 'Leave maintenance';
    }
    case 'operator.invite':
      return `Invite a new ${command.args.role}`;
    case 'operator.set-role':
      return `Make ${operator} ${command.args.role}`;
    case 'operator.revoke':
      return `Revoke ${operator}`;
    case 'vm.create':
      return `Create ${command.args.name} from ${command.args.image}${command.args.start ? ' and start it' : ''}`;
    case 'vm.clone':
      return `Clone ${vm} to ${command.args.name}`;
    case 'command.cancel':
      return 'Cancel a command';
    case 'vm.migrate':
      return `Move ${vm} to ${command.args.to}`;
    case 'migration.prepare':
      return `Make room for ${command.args.name}`;
    case 'migration.release':
      return `Give up the room for ${vm}`;
    case 'migration.decide':
      return command.args.runs === 'here'
        ? `Let ${vm} go on here: its target cannot be asked`
        : `Remove ${vm} here: it runs on its target, which cannot be asked`;
    case 'console.open':
      if (command.args.purpose === 'picture') return `Look at the screen of ${vm} by pictures, told once an hour`;
      return `${command.args.takeOver ? 'Take over' : 'Open'} the ${wordsOf(command.args.kind)} of ${vm}`;
    case 'vm.start':
      return `${state === 'saved' ? 'Restore' : 'Start'} ${vm}`;
    case 'vm.shutdown':
      return `Shut down ${vm}`;
    case 'vm.power-off':
      return `Power off ${vm}`;
    case 'vm.reboot':
      return `Reboot ${vm}`;
    case 'vm.pause':
      return `Pause ${vm}`;
    case 'vm.resume':
      return `Resume ${vm}`;
    case 'vm.save':
      return `Save ${vm}`;
    case 'vm.discard-saved':
      return `Discard the saved state of ${vm}`;
    case 'vm.rename':
      return `Rename ${vm} to ${command.args.name}`;
    case 'vm.delete':
      return `Delete ${vm}${command.args.deleteDisks ? ' and its disks' : ''}`;
    case 'vm.set-tags':
      return command.args.tags.length === 0 ? `Take all tags from ${vm}` : `Tag ${vm} ${command.args.tags.join(', ')}`;
    case 'vm.set-notes':
      return command.args.notes === '' ? `Clear the notes of ${vm}` : `Change the notes of ${vm}`;
    case 'vm.set-protected':
      return command.args.protected ? `Protect ${vm} against deletion` : `Allow the deletion of ${vm}`;
    case 'vm.set-autostart':
      return command.args.autostart ? `Start ${vm} with its host` : `Start ${vm} with its host no more`;
    case 'vm.set-vcpus':
      return `Set vCPUs of ${vm} to ${command.args.vcpus}${boot(command.args.when)}`;
    case 'vm.set-memory':
      return `Set memory of ${vm} to ${command.args.memory} MiB${boot(command.args.when)}`;
    case 'vm.set-cpu-share':
      return `Set CPU share of ${vm} to ${shareText(command.args)}${boot(command.args.when)}`;
    case 'vm.set-vcpu-affinity':
      return `Let ${vm} run on ${cpusText(command.args.cpus)}${boot(command.args.when)}`;
    case 'vm.attach-disk': {
      const { pool, volume, capacity } = command.args;
      return volume === null
        ? `Attach a new disk of ${capacity ?? 0} MiB in ${pool} to ${vm}`
        : `Attach ${pool}/${volume} to ${vm}`;
    }
    case 'vm.detach-disk':
      return `Detach ${command.args.target} from ${vm}${command.args.deleteVolume ? ' and delete its volume' : ''}`;
    case 'vm.grow-disk':
      return `Grow ${command.args.target} of ${vm} to ${command.args.capacity} MiB`;
    case 'vm.attach-nic':
      return `Attach ${vm} to network ${command.args.network}`;
    case 'vm.detach-nic':
      return `Detach interface ${command.args.mac} from ${vm}`;
    case 'volume.delete':
      return `Delete volume ${command.args.pool}/${command.args.volume}`;
  }
}
