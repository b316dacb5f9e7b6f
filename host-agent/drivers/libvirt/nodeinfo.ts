// Parses `virsh nodeinfo`.

export type Nodeinfo = {
  readonly cpus: number | null;
  /** KiB. */
  readonly memory: number | null;
  readonly model: string;
};

/** Of what it does not say it is absent. */
export function parseNodeinfo(text: string): Nodeinfo {
  const field = (name: string): string =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  const whole = (value: string): number | null => (/^\d{1,15}$/.test(value) ? Number(value) : null);
  return {
    cpus: whole(field('CPU(s)')),
    memory: whole(field('Memory size').replace(/ KiB$/, '')),
    model: field('CPU model')
  };
}
