import { Channel, type ChannelOptions, type Self } from './channel';
import { interactionOf } from './channel';
import { isNumber, isRecord, type ClientFrame, type Entry, type ServerFrame } from './frames';
import type { OutboxStore } from './outbox';
import { JOIN, Session, type Answer } from './session';

export type Presence = 'available' | 'away' | 'offline';

export interface Queue {
  id: string;
  name: string;
  waiting: number;
  /** Since when its first has waited, epoch milliseconds; absent when nobody waits or nobody said. */
  longestSince?: number;
}

/** The record of a conversation, as the server describes it. */
export interface Details {
  id: string;
  number?: string;
  state?: string;
  category?: string;
  queue?: string;
  first_name?: string;
  last_name?: string;
  email?: string;
  short_description?: string;
  opened_at?: string;
  [field: string]: unknown;
}

/** One conversation in an agent's hands. */
export interface Chat {
  channel: Channel;
  details: Details;
  /** Why it is over, once it is. */
  ended?: string;
}

export interface AgentOptions extends Omit<ChannelOptions, 'self' | 'interaction' | 'store'> {
  token: string;
  self: Self;
  storeFor: (interaction: string) => OutboxStore;
}

/** An agent's side: presence, queues, and every conversation it has in hand. */
export class AgentSession extends Session {
  presence: Presence = 'offline';
  queues: Queue[] = [];
  readonly chats = new Map<string, Chat>();
  /** Told each new entry of somebody else, for a notice or a sound. */
  onEntry: (chat: Chat, entry: Entry) => void = () => undefined;
  private readonly noticed = new Map<string, number>();

  constructor(private readonly options: AgentOptions) {
    super(options.token, options.random);
  }

  get self(): Self {
    return this.options.self;
  }

  protected get channels(): Channel[] {
    return [...this.chats.values()].map((chat) => chat.channel);
  }

  /** Use a fresher token from the next connection on. */
  renew(token: string): void {
    this.token = token;
  }

  /** Entries of others that this agent has not seen, up to what `seen` last said. */
  unread(chat: Chat): number {
    const from = this.noticed.get(chat.channel.interaction) ?? 0;
    return chat.channel.conversation.transcript.filter((entry) => entry.seq > from && entry.text !== undefined && !chat.channel.isOwn(entry)).length;
  }

  seen(chat: Chat): void {
    const { gapless } = chat.channel.conversation;
    this.noticed.set(chat.channel.interaction, gapless);
    chat.channel.seen(gapless);
  }

  say(interaction: string, text: string, now: number): void {
    this.chats.get(interaction)?.channel.say(text, now);
  }

  setPresence(state: Presence, now: number): Promise<Answer> {
    return this.ask({ action: 'presence', state }, now);
  }

  /** Take the next one in a queue. What the answer tells about the count is shown until the server counts again. */
  async accept(queue: string, now: number): Promise<Answer> {
    const answer = await this.ask({ action: 'accept', queue }, now);
    if (answer.ok) this.recount(queue, (waiting) => waiting - 1);
    else if (answer.refusal.code === 'queue_empty') this.recount(queue, () => 0);
    return answer;
  }

  end(interaction: string, now: number): Promise<Answer> {
    return this.ask({ action: 'end', interaction }, now);
  }

  /** Put an ended conversation away. */
  dismiss(interaction: string): void {
    if (this.chats.get(interaction)?.ended !== undefined) this.chats.delete(interaction);
  }

  protected joinFrame(): ClientFrame {
    return { action: 'join', ref: JOIN };
  }

  protected joined(frame: ServerFrame, now: number): void {
    this.hearPresence(frame.presence);
    if (Array.isArray(frame.queues)) this.queues = frame.queues.map((queue) => queueOf(queue, this.queues, now)).filter((queue) => queue !== undefined);
    const mine = Array.isArray(frame.interactions) ? frame.interactions.filter(isDetails) : [];
    const held = new Set(mine.map((details) => details.id));
    for (const chat of this.chats.values()) {
      if (chat.ended === undefined && !held.has(chat.details.id)) chat.ended = 'unassigned';
      // What was said up to the end may be missing here, but is in the log.
      chat.channel.joined(now);
    }
    for (const details of mine) {
      const chat = this.hold(details);
      chat.channel.joined(now, details.head);
      this.hearRead(chat, details.read);
    }
  }

