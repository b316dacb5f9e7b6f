// The agent's state directory: that it is one, whole, and closed to everybody else; and who is known to it.
import { stat } from 'node:fs/promises';
import { Fault } from '../../src/lib/model/fault.ts';
import type { Role } from '../../src/lib/model/fleet.ts';
import { Operators } from '../access/operators.ts';
import { holderOf } from '../files/lock.ts';
import { silent } from '../log.ts';
import { files, readState } from '../state.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import type { Looker } from './target.ts';

/** Of a file or directory: its mode (the last nine bits), and the user id of its owner; null: it is not there. */
export type Inode = { readonly mode: number; readonly uid: number };

export type StateProbe = {
  readonly directory: string;
  readonly inode: Inode | null;
  /** Those of its secrets that are there, by file name. */
  readonly secrets: Readonly<Record<string, Inode>>;
  /** Null: everything in it can be read. */
  readonly broken: Fault | null;
  readonly id: string | null;
  /** How many operators have each role; null where that cannot be read. */
  readonly operators: Readonly<Record<Role, number>> | null;
  /** The process id of the agent that runs on it; null: none does. */
  readonly running: number | null;
};

export async function probeState(directory: string): Promise<StateProbe> {
  const at = files(directory);
  const inode = await inodeOf(directory);
  const secrets: Record<string, Inode> = {};
  for (const path of [at.key, at.tlsKey, at.operators, at.journal]) {
    const found = await inodeOf(path);
    if (found !== null) secrets[path] = found;
  }
  try {
    const { config } = await readState(directory);
    const operators: Record<Role, number> = { viewer: 0, operator: 0, admin: 0 };
    for (const { role } of new Operators(at.operators, config.id, silent).list()) operators[role]++;
    const running = await holderOf(at.lock);
    return { directory, inode, secrets, broken: null, id: config.id, operators, running };
  } catch (thrown) {
    const broken = Fault.from(thrown);
    return { directory, inode, secrets, broken, id: null, operators: null, running: null };
  }
}

async function inodeOf(path: string): Promise<Inode | null> {
  const found = await stat(path).catch(() => null);
  return found === null ? null : { mode: found.mode & 0o777, uid: found.uid };
}

export function judgeState(probe: StateProbe, looker: Looker): readonly Finding[] {
  const { directory, inode, broken } = probe;
  if (inode === null) {
    const advice = `make one: smps-agent init --state ${directory} --id NAME --driver libvirt --uri URI --images DIR`;
    return [fail('state', `there is no directory ${directory}`, advice)];
  }
  const access = judgeAccess(probe, inode, looker);
  if (broken !== null) return [fail('state', broken.message, broken.advice), ...access];
  const runs = probe.running === null ? 'no agent runs on it' : `its agent runs (process ${probe.running})`;
  const whole = access.length === 0 ? [ok('state', `${directory} is whole and closed to others; ${runs}`)] : access;
  return [...whole, ...judgeOperators(probe)];
}

function judgeAccess({ directory, secrets }: StateProbe, { mode, uid }: Inode, looker: Looker): readonly Finding[] {
  const found: Finding[] = [];
  const open = Object.entries(secrets).filter(([, secret]) => (secret.mode & 0o077) !== 0);
  if (open.length > 0) {
    const names = open.map(([path]) => path).join(' ');
    const says = `others may read or change ${names}: whoever has read a key there can pose as this host`;
    found.push(fail('state', says, `chmod 600 ${names}; and make the host anew (init) if anybody may have read them`));
  }
  if ((mode & 0o077) !== 0) {
    found.push(
      warn('state', `${directory} has mode ${octal(mode)}: others may look into it`, `chmod 700 ${directory}`)
    );
  }
  const strangers = Object.entries(secrets).filter(([, secret]) => secret.uid !== uid);
  if (strangers.length > 0) {
    const says = `${strangers.map(([path]) => path).join(', ')} and the directory have different owners`;
    found.push(fail('state', says, `chown -R --reference=${directory} ${directory}`));
  }
  if (uid !== looker.uid) {
    const says = `${directory} belongs to the user with id ${uid}, and this is ${looker.name}: what is found here need not be so for the agent`;
    const advice = `runuser -u "$(stat -c %U ${directory})" -- smps-agent doctor --state ${directory}`;
    found.push(looker.uid === 0 ? warn('state', says, advice) : fail('state', says, advice));
  }
  return found;
}

function judgeOperators({ operators, directory }: StateProbe): readonly Finding[] {
  if (operators === null) return [];
  const { viewer, operator, admin } = operators;
  if (viewer + operator + admin === 0) {
    const advice = `smps-agent pair --state ${directory} prints a ticket for the first`;
    return [warn('operators', 'nobody is known to this host yet', advice)];
  }
  const all = `${admin} admin, ${operator} operator, ${viewer} viewer`;
  return admin > 0
    ? [ok('operators', all)]
    : [
        warn(
          'operators',
          `${all}: nobody can invite or revoke`,
          `smps-agent pair --state ${directory} --role admin prints a ticket`
        )
      ];
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
