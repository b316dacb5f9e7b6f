// Commands as the operator follows them: titles, outcomes, journals of the hosts.
import type { ProgressStage, Role } from '../../model/fleet.ts';
import { common } from './common.ts';

type Status = 'running' | 'done' | 'refused' | 'failed' | 'unknown' | 'paused' | 'aborted';
export type PowerWord = 'start' | 'shutdown' | 'reboot' | 'pause' | 'resume' | 'save' | 'discard-saved' | 'power-off';
const atBoot = (next: boolean): string => (next ? ' at next boot' : '');

export const tasks = {
  title: 'Tasks',
  status: {
    running: 'running',
    done: 'done',
    refused: 'refused',
    failed: 'failed',
    unknown: 'unknown',
    paused: 'paused',
    aborted: 'aborted'
  } satisfies Record<Status, string>,

  /** What a job does, as a task is listed: “Set vCPUs of db-1 to 4”. */
  job: {
    power: {
      start: (vm: string) => `Start ${vm}`,
      shutdown: (vm: string) => `Shut down ${vm}`,
      reboot: (vm: string) => `Reboot ${vm}`,
      pause: (vm: string) => `Pause ${vm}`,
      resume: (vm: string) => `Resume ${vm}`,
      save: (vm: string) => `Save ${vm}`,
      'discard-saved': (vm: string) => `Discard the saved state of ${vm}`,
      'power-off': (vm: string) => `Power off ${vm}`
    } satisfies Record<PowerWord, (vm: string) => string>,
    /** The start of a VM that is saved. */
    restore: (vm: string) => `Restore ${vm}`,
    createVm: (vm: string, host: string, start: boolean) => `Create ${vm} on ${host}${start ? ' and start it' : ''}`,
    deleteVm: (vm: string, disks: boolean) => `Delete ${vm}${disks ? ' and its disks' : ', keep its disks'}`,
    cloneVm: (vm: string, to: string) => `Clone ${vm} to ${to}`,
    pinForMove: (vm: string, host: string) => `Pin ${vm} for its move to ${host}`,
    unpinStayed: (vm: string) => `Unpin ${vm}, which was not moved`,
    releaseMove: (vm: string, host: string) => `Free the room for ${vm} on ${host}`,
    prepareMove: (vm: string, host: string) => `Prepare ${host} for ${vm}`,
    migrateVm: (vm: string, host: string) => `Move ${vm} to ${host}`,
    decideMove: (vm: string, runs: 'here' | 'there') =>
      runs === 'here' ? `Let ${vm} continue here` : `Remove ${vm} here`,
    setTags: (vm: string, tags: string) => (tags === '' ? `Take all tags from ${vm}` : `Tag ${vm} ${tags}`),
    setNotes: (vm: string) => `Change the notes of ${vm}`,
    setProtected: (vm: string, on: boolean) => (on ? `Protect ${vm} against deletion` : `Allow the deletion of ${vm}`),
    setAutostart: (vm: string, on: boolean) =>
      on ? `Have ${vm} start with its host` : `Have ${vm} no longer start with its host`,
    cancel: (title: string) => `Cancel “${title}”`,
    renameVm: (vm: string, to: string) => `Rename ${vm} to ${to}`,
    setVcpus: (vm: string, to: number, next: boolean) => `Set vCPUs of ${vm} to ${to}${atBoot(next)}`,
    setMemory: (vm: string, to: string, next: boolean) => `Set memory of ${vm} to ${to}${atBoot(next)}`,
    setCpuShare: (vm: string, weight: number, cap: number | null, next: boolean) =>
      `Set CPU share of ${vm} to weight ${weight}, ${cap === null ? 'no cap' : `cap ${cap}\u00a0%`}${atBoot(next)}`,
    setVcpuAffinity: (vm: string, cpus: string, next: boolean) =>
      `Let ${vm} run on ${cpus === '' ? 'any CPU' : `CPUs ${cpus}`}${atBoot(next)}`,
    attachNewDisk: (vm: string, size: string) => `Attach a new disk of ${size} to ${vm}`,
    attachVolume: (vm: string, volume: string) => `Attach ${volume} to ${vm}`,
    growDisk: (vm: string, target: string, to: string) => `Grow ${target} of ${vm} to ${to}`,
    detachDisk: (vm: string, target: string, volume: boolean) =>
      `Detach ${target} from ${vm}${volume ? ' and delete its volume' : ''}`,
    attachNic: (vm: string, network: string) => `Attach ${vm} to network ${network}`,
    detachNic: (vm: string, mac: string) => `Detach network interface ${mac} from ${vm}`,
    deleteVolume: (volume: string, pool: string) => `Delete volume ${volume} of pool ${pool}`,
    invite: {
      viewer: (host: string) => `Invite a viewer to ${host}`,
      operator: (host: string) => `Invite an operator to ${host}`,
      admin: (host: string) => `Invite an admin to ${host}`
    } satisfies Record<Role, (host: string) => string>,
    setRole: (operator: string, role: Role, host: string) => `Make ${operator} ${common.role[role]} of ${host}`,
    setMaintenance: (host: string, on: boolean) => `${on ? 'Enter' : 'Leave'} maintenance of ${host}`,
    revoke: (operator: string, host: string) => `Revoke ${operator} on ${host}`
  },

  /** What came of it: asked, and what the guest or the host then said. */
  effect: {
    atNextBoot: (asked: string) => `${asked} at next boot`,
    guestConfirms: (seen: string) => `guest confirms ${seen}`,
    hostReports: (seen: string) => `host reports ${seen}`,
    guestSees: (asked: string, seen: string) => `asked ${asked}, guest sees ${seen}`,
    hostSees: (asked: string, seen: string) => `asked ${asked}, host reports ${seen}`,
    note: (note: string) => ` (${note})`,
    separator: '; '
  },
  titled: (title: string, words: string) => `${title}: ${words}`,

  overSealedLink: 'Sent over a sealed link',
  sealed: 'sealed',
  notJournalled: 'not journalled',
  sealedJournal: (number: number) => `sealed · journal #${number}`,
  journal: (number: number) => `journal #${number}`,
  figures: (running: number, finished: number) => `${running} running · ${finished} finished`,
  notDone: (n: number) => `${n} not done`,
  fold: 'Fold the tasks',
  unfold: 'Unfold the tasks',
  appearHere: 'What you do appears here, with its outcome.',

  noActivity:
    'Nothing yet. Every command that changes something is written into the host’s journal and appears here, whoever sent it.',
  /** What a journal entry is called. The host sums it up in English; `vm` is the name of the VM it is about, if known. */
  activity: ((summary) => summary) as (summary: string, op: string, vm: string | null) => string,

  /** Told without having been asked. */
  notice: {
    lost: (hosts: string) => `${hosts}: link lost, trying again by itself`,
    back: (hosts: string) => `${hosts}: linked again`,
    refused: (hosts: string) => `${hosts}: refused the link, see the host’s page`,
    crashed: (vm: string, host: string) => `${vm} on ${host} crashed`,
    unsteady: (hosts: string) => `${hosts}: the link comes and goes; nothing more is said of it until it stays`
  },

  /** How far a running command is, and how it is ended or given again. */
  stage: {
    checking: 'checking',
    copying: 'copying',
    moving: 'moving',
    saving: 'saving its memory',
    restoring: 'restoring its memory',
    defining: 'defining',
    starting: 'starting',
    'waiting-for-guest': 'waiting for the guest',
    'finding-out': 'unknown, checking',
    'cleaning-up': 'cleaning up'
  } satisfies Record<ProgressStage, string>,
  staged: (stage: string, percent: number | null) => (percent === null ? stage : `${stage} ${percent}\u00a0%`),
  /** Of a command whose host cannot be heard. */
  lastHeard: (staged: string) => `last heard: ${staged}`,
  /** Of a VM that moves. */
  remaining: (left: string, rate: string, pass: number | null) =>
    `${left} to go · ${rate}${pass === null || pass < 2 ? '' : ` · pass ${pass}`}`,
  /** Of a command that was not given in this tab: whose it is. */
  ofYou: 'yours, elsewhere',
  ofOther: (who: string) => `of ${who}`,
  elsewhere: 'Not given in this tab: in another one, before the page was loaded, or by somebody else',
  cancelTask: (title: string) => `Cancel “${title}”`,
  cancelMeans: {
    undo: 'Stops it and removes what it made so far',
    'goes-on': 'Stops saving, where its hypervisor can; the VM runs on',
    'stop-waiting': 'Stops waiting for the guest, which was asked and may still do it',
    'never-begins': 'It waits its turn, and then never begins'
  },
  cancelling: 'cancelling…',
  retry: 'Try again',
  retryTask: (title: string) => `Try again: ${title}`,
  /** Of what the tab saw happen: no command of which anybody knows. */
  seen: 'seen'
};
