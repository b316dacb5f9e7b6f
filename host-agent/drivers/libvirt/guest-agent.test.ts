import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDisks, parseMounts, parseNics, parseVcpus } from './guest-agent.ts';

// What the agent of a real guest answered (QEMU 7.2).
const VCPUS =
  '{"return":[{"online":true,"can-offline":true,"logical-id":1},{"online":false,"can-offline":true,"logical-id":2},{"online":true,"can-offline":false,"logical-id":0}]}';
const DISKS =
  '{"return":[{"name":"/dev/vda1","dependencies":["/dev/vda"],"partition":true},{"name":"/dev/vda","dependencies":[],"partition":false,"address":{"bus-type":"virtio","bus":0,"unit":0,"pci-controller":{"bus":3,"slot":0,"domain":0,"function":0},"dev":"/dev/vda","target":0}}]}';
const NICS =
  '{"return":[{"name":"lo","ip-addresses":[{"ip-address-type":"ipv4","ip-address":"127.0.0.1","prefix":8}],"hardware-address":"00:00:00:00:00:00"},{"name":"eth0","ip-addresses":[{"ip-address-type":"ipv4","ip-address":"10.0.2.15","prefix":24},{"ip-address-type":"ipv6","ip-address":"fe80::5054:ff:fe47:59fb","prefix":64}],"hardware-address":"52:54:00:47:59:FB"}]}';
const FSINFO =
  '{"return":[{"name":"vdb1","mountpoint":"/data","disk":[{"dev":"/dev/vdb1"}],"type":"ext4"},{"name":"vdba","mountpoint":"/x","disk":[{"dev":"/dev/vdba"}],"type":"ext4"}]}';

describe('what a guest agent answers', () => {
  it('is read: vCPUs online, whole disks, interfaces, mounts', () => {
    expect(parseVcpus(VCPUS)).toEqual({ online: 2, present: 3 });
    expect(parseDisks(DISKS)).toEqual([{ name: 'vda', pci: '0000:03:00.0', serial: null, size: null }]);
    expect(parseNics(NICS)).toEqual([{ name: 'eth0', mac: '52:54:00:47:59:fb', addresses: ['10.0.2.15'] }]);
    expect(parseMounts(FSINFO, 'vdb')).toEqual(['/data']);
    expect(parseMounts(FSINFO, 'vdc')).toEqual([]);
  });

  it('is absent when there is none', () => {
    for (const parse of [parseVcpus, parseDisks, parseNics]) expect(parse('')).toBeNull();
    expect(parseMounts('', 'vda')).toEqual([]);
  });

  it('never breaks the agent of the host, whatever a guest makes up', () => {
    const answer = fc.oneof(
      fc.json(),
      fc.json().map((value) => `{"return":${value}}`),
      fc.json().map((value) => `{"return":[${value}]}`),
      fc.string()
    );
    fc.assert(
      fc.property(answer, (text) => {
        parseVcpus(text);
        parseMounts(text, 'vda');
        for (const nic of parseNics(text) ?? []) expect(nic.name.length).toBeLessThanOrEqual(64);
        for (const disk of parseDisks(text) ?? []) expect(disk.name).toMatch(/^[a-z0-9]+$/);
      })
    );
  });
});
