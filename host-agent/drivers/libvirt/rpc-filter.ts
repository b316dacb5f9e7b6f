// What another host may say to this host's libvirt: the calls of a migration of the one VM it has a permit for, and nothing
// else. libvirt's own protocol over its socket knows no less than everything; whoever brings a VM is not an administrator.
import {
  KEEPALIVE_PROGRAM,
  MIGRATE_FINISH,
  procedureOf,
  programOf,
  REMOTE_PROGRAM,
  RpcMessages
} from './rpc-messages.ts';
import { xdrText } from './xdr.ts';
import type { Visitor } from '../migration.ts';
import { namingOf } from './names.ts';

const [OPEN, CLOSE, GET_TYPE, LOOKUP_BY_NAME, LOOKUP_BY_UUID, SUPPORTS_FEATURE, AUTH_LIST] = [1, 2, 3, 23, 24, 60, 66];
const MIGRATE_PREPARE = 303;
const ALLOWED: ReadonlySet<number> = new Set([
  ...[OPEN, CLOSE, GET_TYPE, LOOKUP_BY_NAME, LOOKUP_BY_UUID, SUPPORTS_FEATURE, AUTH_LIST],
  ...[MIGRATE_PREPARE, MIGRATE_FINISH]
]);
const ANY_UUID = /<uuid[^>]*>/g;
/** Of libvirt's parameters (XDR, RFC 4506), and what a text among them is: `VIR_TYPED_PARAM_STRING`. */
const DESTINATION_NAME = xdrText('destination_name');
const STRING = Buffer.from([0, 0, 0, 7]);

export class RpcFilter extends RpcMessages {
  readonly #vm: Visitor;
  readonly #named: readonly Buffer[];

  constructor(vm: Visitor) {
    super((message) => this.#refusal(message));
    this.#vm = vm;
    // libvirt gives its own name, which is another where it cannot carry the operator's.
    const names = [vm.name, namingOf(vm.name, vm.id, () => false).name];
    this.#named = names.map((name) => Buffer.concat([DESTINATION_NAME, STRING, xdrText(name)]));
  }

  #refusal(message: Buffer): string | null {
    const program = programOf(message);
    if (program === KEEPALIVE_PROGRAM) return null;
    const procedure = procedureOf(message);
    if (program !== REMOTE_PROGRAM || !ALLOWED.has(procedure))
      return `procedure ${procedure} of ${program.toString(16)}`;
    const of =
      (procedure !== MIGRATE_PREPARE || this.#speaksOfTheVm(message)) &&
      (procedure !== MIGRATE_FINISH || this.#namesTheVm(message));
    return of ? null : 'a migration of another VM';
  }

  /** Configuration and cookie are XML inside: every id in them must be this one. */
  #speaksOfTheVm(message: Buffer): boolean {
    const text = message.toString('latin1');
    const ids = text.match(ANY_UUID)?.length ?? 0;
    return ids > 0 && ids === text.split(`<uuid>${this.#vm.id}</uuid>`).length - 1;
  }
  /** What is ended, well or not, is named in one parameter: others may be arriving beside it. */
  #namesTheVm(message: Buffer): boolean {
    const at = message.indexOf(DESTINATION_NAME);
    const once = at >= 0 && at === message.lastIndexOf(DESTINATION_NAME);
    return once && this.#named.some((named) => message.indexOf(named) === at);
  }
}
