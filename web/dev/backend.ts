/**
 * A stand-in for the backend, in memory, that keeps the contract as far as the pages and their tests need it.
 *
 * It is never shipped. Whoever holds it decides what becomes of the frames on their way.
 */
import type { ClientFrame, Entry } from '../client/frames';

type Json = Record<string, unknown>;

interface Interaction {
  id: string;
  number: string;
  state: string;
  queue: string;
  answers: Record<string, string>;
  openedAt: number;
  waitingSince: number;
  agent?: string;
  log: Entry[];
  read: Record<string, number>;
}

export interface Peer {
  participant: string;
  interaction?: string;
  transmit: (text: string) => void;
}

const PAGE = 20;
const TAIL = 60;

export class Backend {
  readonly interactions = new Map<string, Interaction>();
  readonly peers = new Set<Peer>();
  readonly presence = new Map<string, string>();
  queues: Json[] = [
    { id: 'billing', name: 'Billing Support' },
    { id: 'order', name: 'Order Support' },
    { id: 'product', name: 'Product Support' },
  ];
  heartbeatSeconds = 30;
  private made = 0;

  constructor(private readonly now: () => number) {}

  submit(answers: Record<string, string>): Interaction {
    this.made += 1;
    const interaction: Interaction = {
      id: `chat${this.made}`,
      number: `IMS000${1000 + this.made}`,
      state: 'waiting',
      queue: answers.issue_type ?? 'billing',
      answers,
      openedAt: this.now(),
      waitingSince: this.now(),
      log: [],
      read: {},
    };
    this.interactions.set(interaction.id, interaction);
    this.append(interaction, { id: `${interaction.id}.1`, from: { name: this.guestName(interaction) }, role: 'guest', text: answers.description ?? '' });
    this.tellQueue(interaction.queue);
    return interaction;
  }

  /** Take a frame from a peer. */
  receive(peer: Peer, text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    const reply = (body: Json) => peer.transmit(JSON.stringify({ ...body, ...(frame.ref ? { ref: frame.ref } : {}) }));
    const refuse = (code: string, detail = code) => reply({ type: 'error', code, detail });
    switch (frame.action) {
      case 'join':
        this.peers.add(peer);
        return reply(peer.interaction ? this.joinGuest(peer, frame) : this.joinAgent(peer));
      case 'ping':
        return reply({ type: 'pong', ...this.place(peer) });
      case 'presence':
        this.presence.set(peer.participant, String(frame.state));
        return reply({ type: 'presence', presence: frame.state });
      case 'accept':
        return this.accept(peer, String(frame.queue), reply, refuse);
    }
    const interaction = this.interactions.get(String(frame.interaction));
    if (!interaction || !this.mayUse(peer, interaction)) return refuse('not_found');
    switch (frame.action) {
      case 'send':
        return this.send(peer, interaction, frame, reply, refuse);
      case 'sync':
        return reply({ type: 'messages', interaction: interaction.id, ...this.page(peer, interaction, Number(frame.after)) });
      case 'typing':
        return this.tell(interaction, { type: 'typing', interaction: interaction.id, from: { name: this.nameOf(peer) }, on: frame.on }, peer, true);
      case 'read':
        interaction.read[peer.participant] = Math.max(interaction.read[peer.participant] ?? 0, Number(frame.seq));
        return this.tell(interaction, { type: 'read', interaction: interaction.id, from: { name: this.nameOf(peer) }, seq: frame.seq, state: frame.state }, peer, true);
      case 'end':
        return this.end(peer, interaction, reply, refuse);
      case 'reopen':
        interaction.state = 'waiting';
        this.lifecycle(interaction, 'reopened', 'guest', this.guestName(interaction));
        reply({ type: 'reopened', interaction: interaction.id, seq: interaction.log.length });
        return this.tellQueue(interaction.queue);
      case 'stay':
        return reply({ type: 'staying', interaction: interaction.id });
      default:
        return refuse('unknown_action');
    }
  }

  disconnect(peer: Peer): void {
    this.peers.delete(peer);
  }

