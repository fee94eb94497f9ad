import { Conversation } from './conversation';
import { isNumber, isRecord, parseEntries, parseEntry, refusalOf, type Author, type ClientFrame, type Entry, type Role, type ServerFrame } from './frames';
import { Outbox, type OutboxStore } from './outbox';

/** Who speaks here. An agent is told apart from other agents by its id. */
export interface Self extends Author {
  role: Role;
}

export interface ChannelOptions {
  interaction: string;
  self: Self;
  store: OutboxStore;
  random: () => number;
  newId: (now: number) => string;
}

const SYNC_ANSWERED_WITHIN = 6_000;
const SYNC_AFTER_JOINED = 2_000;
const SYNC_AGAIN = 1_000;
const TYPING_RENEWED = 3_000;
const TYPING_FADES = 6_000;
const TYPING_OVERTAKEN = 300;
// What is read in this time need not be reported as delivered first. The server passes one receipt a second on and drops
// others, so they are kept well apart.
const RECEIPT_SETTLES = 300;
const RECEIPT_EVERY = 1_500;

/**
 * One conversation over a connection that may lose, double and delay anything: the log's copy, the outbox, and the
 * frames that keep both true.
 */
export class Channel {
  readonly conversation: Conversation;
  readonly outbox: Outbox;
  readonly self: Self;
  private syncWanted = false;
  private syncAt = Infinity;
  private syncSentAt: number | undefined;
  private syncRef = '';
  private syncs = 0;
  private typingOn = false;
  private typingSentAt = -Infinity;
  private typingStopAt = Infinity;
  private theyTypeUntil = 0;
  private theySpokeAt = -Infinity;
  private told = { delivered: 0, read: 0 };
  private seenUpTo = 0;
  private receiptAt = 0;
  private outgoing: ClientFrame[] = [];

  constructor(private readonly options: ChannelOptions) {
    this.conversation = new Conversation(options.interaction);
    this.outbox = new Outbox(options.interaction, options.store, options.random);
    this.self = options.self;
  }

  get interaction(): string {
    return this.options.interaction;
  }

  get wakeAt(): number {
    const sync = this.syncSentAt === undefined ? (this.syncWanted ? 0 : Infinity) : this.syncSentAt + SYNC_ANSWERED_WITHIN;
    const read = this.owesReceipt ? this.receiptAt : Infinity;
    const fade = this.theyTypeUntil > 0 ? this.theyTypeUntil : Infinity;
    return Math.min(sync, this.syncAt, read, fade, this.typingStopAt, this.outbox.wakeAt, this.outgoing.length ? 0 : Infinity);
  }

  isOwn(entry: Entry): boolean {
    return entry.role === this.self.role && (this.self.role === 'guest' || entry.from.id === this.self.id);
  }

  theyType(now: number): boolean {
    return now < this.theyTypeUntil;
  }

  say(text: string, now: number): void {
    this.outbox.add(this.options.newId(now), text);
    // The message itself tells that its author stopped typing.
    this.typingOn = false;
    this.typingStopAt = Infinity;
  }

  /** The author is writing, or stopped. Told at most every few seconds; it stops by itself. */
  typing(on: boolean, now: number): void {
    if (on) {
      this.typingStopAt = now + TYPING_FADES;
      if (this.typingOn && now < this.typingSentAt + TYPING_RENEWED) return;
    } else {
      this.typingStopAt = Infinity;
      if (!this.typingOn) return;
    }
    this.typingOn = on;
    this.typingSentAt = now;
    this.outgoing.push({ action: 'typing', interaction: this.interaction, on });
  }

  /** The reader has this number before its eyes. */
  seen(seq: number): void {
    this.seenUpTo = Math.max(this.seenUpTo, Math.min(seq, this.conversation.gapless));
  }

  /** Ask for what is missing, and whether something is. */
  sync(): void {
    this.syncWanted = true;
  }

  /** A connection stands; what its reply did not bring is asked for in a moment. */
  joined(now: number, head?: unknown): void {
    this.outgoing = [];
    this.syncSentAt = undefined;
    this.told = { delivered: 0, read: 0 };
    this.outbox.reconnected();
    if (isNumber(head)) this.conversation.heardOf(head);
    if (this.conversation.behind) this.syncWanted = true;
    this.syncAt = now + SYNC_AFTER_JOINED;
  }

  /** What was known is not what the server has: begin again. */
  forget(): void {
    this.conversation.reset();
  }

  unanswered(now: number): void {
    this.outbox.unanswered(now);
    if (this.syncSentAt !== undefined) this.syncSentAt = Math.min(this.syncSentAt, now - SYNC_ANSWERED_WITHIN + SYNC_AGAIN);
  }

  take(entries: Entry[], now: number): Entry[] {
    const fresh = this.conversation.take(entries);
    this.outbox.met(fresh);
    if (fresh.some((entry) => !this.isOwn(entry) && entry.text !== undefined)) {
      this.theyTypeUntil = 0;
      this.theySpokeAt = now;
      this.receiptAt = Math.max(this.receiptAt, now + RECEIPT_SETTLES);
    }
    if (this.conversation.behind) this.syncWanted = true;
    return fresh;
  }

