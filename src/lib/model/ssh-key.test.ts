import { expect, test } from 'vitest';
import { SSH_KEY, sshKeyProblem } from './ssh-key.ts';

// Made with ssh-keygen.
const KEYS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFX2irPjBO+QZAY9zVe5fekBQV62yG2XmUzn7llDMHx7 ada@host ed25519',
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQChyFcJ8LJFcA5oQvixWYRf+wzUzR0EfgubCxh5aqR4FRjXMWrs9ezK8CTMke9ttDP4mmnqyTizhfYlB/ra/dUTeXMQKIgYyl/jU13S4UEr4JSA6545vp5ah1dauHjkRLM8+V1xjj0UGLl4YBzI/VcNrAzhlY2p3FJwjTlIuI1bW2tCfQbMVDAWsnaqMLpIQYCsnYQ0cMFVojd2n76KHhetnOO2bL4dyCjDk3gPTfxv4QSOFXNKmDvrG1k9GR6bsOa0IHntmBvwosTIpZ3LacwUcgRXCX2iU6XwgGW5iNtGQxGGElIw7Hrb1MzJlui2e1LWxcyhw3ES3xoYMOOoCLn3 ada@host rsa2048',
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHR9OwWAeDTfKohGJWvr6qd2HWo2tBPLMjp+GDeD1Rh9IVVoMxgiZmSsO9ySRWWwoehPiIH8B+kX83DChs03h0c= ada@host ecdsa256',
  'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBMoDBCK/WWpC+eQ0xVJtfRRl5eg6Y/V4tqdptQC5WDHOvuC/ZWq/T8ow8YzWO60lNwdlRQaiceDVeszar+ewPQCdY7riGWGLM6IOd3C66DdjmRXAMwPCGD4ZZ1NnhqA2Kw== ada@host ecdsa384',
  'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGQDPF8nVjZch+T2cDvwJodlidYHrYHtTMOZebHrfOiGGDwET3fO1kVp+u0SLKpaZv8a9Riqcifr7wTFzmYfjmmGgEFsrJqiRZk+19f6DDGO25IC8o0RmhbU/5oQdkpO0vhIYpDdcYzOK8dbLPxSfU9/8koRONLhQ21dGaVXV/ZtN4x8w== ada@host ecdsa521'
] as const;
const [ED25519] = KEYS;
const bare = ED25519.split(' ').slice(0, 2).join(' ');

test.each(KEYS)('%s is a public key, with and without its comment', (key) => {
  expect(sshKeyProblem(key)).toBeNull();
  expect(sshKeyProblem(key.split(' ').slice(0, 2).join(' '))).toBeNull();
});

test.each<[string, string, RegExp]>([
  ['nothing', '', /must be an OpenSSH public key/],
  ['options before it', `command="id" ${ED25519}`, /no options/],
  ['a certificate authority', `cert-authority ${ED25519}`, /no options/],
  ['a type nobody should use any more', ED25519.replace('ssh-ed25519', 'ssh-dss'), /must be/],
  ['two lines', `${bare}\n${bare}`, /must be/],
  ['a line break at its end', `${bare}\n`, /must be/],
  ['a control character in the comment', `${bare} a\u0007b`, /must be/],
  ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----', /private key.*\.pub/],
  ['another type than the key has', ED25519.replace('ssh-ed25519', 'ssh-rsa'), /cut off|another type/],
  ['a key of a type as long', `ecdsa-sha2-nistp384 ${KEYS[2].split(' ')[1] ?? ''}`, /another type/],
  ['base64 that is cut off', bare.slice(0, -4), /cut off/],
  ['base64 that is not whole', bare.slice(0, -1), /cut off/],
  ['base64 spelled otherwise', `${KEYS[2].split(' ').slice(0, 2).join(' ').slice(0, -2)}d=`, /cut off/],
  ['something behind the key', `${bare}AAAA`, /followed by something/]
])('%s is none', (_, line, problem) => {
  expect(sshKeyProblem(line)).toMatch(problem);
});

test('every key has the form the wire demands', () => {
  for (const key of KEYS) expect(key).toMatch(SSH_KEY);
});