  private joinGuest(peer: Peer, frame: ClientFrame): Json {
    const interaction = this.interactions.get(peer.interaction ?? '');
    if (!interaction) return { type: 'error', code: 'not_found', detail: '' };
    const { items, more } = this.page(peer, interaction, Number(frame.after ?? 0));
    return {
      type: 'joined',
      interaction: { id: interaction.id, number: interaction.number, state: interaction.state, reopenable: interaction.state === 'closed_abandoned' },
      messages: items,
      more,
      head: interaction.log.length,
      token: `guest-${interaction.id}`,
      expires_at: new Date(this.now() + 86_400_000).toISOString(),
      heartbeat_seconds: this.heartbeatSeconds,
      ...this.place(peer),
    };
  }

  private joinAgent(peer: Peer): Json {
    const mine = [...this.interactions.values()].filter((one) => one.agent === peer.participant && one.state === 'work_in_progress');
    return {
      type: 'joined',
      presence: this.presence.get(peer.participant) ?? 'available',
      queues: this.queues.map((queue) => ({ ...queue, ...this.waitingIn(String(queue.id)) })),
      interactions: mine.map((one) => ({ ...this.record(one), head: one.log.length, notes_head: 0, read: one.read })),
      offers: [],
      heartbeat_seconds: this.heartbeatSeconds,
    };
  }

  private accept(peer: Peer, queue: string, reply: (body: Json) => void, refuse: (code: string, detail?: string) => void): void {
    const next = this.waiting(queue)[0];
    if (!next) return refuse('queue_empty', 'Nobody is waiting in this queue.');
    next.state = 'work_in_progress';
    next.agent = peer.participant;
    const from = { name: peer.participant, id: peer.participant };
    const entry = this.append(next, { id: `${next.id}.${next.log.length + 1}`, from, role: 'agent', event: 'accepted' });
    this.tell(next, { type: 'accepted', ...entry, agent: { name: peer.participant } }, peer, true);
    const text = 'Thank you for contacting support. I am looking into your question now and will be with you shortly.';
    this.append(next, { id: `${next.id}.${next.log.length + 1}`, from, role: 'agent', text }, peer);
    reply({ type: 'accepted', interaction: next.id, record: this.record(next) });
    this.tellQueue(queue);
  }

  private send(peer: Peer, interaction: Interaction, frame: ClientFrame, reply: (body: Json) => void, refuse: (code: string, detail?: string) => void): void {
    const after = Number(frame.after);
    const { log } = interaction;
    if (after > log.length) return refuse('invalid_after');
    if (log.length - after > TAIL) return refuse('behind');
    let entry = log.find((one) => one.seq > after && one.id === frame.id);
    if (entry) {
      this.tell(interaction, { type: 'message', ...entry }, peer);
    } else {
      if (interaction.state.startsWith('closed')) return refuse('chat_ended', 'This chat has ended.');
      if (String(frame.text).length > 4000) return refuse('too_large', 'A message has at most 4,000 characters.');
      entry = this.append(interaction, { id: String(frame.id), from: this.author(peer), role: peer.interaction ? 'guest' : 'agent', text: String(frame.text) }, peer);
    }
    reply({ type: 'sent', id: entry.id, seq: entry.seq, at: entry.at });
  }

  private end(peer: Peer, interaction: Interaction, reply: (body: Json) => void, refuse: (code: string, detail?: string) => void): void {
    if (interaction.state.startsWith('closed')) return refuse('chat_ended', 'This chat has ended.');
    if (interaction.state === 'waiting') {
      interaction.state = 'closed_abandoned';
      this.lifecycle(interaction, 'abandoned', 'guest', this.guestName(interaction));
    } else {
      interaction.state = peer.interaction ? 'closed_by_client' : 'closed_complete';
      this.lifecycle(interaction, 'ended', peer.interaction ? 'guest' : 'agent', this.nameOf(peer), peer);
    }
    reply({ type: 'ended', interaction: interaction.id, seq: interaction.log.length, ...(interaction.state === 'closed_abandoned' ? { reopenable: true } : {}) });
    this.tellQueue(interaction.queue);
  }

