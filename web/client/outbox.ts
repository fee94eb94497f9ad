import { backoff } from './backoff';
import type { ClientFrame, Entry, Log, Refusal } from './frames';

/** A message not acknowledged yet. `after` is the highest number its author had seen gaplessly when it was first sent. */
export interface Pending {
  id: string;
  text: string;
  after?: number;
  failed?: Refusal;
}

/** Where unacknowledged messages survive a reload. */
export interface OutboxStore {
  load(): Pending[];
  save(pending: Pending[]): void;
}

/** What the channel has to do about a refused send. */
export type Remedy = 'none' | 'sync' | 'resync';

const RETRYABLE = new Set(['unavailable', 'rate_limited', 'token_expired', 'token_invalid', 'unauthenticated']);
const ACKNOWLEDGED_WITHIN = 4_000;

/**
 * The messages of one author to one log that the server has not acknowledged.
 *
 * At most one is under way: API Gateway runs the frames of a connection in parallel, so two could change places. It is
 * sent until it is acknowledged, always with its first `id` and `after`, by which the server knows a repeat.
 */
export class Outbox {
  private readonly list: Pending[];
  private attempts = 0;
  private sendAt = 0;
  private held = false;

  constructor(
    private readonly interaction: string,
    private readonly store: OutboxStore,
    private readonly random: () => number,
    private readonly log: Log = 'comment',
  ) {
    this.list = store.load();
  }

  get pending(): readonly Pending[] {
    return this.list;
  }

  /** The one that is or will next be under way. */
  private get first(): Pending | undefined {
    return this.list.find((pending) => !pending.failed);
  }

  /** When `due` will next have something, epoch milliseconds; Infinity when it waits for something else. */
  get wakeAt(): number {
    return this.first && !this.held ? this.sendAt : Infinity;
  }

  add(id: string, text: string): void {
    this.list.push({ id, text });
    this.changed();
  }

  /** The frame to send now, if any. `seen` is the highest number seen gaplessly. */
  due(now: number, seen: number): ClientFrame | undefined {
    const first = this.first;
    if (!first || this.held || now < this.sendAt) return undefined;
    if (first.after === undefined) {
      first.after = seen;
      this.changed();
    }
    this.sendAt = now + backoff(this.attempts, this.random, ACKNOWLEDGED_WITHIN);
    this.attempts += 1;
    const { id, text, after } = first;
    const visibility = this.log === 'work_note' ? { visibility: this.log } : {};
    return { action: 'send', ref: id, interaction: this.interaction, id, text, after, ...visibility };
  }

  /** The server has it: take it off the list and let the next one go. */
  acknowledged(id: string): Pending | undefined {
    const at = this.list.findIndex((pending) => pending.id === id);
    if (at < 0) return undefined;
    const next = this.first?.id === id;
    const [pending] = this.list.splice(at, 1);
    if (next) this.restart();
    this.changed();
    return pending;
  }

  /** Own messages met in the log are acknowledged, whatever was answered. */
  met(entries: Iterable<Entry>): void {
    for (const entry of entries) this.acknowledged(entry.id);
  }

  /** The server refused one, or could not tell. */
  refused(id: string, refusal: Refusal, now: number): Remedy {
    const pending = this.list.find((one) => one.id === id);
    if (!pending || pending.failed) return 'none';
    if (refusal.code === 'behind' || refusal.code === 'invalid_after') {
      this.held = true;
      return refusal.code === 'behind' ? 'sync' : 'resync';
    }
    if (RETRYABLE.has(refusal.code)) {
      this.delay(now, refusal.retry_after);
      return 'none';
    }
    pending.failed = refusal;
    this.restart();
    this.changed();
    return 'none';
  }

  /** API Gateway answered in its own name: whatever is under way is not acknowledged. */
  unanswered(now: number): void {
    if (this.first?.after !== undefined) this.delay(now);
  }

  /**
   * The transcript is complete again: what is still here is not in the log, so it goes out anew.
   *
   * Its `id` stays, so an earlier copy still on its way in cannot double it; all before the new `after` was seen.
   */
  synced(): void {
    if (!this.held) return;
    this.held = false;
    for (const pending of this.list) delete pending.after;
    this.restart();
    this.changed();
  }

  /** A new connection: send what was under way at once. */
  reconnected(): void {
    this.restart();
  }

  /** Try a failed one again, behind those that wait. */
  retry(id: string): void {
    const at = this.list.findIndex((pending) => pending.id === id && pending.failed);
    const [pending] = at < 0 ? [] : this.list.splice(at, 1);
    if (!pending) return;
    delete pending.failed;
    this.list.push(pending);
    if (this.first === pending) this.restart();
    this.changed();
  }

  /** Give a failed one up. */
  discard(id: string): void {
    const at = this.list.findIndex((pending) => pending.id === id && pending.failed);
    if (at >= 0) this.list.splice(at, 1);
    this.changed();
  }

  private delay(now: number, seconds?: number): void {
    this.sendAt = now + (seconds === undefined ? backoff(this.attempts, this.random) : seconds * 1000);
  }

  private restart(): void {
    this.attempts = 0;
    this.sendAt = 0;
  }

  private changed(): void {
    this.store.save(this.list);
  }
}
