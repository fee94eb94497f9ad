import { Channel, type ChannelOptions } from './channel';
import { isNumber, isRecord, parseEntries, type ClientFrame, type Entry, type ServerFrame } from './frames';
import { JOIN, Session, type Answer } from './session';

export type Phase = 'waiting' | 'talking' | 'abandoned' | 'ended';

/** Where a guest stands in the queue. No `waitSeconds`: nobody can tell. */
export interface Place {
  position: number;
  moreAhead: boolean;
  waitSeconds?: number;
}

/** A guest's side of its one conversation. */
export class GuestSession extends Session {
  readonly channel: Channel;
  phase: Phase = 'waiting';
  place: Place | undefined;
  agentName: string | undefined;
  endReason: string | undefined;
  /** Seconds until an idle chat is closed, when the guest was warned; `idleAt` is when that was. */
  idleSeconds: number | undefined;
  idleAt = 0;
  /** Whether the conversation was seen once, so that waiting can be told from not knowing yet. */
  known = false;
  /** Told each renewed token, to keep it for the next page. */
  onToken: (token: string, expiresAt: string | undefined) => void = () => undefined;
  onEntry: (entry: Entry) => void = () => undefined;

  constructor(options: Omit<ChannelOptions, 'self'> & { token: string }) {
    super(options.token, options.random);
    this.channel = new Channel({ ...options, self: { role: 'guest', name: '' } });
  }

  protected get channels(): Channel[] {
    return [this.channel];
  }

  get interaction(): string {
    return this.channel.interaction;
  }

  protected joinFrame(): ClientFrame {
    return { action: 'join', ref: JOIN, after: this.channel.conversation.gapless };
  }

  protected joined(frame: ServerFrame, now: number): void {
    if (typeof frame.token === 'string') {
      this.token = frame.token;
      this.onToken(frame.token, typeof frame.expires_at === 'string' ? frame.expires_at : undefined);
    }
    this.known = true;
    if (isRecord(frame.interaction)) this.hearRecord(frame.interaction);
    this.hearPlace(frame);
    this.hearRead(frame.read);
    this.follow(this.channel.take(parseEntries(frame.messages), now));
    this.channel.joined(now, frame.head);
    if (frame.more === true) this.channel.sync();
  }

  protected handle(frame: ServerFrame, now: number): void {
    switch (frame.type) {
      case 'pong':
      case 'queued':
        this.hearPlace(frame);
        break;
      case 'idle_warning':
        this.idleSeconds = isNumber(frame.seconds) ? frame.seconds : undefined;
        this.idleAt = now;
        break;
      case 'staying':
        this.idleSeconds = undefined;
        break;
      case 'accepted':
        this.phase = 'talking';
        if (isRecord(frame.agent) && typeof frame.agent.name === 'string') this.agentName = frame.agent.name;
        break;
      case 'reopened':
        this.phase = 'waiting';
        this.hearPlace(frame);
        break;
      case 'ended':
        this.endReason = typeof frame.reason === 'string' ? frame.reason : this.endReason;
        this.phase = frame.reopenable === true ? 'abandoned' : 'ended';
        this.place = undefined;
        break;
    }
    this.followLog();
  }

  say(text: string, now: number): void {
    this.idleSeconds = undefined;
    this.channel.say(text, now);
  }

  end(now: number): Promise<Answer> {
    return this.ask({ action: 'end', interaction: this.interaction }, now);
  }

  reopen(now: number): Promise<Answer> {
    return this.ask({ action: 'reopen', interaction: this.interaction }, now);
  }

  stay(now: number): Promise<Answer> {
    return this.ask({ action: 'stay', interaction: this.interaction }, now);
  }

  private followed = 0;

  /** Let the log, once complete, decide what phase this is: pushes may have been lost. */
  private followLog(): void {
    const { gapless } = this.channel.conversation;
    const fresh: Entry[] = [];
    for (let seq = this.followed + 1; seq <= gapless; seq++) {
      const entry = this.channel.conversation.entry(seq);
      if (entry) fresh.push(entry);
    }
    this.follow(fresh);
  }

  private follow(entries: Entry[]): void {
    for (const entry of entries) {
      if (entry.seq <= this.followed || entry.seq > this.channel.conversation.gapless) continue;
      this.followed = entry.seq;
      this.followEntry(entry);
      this.onEntry(entry);
    }
  }

  private followEntry(entry: Entry): void {
    if (entry.role === 'agent' && entry.from.name) this.agentName = entry.from.name;
    if (!this.channel.isOwn(entry)) this.idleSeconds = undefined;
    switch (entry.event) {
      case 'accepted':
        this.phase = 'talking';
        break;
      case 'agent_left':
      case 'reopened':
        this.phase = 'waiting';
        break;
      case 'transferred':
        this.phase = isRecord(entry.data) && 'queue' in entry.data ? 'waiting' : this.phase;
        break;
      case 'abandoned':
        this.phase = 'abandoned';
        break;
      case 'ended':
        this.phase = 'ended';
        if (typeof entry.data?.reason === 'string') this.endReason = entry.data.reason;
        break;
    }
    if (this.phase !== 'waiting') this.place = undefined;
  }

  private hearRecord(record: Record<string, unknown>): void {
    if (typeof record.state === 'string') this.phase = phaseOf(record.state, record.reopenable !== false);
    if (isRecord(record.agent) && typeof record.agent.name === 'string') this.agentName = record.agent.name;
  }

  private hearPlace(frame: ServerFrame): void {
    if (!isNumber(frame.position) || this.phase !== 'waiting') return;
    this.place = {
      position: frame.position,
      moreAhead: frame.more_ahead === true,
      ...(isNumber(frame.wait_seconds) ? { waitSeconds: frame.wait_seconds } : {}),
    };
  }

  private hearRead(read: unknown): void {
    if (!isRecord(read)) return;
    for (const [who, seq] of Object.entries(read)) {
      if (who !== 'guest' && isNumber(seq)) this.channel.conversation.heardBack(seq, 'read');
    }
  }
}

function phaseOf(state: string, reopenable: boolean): Phase {
  if (state === 'work_in_progress') return 'talking';
  if (state === 'closed_abandoned' && reopenable) return 'abandoned';
  return state.startsWith('closed_') ? 'ended' : 'waiting';
}