  private lifecycle(interaction: Interaction, event: string, role: 'guest' | 'agent', name: string, peer?: Peer): void {
    const data = event === 'ended' ? { data: { reason: interaction.state } } : {};
    const entry = this.append(interaction, { id: `${interaction.id}.${interaction.log.length + 1}`, from: { name }, role, event, ...data }, 'nobody');
    this.tell(interaction, { type: event === 'ended' ? 'ended' : 'message', ...entry, ...(data.data ?? {}) }, peer);
  }

  /** Write an entry and push it to everybody but `except`. */
  append(interaction: Interaction, entry: Omit<Entry, 'interaction' | 'seq' | 'at'>, except?: Peer | 'nobody'): Entry {
    const written = { interaction: interaction.id, seq: interaction.log.length + 1, at: new Date(this.now()).toISOString(), ...entry };
    interaction.log.push(written);
    if (except !== 'nobody' && !entry.event) this.tell(interaction, { type: 'message', ...written }, except);
    return written;
  }

  private tell(interaction: Interaction, frame: Json, except?: Peer, notSelf = false): void {
    for (const peer of this.peers) {
      if (peer === except || !this.mayUse(peer, interaction)) continue;
      if (notSelf && except && peer.participant === except.participant) continue;
      peer.transmit(JSON.stringify(frame));
    }
  }

  private tellQueue(queue: string): void {
    for (const peer of this.peers) {
      if (!peer.interaction) peer.transmit(JSON.stringify({ type: 'queue', id: queue, ...this.waitingIn(queue) }));
      else if (this.interactions.get(peer.interaction)?.queue === queue) {
        const place = this.place(peer);
        if ('position' in place) peer.transmit(JSON.stringify({ type: 'queued', ...place }));
      }
    }
  }

  private page(peer: Peer, interaction: Interaction, after: number): { items: Json[]; more: boolean } {
    const items = interaction.log.slice(after, after + PAGE);
    const shown = items.map((entry) => (peer.interaction ? { ...entry, from: { name: entry.from.name } } : entry));
    return { items: shown as unknown as Json[], more: after + items.length < interaction.log.length };
  }

  private place(peer: Peer): Json {
    const interaction = this.interactions.get(peer.interaction ?? '');
    if (interaction?.state !== 'waiting') return {};
    const position = this.waiting(interaction.queue).indexOf(interaction) + 1;
    return { position: Math.min(position, 20), wait_seconds: position > 3 ? null : position * 90, ...(position > 20 ? { more_ahead: true } : {}) };
  }

  private waiting(queue: string): Interaction[] {
    return [...this.interactions.values()].filter((one) => one.queue === queue && one.state === 'waiting').sort((one, other) => one.waitingSince - other.waitingSince);
  }

  private waitingIn(queue: string): Json {
    const waiting = this.waiting(queue);
    const first = waiting[0];
    return { waiting: waiting.length, ...(first ? { longest_wait_seconds: Math.round((this.now() - first.waitingSince) / 1000) } : {}) };
  }

  private mayUse(peer: Peer, interaction: Interaction): boolean {
    return peer.interaction ? peer.interaction === interaction.id : interaction.agent === peer.participant;
  }

  private author(peer: Peer): Entry['from'] {
    return peer.interaction ? { name: this.nameOf(peer) } : { name: peer.participant, id: peer.participant };
  }

  private nameOf(peer: Peer): string {
    const interaction = this.interactions.get(peer.interaction ?? '');
    return interaction ? this.guestName(interaction) : peer.participant;
  }

  private guestName(interaction: Interaction): string {
    const { first_name = '', last_name = '' } = interaction.answers;
    return `${first_name} ${last_name}`.trim() || 'Guest';
  }

  private record(interaction: Interaction): Json {
    const { id, number, state, queue, answers, openedAt } = interaction;
    return {
      id, number, state, queue, channel: 'chat', category: answers.issue_type, first_name: answers.first_name, last_name: answers.last_name,
      email: answers.email, short_description: answers.description, opened_at: new Date(openedAt).toISOString(),
    };
  }
}
