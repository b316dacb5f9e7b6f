// The scores of all hosts for one kind of VM, with the best one always at hand: a tournament (Knuth, TAOCP vol. 3, 5.4.1), in which
// one changed score replays one branch.

/** Scores are 0 and up; below 0: the host cannot be. */
export class BestHost {
  readonly #scores: Float32Array;
  /** Winner of each match: the host with the better score, of equals the lower index; leaves are the hosts themselves. */
  readonly #winner: Int32Array;
  readonly #leaves: number;

  constructor(hosts: number) {
    let leaves = 1;
    while (leaves < hosts) leaves *= 2;
    this.#leaves = leaves;
    this.#scores = new Float32Array(leaves).fill(-1);
    this.#winner = new Int32Array(2 * leaves);
    for (let host = 0; host < leaves; host++) this.#winner[leaves + host] = host;
  }

  scoreOf(host: number): number {
    return this.#scores[host]!;
  }

  /** All at once. */
  fill(score: (host: number) => number, hosts: number): void {
    for (let host = 0; host < hosts; host++) this.#scores[host] = score(host);
    for (let match = this.#leaves - 1; match >= 1; match--) this.#play(match);
  }

  set(host: number, score: number): void {
    this.#scores[host] = score;
    for (let match = (this.#leaves + host) >> 1; match >= 1; match >>= 1) this.#play(match);
  }

  /** The best host that also passes `may`, asked of the best first; -1: none. */
  best(may: (host: number) => boolean): number {
    const scores = this.#scores;
    const first = this.#winner[1]!;
    if (scores[first]! < 0) return -1;
    if (may(first)) return first;
    // The others in order: winners of the matches beside the branches taken, best first.
    const open: number[] = [1];
    while (open.length > 0) {
      let at = 0;
      for (let i = 1; i < open.length; i++) if (this.#beats(this.#winner[open[i]!]!, this.#winner[open[at]!]!)) at = i;
      const match = open.splice(at, 1)[0]!;
      const host = this.#winner[match]!;
      if (scores[host]! < 0) return -1;
      if (host !== first && may(host)) return host;
      for (let branch = match; branch < this.#leaves;) {
        const left = 2 * branch;
        const won = this.#winner[left] === host ? left : left + 1;
        open.push(won ^ 1);
        branch = won;
      }
    }
    return -1;
  }

  #play(match: number): void {
    const [left, right] = [this.#winner[2 * match]!, this.#winner[2 * match + 1]!];
    this.#winner[match] = this.#beats(right, left) ? right : left;
  }

  #beats(one: number, other: number): boolean {
    const [mine, its] = [this.#scores[one]!, this.#scores[other]!];
    return mine > its || (mine === its && one < other);
  }
}
