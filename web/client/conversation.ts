import type { Entry } from './frames';

/** How far the other side has got: every entry up to the number was delivered to it, or read. */
export interface Cursors {
  delivered: number;
  read: number;
}

/**
 * One side's copy of a log: entries by number, what is missing, and how far the other side has read.
 *
 * Pushes may be lost, doubled or overtaken, so nothing here depends on the order in which entries arrive.
 */
export class Conversation {
  /** The highest number below which nothing is missing. */
  gapless = 0;
  /** The highest number known to be taken, seen or not. */
  head = 0;
  readonly theirs: Cursors = { delivered: 0, read: 0 };
  private readonly known = new Map<number, Entry>();

  constructor(readonly interaction: string) {}

  /** Whether something is known to be missing. */
  get behind(): boolean {
    return this.head > this.gapless;
  }

  /** What has been seen without a gap, in order. */
  get transcript(): Entry[] {
    const entries: Entry[] = [];
    for (let seq = 1; seq <= this.gapless; seq++) {
      const entry = this.known.get(seq);
      if (entry) entries.push(entry);
    }
    return entries;
  }

  entry(seq: number): Entry | undefined {
    return this.known.get(seq);
  }

  /** Take entries in any order; returns those that were new. */
  take(entries: Iterable<Entry>): Entry[] {
    const fresh: Entry[] = [];
    for (const entry of entries) {
      if (entry.interaction !== this.interaction || this.known.has(entry.seq)) continue;
      this.known.set(entry.seq, entry);
      this.heardOf(entry.seq);
      fresh.push(entry);
    }
    while (this.known.has(this.gapless + 1)) this.gapless += 1;
    return fresh;
  }

  /** Learn that a number is taken without learning what stands there. */
  heardOf(seq: number): void {
    this.head = Math.max(this.head, seq);
  }

  /** Learn how far the other side has got; what was read was delivered. */
  heardBack(seq: number, state: 'delivered' | 'read'): void {
    this.theirs.delivered = Math.max(this.theirs.delivered, seq);
    if (state === 'read') this.theirs.read = Math.max(this.theirs.read, seq);
  }

  /** Forget everything: what was known is not what the server has. */
  reset(): void {
    this.known.clear();
    this.gapless = 0;
    this.head = 0;
  }
}