  protected handle(frame: ServerFrame, now: number): void {
    const chat = this.chats.get(interactionOf(frame) ?? '');
    switch (frame.type) {
      case 'presence':
        this.hearPresence(frame.presence ?? frame.state);
        break;
      case 'queue': {
        const heard = queueOf(frame, this.queues, now);
        if (heard) this.queues = this.queues.map((queue) => (queue.id === heard.id ? heard : queue));
        break;
      }
      case 'accepted':
      case 'assigned': {
        const details = isDetails(frame.record) ? frame.record : isDetails(frame.interaction) ? frame.interaction : undefined;
        const id = details?.id ?? interactionOf(frame);
        // The guest's push of the same name says who took it; only ours brings the record.
        if (id !== undefined && (details || frame.type === 'assigned')) this.hold(details ?? { id }).channel.sync();
        break;
      }
      case 'unassigned':
      case 'ended':
        if (chat) chat.ended = typeof frame.reason === 'string' ? frame.reason : frame.type;
        break;
    }
    for (const each of this.chats.values()) this.notice(each);
  }

  private readonly told = new Map<string, number>();

  private notice(chat: Chat): void {
    const { conversation, interaction } = chat.channel;
    for (let seq = (this.told.get(interaction) ?? 0) + 1; seq <= conversation.gapless; seq++) {
      this.told.set(interaction, seq);
      const entry = conversation.entry(seq);
      if (!entry) continue;
      if (entry.event === 'ended') chat.ended = typeof entry.data?.reason === 'string' ? entry.data.reason : 'ended';
      if (!chat.channel.isOwn(entry)) this.onEntry(chat, entry);
    }
  }

  private recount(id: string, count: (waiting: number) => number): void {
    this.queues = this.queues.map((queue) => {
      if (queue.id !== id) return queue;
      const { longestSince: _, ...rest } = queue;
      return { ...rest, waiting: Math.max(0, count(queue.waiting)) };
    });
  }

  private hold(details: Details): Chat {
    const held = this.chats.get(details.id);
    if (held) {
      held.details = { ...held.details, ...details };
      delete held.ended;
      return held;
    }
    const channel = new Channel({ ...this.options, interaction: details.id, store: this.options.storeFor(details.id) });
    const chat: Chat = { channel, details };
    this.chats.set(details.id, chat);
    return chat;
  }

  private hearPresence(presence: unknown): void {
    if (presence === 'available' || presence === 'away' || presence === 'offline') this.presence = presence;
  }

  private hearRead(chat: Chat, read: unknown): void {
    if (!isRecord(read)) return;
    for (const [who, seq] of Object.entries(read)) {
      if (!isNumber(seq)) continue;
      if (who === 'guest') chat.channel.conversation.heardBack(seq, 'read');
      else if (who.endsWith(this.self.id ?? who)) this.noticed.set(chat.channel.interaction, Math.max(seq, this.noticed.get(chat.channel.interaction) ?? 0));
    }
  }
}

function isDetails(value: unknown): value is Details {
  return isRecord(value) && typeof value.id === 'string';
}

function queueOf(value: unknown, known: Queue[], now: number): Queue | undefined {
  if (!isRecord(value) || typeof value.id !== 'string') return undefined;
  const before = known.find((queue) => queue.id === value.id);
  const waiting = isNumber(value.waiting) ? value.waiting : 0;
  const longest = isNumber(value.longest_wait_seconds) ? now - value.longest_wait_seconds * 1000 : before?.longestSince;
  return {
    id: value.id,
    name: typeof value.name === 'string' ? value.name : (before?.name ?? value.id),
    waiting,
    ...(waiting > 0 && longest !== undefined ? { longestSince: longest } : {}),
  };
}
