// Who may do what on a host: inviting, changing roles, revoking. For admins of that host.
import type { Operator, Role } from '#lib/model/fleet.ts';
import type { HostTarget, Job } from './job.ts';

export const inviteOperator: Job<'operator.invite', HostTarget, { readonly role: Role }> = {
  title:
    ({ host: { name } }, { role }) =>
    (m) =>
      m.tasks.job.invite[role](name),
  validate: () => null,
  command: (_, input) => ({ op: 'operator.invite', args: input })
};

export const setRole: Job<'operator.set-role', HostTarget, { readonly operator: Operator; readonly role: Role }> = {
  title:
    ({ host: { name } }, { operator: { label }, role }) =>
    (m) =>
      m.tasks.job.setRole(label, role, name),
  validate: (m, _, { operator, role }) => (operator.role === role ? m.problem.sameRole(operator.label, role) : null),
  command: (_, { operator, role }) => ({ op: 'operator.set-role', args: { key: operator.key, role } })
};

export const revokeOperator: Job<'operator.revoke', HostTarget, { readonly operator: Operator }> = {
  title:
    ({ host: { name } }, { operator: { label } }) =>
    (m) =>
      m.tasks.job.revoke(label, name),
  validate: () => null,
  command: (_, { operator }) => ({ op: 'operator.revoke', args: { key: operator.key } })
};
