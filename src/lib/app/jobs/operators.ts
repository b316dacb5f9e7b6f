// Who may do what on a host: inviting, changing roles, revoking. For admins of that host.
import type { Operator, Role } from '#lib/model/fleet.ts';
import type { HostTarget, Job } from './job.ts';

export const inviteOperator: Job<'operator.invite', HostTarget, { readonly role: Role }> = {
  title: ({ host }, { role }) => `Invite ${role === 'viewer' ? 'a viewer' : `an ${role}`} to ${host.name}`,
  validate: () => null,
  command: (_, input) => ({ op: 'operator.invite', args: input })
};

export const setRole: Job<'operator.set-role', HostTarget, { readonly operator: Operator; readonly role: Role }> = {
  title: ({ host }, { operator, role }) => `Make ${operator.label} ${role} of ${host.name}`,
  validate: (_, { operator, role }) => (operator.role === role ? `${operator.label} is ${role} already.` : null),
  command: (_, { operator, role }) => ({ op: 'operator.set-role', args: { key: operator.key, role } })
};

export const revokeOperator: Job<'operator.revoke', HostTarget, { readonly operator: Operator }> = {
  title: ({ host }, { operator }) => `Revoke ${operator.label} on ${host.name}`,
  validate: () => null,
  command: (_, { operator }) => ({ op: 'operator.revoke', args: { key: operator.key } })
};
