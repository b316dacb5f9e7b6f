// The own words of hosts and VMs in lower case, for words without a field. Made once for every VM and host: both are
// replaced when they change, so a text is never older than its subject.
import type { Host, Vm } from '../model/fleet.ts';
import { tagsOf } from './marks.ts';

const ofVm = new WeakMap<Vm, string>();
const ofHost = new WeakMap<Host, string>();

function kept<Subject extends WeakKey>(
  texts: WeakMap<Subject, string>,
  subject: Subject,
  words: (subject: Subject) => string
): string {
  let text = texts.get(subject);
  if (text === undefined) texts.set(subject, (text = words(subject).toLowerCase()));
  return text;
}

export const hostText = (host: Host): string =>
  kept(
    ofHost,
    host,
    ({ name, id, site, facts }) => `${name}\n${id}\n${site}\n${facts?.accelerator ?? ''}\n${facts?.hypervisor ?? ''}`
  );
export const vmText = (vm: Vm): string => kept(ofVm, vm, wordsOfVm);

function wordsOfVm(vm: Vm): string {
  let text = `${vm.name}\n${vm.id}\n${vm.state}\n${vm.description}`;
  for (const { addresses } of vm.nics) for (const address of addresses) text += `\n${address}`;
  for (const tag of tagsOf(vm)) text += `\n${tag}`;
  return text;
}
