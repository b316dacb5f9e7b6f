// What `smps --help` and `smps help run OP` say.
import { describeArguments, describeOps, parseOp } from './arguments.ts';
import { OP_TEXT } from './op-text.ts';

export const HELP = `smps: many hypervisor hosts from a terminal, sealed end to end

  smps pair URL                  become known to the hosts of a pairing link, as npm start prints it
  smps pair --gateway URL TICKET the same with a ticket a host printed (smps-agent pair)
  smps ls                        the hosts and their VMs
  smps run OP key=value...       one operation; smps help run lists them
  smps watch                     a line for whatever changes, until Ctrl-C
  smps migrate VM HOST           moves a VM to another host while it runs; Ctrl-C leaves it where it is
  smps agent init|run|pair|doctor
                                 the agent of this host, as smps-agent (docs/OPERATING.md); smps agent --help
  smps forget HOST               remove a host from this list (the host still knows this key)
  smps plan                      where the VMs should be, by a scheduler; nothing is moved
  smps solve --model FILE --assignment FILE
                                 the placement search on files of the machine reassignment problem
  smps plugin new DIR            a folder with a scheduler of your own to begin with (docs/PLUGINS.md)
  smps plugin test DIR|FILE      whether a scheduler keeps what every one has to; runs it, with your rights
  smps plugin bench DIR|FILE     how long it takes on large fleets, and what its plan costs
  smps accept-journal HOST       believe a host's journal after it went back (restored from a backup)
  smps help run [OP]             the operations; the arguments of one

  --json            for programs: one object (watch: one object a line)
  --host HOST       only this host, by id or name (run, watch, ls)
  --wait SECONDS    how long to wait for hosts (default 10)
  --label NAME      what hosts are to call you (pair; default user@machine)
  --expect REVISION run: refuse when the VM is no longer at this revision
  --id UUID         run: the command's id; the same id is never carried out twice
  --within SECONDS  run: refuse to begin later than this (default 120)
  --cpu-seconds N   solve: processor time of each worker (default 10)
  --workers N       solve: how many search at once, each from another seed (default: one for each core)
  --seed N          solve, plan: of the first worker (default 1)
  --scheduler NAME  plan: min-cost (default), spread, pack, evacuate, affinity-first, proxmox-static, or a file
  --leave HOST,...  plan: empty these hosts
  --off-too         plan: with --leave, VMs that are off go too: their disks are copied
  --resize VM=C,M   plan: make room for VMs of another size, vCPUs and MiB; several with “;”
  --seconds N       plan: how long it may think (default 5)
  --weights A=N,... plan: what things cost, as cpu=100,move=1 (docs/PLACEMENT.md)
  --bandwidth N     migrate: at most so many MiB a second
  --auto-converge   migrate: slow a guest down that writes faster than its memory can be sent
  --downtime MS     migrate: how long it may stand still at the end (default: its host chooses)
  --out FILE        solve: where the assignment is written
  --version         the version

Key and pairings are kept in SMPS_HOME (default: smps-vmm in the XDG configuration directory), for you alone.
Exit status: 0 done, 1 failed, 2 usage, 3 refused, 4 unknown (it may or may not have happened).`;

/** @throws Fault `usage` for an unknown topic */
export function helpOn(words: readonly string[]): string {
  const [topic, op] = words;
  if (topic !== 'run') return HELP;
  if (op === undefined) {
    return ['smps run OP key=value...', '', ...describeOps(), '', 'smps help run OP tells the arguments of one.'].join(
      '\n'
    );
  }
  const known = parseOp(op);
  const takes = describeArguments(known);
  return [
    `smps run ${known} key=value...`,
    `  ${OP_TEXT[known]}`,
    '',
    ...(takes.length > 0 ? takes : ['  no arguments'])
  ].join('\n');
}
