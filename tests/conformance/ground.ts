// What the cases of the conformance suite stand on: the subject, once it is open, and the steps they share.
import { randomUUID } from 'node:crypto';
import type { Driver, NewVm } from '../../host-agent/drivers/driver.ts';
import type { Vm, VmState } from '../../src/lib/model/fleet.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { effectsOf, theVm, until } from './expect.ts';
import type { Subject } from './subject.ts';

export class Ground {
  #subject: Subject | null = null;

  /** Before any case runs. */
  stand(subject: Subject): void {
    this.#subject = subject;
  }

  get subject(): Subject {
    if (this.#subject === null) throw new Error('the subject is not open yet');
    return this.#subject;
  }

  /** After all cases; also when the subject could not be opened. */
  async leave(): Promise<void> {
    await this.#subject?.close();
  }

  get driver(): Driver {
    return this.subject.driver;
  }

  /** A small VM of the subject's image: as many of 4 vCPUs as it says, 128 of 512 MiB, off, nothing attached. */
  newVm(name: string, more: Partial<NewVm> = {}): NewVm {
    return {
      id: vmId(randomUUID()),
      name,
      description: '',
      tags: [],
      protected: false,
      autostart: false,
      seed: null,
      image: this.subject.image,
      vcpus: vcpus(this.subject.vcpus),
      vcpusMax: vcpus(4),
      memory: mib(128),
      memoryMax: mib(512),
      start: false,
      disks: [],
      nics: [],
      ...more
    };
  }

  async made(name: string, more: Partial<NewVm> = {}): Promise<VmId> {
    const vm = this.newVm(name, more);
    await effectsOf(this.driver.create(vm));
    return vm.id;
  }

  async stateOf(id: VmId): Promise<VmState> {
    return (await theVm(this.driver, id)).state;
  }

  /** The VM once its guest is up and somebody reports what it sees. */
  async reporting(id: VmId): Promise<Vm> {
    const { up, boot } = this.subject;
    await up?.(id);
    return until(
      boot,
      () => theVm(this.driver, id),
      ({ seen }) => seen !== null && seen.vcpus !== null && (up !== null || seen.memory !== null)
    );
  }

  /** What a change says a guest sees of its devices: `text` where an agent in it reports, nothing invented elsewhere. */
  seenInGuest(text: string): string | null {
    return this.subject.up === null ? text : null;
  }

  /** `vda` or `xvda`. */
  disk(letter: string): string {
    return `${this.subject.letters}${letter}`;
  }

  /** Removes the VM and its disks, whatever state it is in. */
  async end(id: VmId): Promise<void> {
    if ((await this.stateOf(id)) !== 'off') await effectsOf(this.driver.power(id, 'power-off'));
    await effectsOf(this.driver.delete(id, true));
  }

  async volumesOf(): Promise<readonly string[]> {
    const pool = (await this.driver.pools()).find((each) => each.name === this.subject.pool);
    return (pool?.volumes ?? []).map((volume) => volume.name);
  }
}