  /** Take what concerns this conversation; returns the entries that were new. */
  handle(frame: ServerFrame, now: number): Entry[] {
    switch (frame.type) {
      case 'message': {
        const entry = parseEntry(frame);
        return entry ? this.take([entry], now) : [];
      }
      case 'messages':
        return this.synced(frame, now);
      case 'sent':
        return this.acknowledged(frame, now);
      case 'typing':
        // One that comes right behind a message was sent before it and overtaken.
        this.theyTypeUntil = frame.on === true && now >= this.theySpokeAt + TYPING_OVERTAKEN ? now + TYPING_FADES : 0;
        return [];
      case 'read':
        if (isNumber(frame.seq)) this.conversation.heardBack(frame.seq, frame.state === 'read' ? 'read' : 'delivered');
        return [];
      case 'error':
        this.refused(frame, now);
        return [];
      default:
        return this.lifecycle(frame, now);
    }
  }

  /** Whether a reply is the answer to something this channel asked. */
  owns(ref: string | undefined): boolean {
    return ref !== undefined && (ref === this.syncRef || this.outbox.pending.some((pending) => pending.id === ref));
  }

  /** The frames to send now. */
  due(now: number): ClientFrame[] {
    if (now >= this.theyTypeUntil) this.theyTypeUntil = 0;
    if (now >= this.typingStopAt) this.typing(false, now);
    if (now >= this.syncAt) {
      this.syncAt = Infinity;
      this.syncWanted = true;
    }
    const frames = this.outgoing;
    this.outgoing = [];
    const waited = this.syncSentAt === undefined || now >= this.syncSentAt + SYNC_ANSWERED_WITHIN;
    if (waited && (this.syncWanted || this.syncSentAt !== undefined)) frames.push(this.askForMissing(now));
    const send = this.outbox.due(now, this.conversation.gapless);
    if (send) frames.push(send);
    if (this.owesReceipt && now >= this.receiptAt) frames.push(this.receipt(now));
    return frames;
  }

  /** A change in the conversation's life occupies a number too. A push brings its whole entry, a reply just the number. */
  private lifecycle(frame: ServerFrame, now: number): Entry[] {
    const entry = typeof frame.role === 'string' ? parseEntry(frame) : undefined;
    if (entry) return this.take([entry], now);
    if (isNumber(frame.seq)) {
      this.conversation.heardOf(frame.seq);
      if (this.conversation.behind) this.syncWanted = true;
    }
    return [];
  }

  private askForMissing(now: number): ClientFrame {
    this.syncWanted = false;
    this.syncSentAt = now;
    this.syncs += 1;
    this.syncRef = `sync-${this.interaction}-${this.syncs}`;
    return { action: 'sync', ref: this.syncRef, interaction: this.interaction, after: this.conversation.gapless };
  }

  private synced(frame: ServerFrame, now: number): Entry[] {
    const before = this.conversation.gapless;
    const fresh = this.take(parseEntries(frame.items), now);
    if (frame.ref !== this.syncRef) return fresh;
    this.syncSentAt = undefined;
    this.syncWanted = false;
    if (frame.more !== true && !this.conversation.behind) {
      this.outbox.synced();
    } else if (this.conversation.gapless > before) {
      this.syncWanted = true;
    } else {
      this.syncAt = now + SYNC_AGAIN;
    }
    return fresh;
  }

  private acknowledged(frame: ServerFrame, now: number): Entry[] {
    const { id, seq, at } = frame;
    if (typeof id !== 'string' || !isNumber(seq)) return [];
    const pending = this.outbox.acknowledged(id);
    if (!pending) {
      this.conversation.heardOf(seq);
      if (this.conversation.behind) this.syncWanted = true;
      return [];
    }
    const { role, ...from } = this.self;
    const when = typeof at === 'string' ? at : '';
    return this.take([{ interaction: this.interaction, seq, id, at: when, from, role, text: pending.text }], now);
  }

  private refused(frame: ServerFrame, now: number): void {
    const refusal = refusalOf(frame);
    if (frame.ref === this.syncRef) {
      if (refusal.code === 'invalid_after') this.conversation.reset();
      this.syncSentAt = undefined;
      this.syncAt = now + (refusal.retry_after ?? 1) * SYNC_AGAIN;
      return;
    }
    if (frame.ref === undefined) return;
    const remedy = this.outbox.refused(frame.ref, refusal, now);
    if (remedy === 'resync') this.conversation.reset();
    if (remedy !== 'none') this.syncWanted = true;
    // An ended chat may still have taken an earlier copy of the message: the log tells.
    if (refusal.code === 'chat_ended') this.syncWanted = true;
  }

  private get owesReceipt(): boolean {
    return this.owed('read') > this.told.read || this.owed('delivered') > this.told.delivered;
  }

  /** The highest entry of somebody else that was delivered to us, or seen. */
  private owed(state: 'delivered' | 'read'): number {
    for (let seq = state === 'read' ? this.seenUpTo : this.conversation.gapless; seq > this.told[state]; seq--) {
      const entry = this.conversation.entry(seq);
      if (entry?.text !== undefined && !this.isOwn(entry)) return seq;
    }
    return 0;
  }

  private receipt(now: number): ClientFrame {
    const read = this.owed('read');
    const state = read > this.told.read ? 'read' : 'delivered';
    const seq = state === 'read' ? read : this.owed('delivered');
    this.told[state] = seq;
    if (state === 'read') this.told.delivered = Math.max(this.told.delivered, seq);
    this.receiptAt = now + RECEIPT_EVERY;
    return { action: 'read', interaction: this.interaction, seq, state };
  }
}

/** The interaction a frame is about, wherever it names it. */
export function interactionOf(frame: ServerFrame): string | undefined {
  if (typeof frame.interaction === 'string') return frame.interaction;
  if (isRecord(frame.interaction) && typeof frame.interaction.id === 'string') return frame.interaction.id;
  return undefined;
}
