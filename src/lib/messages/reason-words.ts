// A reason of `plan/reason.ts` in words.
import type { Reason } from '../plan/reason.ts';
import type { Messages } from './messages.ts';

type Words = { readonly reasons: Messages['reasons']; readonly common: Pick<Messages['common'], 'comma'> };

/** A phrase without a full stop. */
export function reasonWords({ reasons, common: { comma } }: Words, reason: Reason): string {
  const { kind } = reason;
  switch (kind) {
    case 'host-trouble':
      return reasons[kind](reason.trouble);
    case 'platform':
      return reasons[kind](reason.needs, reason.has);
    case 'no-image':
    case 'no-network':
    case 'no-pool':
      return reasons[kind](reason.name);
    case 'place-tags':
      return reasons[kind](reason.names.map((name) => `${reason.word}:${name}`).join(comma));
    case 'lacks': {
      const lacks = reasons[kind][reason.resource](reason.amount);
      return reason.meanwhile ? reasons.meanwhile(lacks) : lacks;
    }
    case 'vm-state':
      return reasons[kind](reason.state);
    case 'pinned-until':
      return reasons[kind](reason.until);
    case 'loose-disk':
      return reasons[kind](reason.target);
    case 'stays-on-xen':
      return reasons[kind][reason.because];
    case 'rule-apart':
      return reasons[kind](reason.rule, reason.vm);
    case 'rule-near':
    case 'rule-needs':
    case 'rule-needed':
      return reasons[kind](reason.rule, reason.site);
    case 'rule-spread':
      return reasons[kind](reason.rule, reason.least);
    case 'rule-together':
    case 'needs-none':
      return reasons[kind](reason.rule);
    case 'rule-broken': {
      const vms = reason.vms.join(comma);
      const named = reason.more > 0 ? reasons.more(vms, reason.more) : vms;
      return reasons[kind](`${reason.between}:${reason.rule}`, named);
    }
    case 'no-such-vm':
    case 'no-such-host':
      return reasons[kind](reason.index);
    case 'weight-range':
      return reasons[kind](reason.most);
    case 'cap-range':
      return reasons[kind](reason.least, reason.most);
    case 'makes-room':
      return reasons[kind](reason.vm);
    case 'odd-tag':
      return reasons[kind](reason.tag, reason.vm);
    case 'spread-few':
      return reasons[kind](reason.rule, reason.least, reason.vms);
    case 'said':
      return reasons[kind](reason.text);
    default:
      return reasons[kind];
  }
}
