import { afterEach, expect, test } from 'vitest';
import { AgentLab, newCommandId, newOperator } from '../../tests/support/agent-lab.ts';
import type { SampleVm, SimulatedConfig } from '../drivers/simulated/config.ts';

const RUNNING: SampleVm = { name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 };

const labs: AgentLab[] = [];
const open = async (config: SimulatedConfig = {}, quick = false): Promise<AgentLab> => {
  const lab = await AgentLab.open({ vms: [RUNNING], ...config }, quick);
  labs.push(lab);
  return lab;
};
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});
const watch = { keptNumber: null, loadEvery: null };

test('a link made with a pairing code may enrol and nothing else, and then what the code’s role may', async () => {
  const lab = await open();
  const { id } = await lab.core.codes.create('operator');
  const link = lab.link(newOperator(), id);
  const pause = { vm: (await lab.vm()).id };
  const early = [link.run('host.watch', watch), link.run('vm.pause', pause), link.run('operator.list', {})];
  expect((await Promise.all(early)).map(({ fault }) => fault?.code)).toEqual(Array(3).fill('unknown-operator'));
  const reply = await link.run('host.enroll', { label: 'Zoe\u0308' });
  expect(reply).toMatchObject({ status: 'done', role: 'operator', journal: 2 });
  expect(lab.core.operators.get(link.operator)).toMatchObject({ label: 'Zoë', role: 'operator' });
  expect(lab.logged.find(({ event }) => event === 'enrolled')?.fields).toMatchObject({ checkNumber: '1234 5678' });
  expect((await link.run('vm.pause', pause)).status).toBe('done');
  expect((await link.run('host.enroll', { label: 'Again' })).fault?.code).toBe('pairing-refused');
});

test('a pairing code enrols once: of two links made with it the second is refused', async () => {
  const lab = await open();
  const { id } = await lab.core.codes.create('admin');
  const links = [lab.link(newOperator(), id), lab.link(newOperator(), id)];
  const replies = await Promise.all(links.map((link) => link.run('host.enroll', { label: 'Ada' })));
  expect(replies.map(({ status }) => status).sort()).toEqual(['done', 'refused']);
  expect(replies.find(({ status }) => status === 'refused')?.fault?.code).toBe('pairing-refused');
  expect(lab.core.operators.list()).toHaveLength(1);
});

test('an enrolment whose answer was lost is told again to the operator, on an ordinary link', async () => {
  const lab = await open();
  const { id: code } = await lab.core.codes.create('viewer');
  const operator = newOperator();
  const id = newCommandId();
  await lab.link(operator, code).run('host.enroll', { label: 'Ada' }, { id });
  const reply = await lab.link(operator).run('host.enroll', { label: 'Ada' }, { id });
  expect(reply).toMatchObject({ status: 'done', role: 'viewer', journal: 2 });
});

test('an invitation is a ticket that enrols with its role, told again under the same id, and is in no file but its own', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  const id = newCommandId();
  const { ticket, status } = await admin.run('operator.invite', { role: 'viewer' }, { id });
  expect(status).toBe('done');
  const [host, , code] = ticket?.text.split('.') ?? [];
  expect(host).toBe('lab');
  expect((await lab.link(admin.operator).run('operator.invite', { role: 'viewer' }, { id })).ticket).toEqual(ticket);
  expect(await lab.text('journal.jsonl')).not.toContain(code);
  expect(JSON.stringify(lab.logged)).not.toContain(code);
});

test('revoking an operator ends that operator’s links at once, silent ones too, and nobody else’s', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  const operator = await lab.as('operator');
  const silent = lab.link(operator.operator);
  const bystander = await lab.as('viewer');
  await operator.run('host.watch', watch);
  const reply = await admin.run('operator.revoke', { key: operator.operator });
  expect(reply.status).toBe('done');
  expect([operator.closed?.code, silent.closed?.code]).toEqual(['unknown-operator', 'unknown-operator']);
  expect([bystander.closed, admin.closed]).toEqual([null, null]);
  expect(lab.core.operators.get(operator.operator)).toBeNull();
});

test('an admin who revokes himself still gets the answer, and is gone after it', async () => {
  const lab = await open();
  await lab.as('admin');
  const admin = await lab.as('admin');
  expect((await admin.run('operator.revoke', { key: admin.operator })).status).toBe('done');
  await admin.until(() => admin.closed);
  expect(admin.closed?.code).toBe('unknown-operator');
});

test('the last admin can neither be revoked nor made less', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  await lab.as('operator');
  const key = admin.operator;
  expect((await admin.run('operator.revoke', { key })).fault?.code).toBe('last-admin');
  expect((await admin.run('operator.set-role', { key, role: 'operator' })).fault?.code).toBe('last-admin');
  expect(lab.core.operators.get(key)?.role).toBe('admin');
});

test('a role counts as it stands at the moment of the command', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  const operator = await lab.as('viewer');
  const pause = { vm: (await lab.vm()).id };
  expect((await operator.run('vm.pause', pause)).fault?.code).toBe('forbidden');
  const listed = await admin.run('operator.set-role', { key: operator.operator, role: 'operator' });
  expect(listed.status).toBe('done');
  expect((await operator.run('vm.pause', pause)).status).toBe('done');
  const { operators } = await admin.run('operator.list', {});
  expect(operators.find(({ key }) => key === operator.operator)?.role).toBe('operator');
});
