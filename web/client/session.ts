import type { Channel } from './channel';
import { interactionOf } from './channel';
import { Connection, type Effect, type Probe, type Status } from './connection';
import { GATEWAY, isNumber, parseFrame, refusalOf, type ClientFrame, type Refusal, type ServerFrame } from './frames';

/** The answer to a request that is asked once: the reply, or why there is none. */
export type Answer = { ok: true; frame: ServerFrame } | { ok: false; refusal: Refusal };

/** The reference of every join. */
export const JOIN = 'join';

const TOKEN_REFUSED = new Set(['token_expired', 'token_invalid', 'unauthenticated']);
const ANSWERED_WITHIN = 10_000;
const NO_ANSWER: Refusal = { code: 'unavailable', detail: '' };

interface Question {
  deadline: number;
  settle: (answer: Answer) => void;
}

/**
 * What guest and agent have in common: a connection, channels over it, and requests that are asked once.
 *
 * It does no I/O. The driver feeds it events with the time, carries out `effects`, and calls `wake` at `wakeAt`.
 */
export abstract class Session {
  readonly connection: Connection;
  private readonly questions = new Map<string, Question>();
  private asked = 0;

  constructor(
    protected token: string,
    random: () => number,
  ) {
    this.connection = new Connection(() => this.token, random);
  }

  protected abstract get channels(): Iterable<Channel>;
  protected abstract joinFrame(): ClientFrame;
  protected abstract joined(frame: ServerFrame, now: number): void;
  protected abstract handle(frame: ServerFrame, now: number): void;

  get status(): Status {
    return this.connection.status;
  }

  get wakeAt(): number {
    let at = this.connection.wakeAt;
    for (const { deadline } of this.questions.values()) at = Math.min(at, deadline);
    if (this.status === 'online') for (const channel of this.channels) at = Math.min(at, channel.wakeAt);
    return at;
  }

  /** Take what the driver has to do now. */
  effects(now: number): Effect[] {
    if (this.status === 'online') {
      for (const channel of this.channels) for (const frame of channel.due(now)) this.transmit(frame);
    }
    const effects = this.connection.effects;
    this.connection.effects = [];
    return effects;
  }

  start(now: number): void {
    this.connection.start(now);
  }

  stop(): void {
    this.connection.stop();
    this.giveUpQuestions();
  }

  opened(now: number): void {
    this.connection.opened(now);
    this.transmit(this.joinFrame());
  }

  closed(now: number): void {
    this.connection.closed(now);
    this.giveUpQuestions();
  }

  probed(now: number, probe: Probe): void {
    this.connection.probed(now, probe);
  }

  hurry(now: number): void {
    this.connection.hurry(now);
  }

  offline(now: number): void {
    this.connection.offline(now);
    this.giveUpQuestions();
  }

  wake(now: number): void {
    if (this.connection.wake(now)) this.keepAlive();
    if (this.status === 'waiting') this.giveUpQuestions();
    for (const [ref, question] of this.questions) {
      if (now >= question.deadline) this.settle(ref, { ok: false, refusal: NO_ANSWER });
    }
  }

  received(now: number, text: string): void {
    const frame = parseFrame(text);
    if (!frame) return;
    this.connection.heard(now);
    switch (frame.type) {
      case GATEWAY:
        for (const channel of this.channels) channel.unanswered(now);
        return;
      case 'joined':
        this.connection.joined(now, isNumber(frame.heartbeat_seconds) ? frame.heartbeat_seconds : undefined);
        this.joined(frame, now);
        return;
      case 'error':
        this.refused(frame, now);
        return;
    }
    const channel = this.channelOf(frame);
    if (channel) channel.handle(frame, now);
    this.handle(frame, now);
    if (frame.ref) this.settle(frame.ref, { ok: true, frame });
  }

  /** Ask something whose answer is worth telling a person, once. */
  ask(frame: ClientFrame, now: number): Promise<Answer> {
    if (this.status !== 'online') return Promise.resolve({ ok: false, refusal: NO_ANSWER });
    this.asked += 1;
    const ref = `ask-${this.asked}`;
    this.transmit({ ...frame, ref });
    return new Promise((settle) => this.questions.set(ref, { deadline: now + ANSWERED_WITHIN, settle }));
  }

  protected transmit(frame: ClientFrame): void {
    this.connection.effects.push({ do: 'transmit', text: JSON.stringify(frame) });
  }

  private channelOf(frame: ServerFrame): Channel | undefined {
    const interaction = interactionOf(frame);
    for (const channel of this.channels) {
      if (channel.interaction === interaction || channel.owns(frame.ref)) return channel;
    }
    return undefined;
  }

  private refused(frame: ServerFrame, now: number): void {
    const refusal = refusalOf(frame);
    if (frame.ref === JOIN) {
      this.notJoined(refusal, now);
      return;
    }
    this.channelOf(frame)?.handle(frame, now);
    if (TOKEN_REFUSED.has(refusal.code)) this.connection.unauthenticated(now);
    if (frame.ref) this.settle(frame.ref, { ok: false, refusal });
  }

  /** Without a seat the connection is of no use; the handshake's own question tells whether another one may be. */
  private notJoined(refusal: Refusal, now: number): void {
    if (refusal.code === 'invalid_after') {
      for (const channel of this.channels) channel.forget();
      this.transmit(this.joinFrame());
    } else if (refusal.code === 'not_found' || TOKEN_REFUSED.has(refusal.code)) {
      this.connection.unauthenticated(now);
    } else {
      this.connection.offline(now);
    }
  }

  /** A ping, and a look at every log: a push that was lost is found here at the latest. */
  private keepAlive(): void {
    this.transmit({ action: 'ping', ref: 'ping' });
    for (const channel of this.channels) channel.sync();
  }

  private settle(ref: string, answer: Answer): void {
    const question = this.questions.get(ref);
    this.questions.delete(ref);
    question?.settle(answer);
  }

  private giveUpQuestions(): void {
    for (const ref of [...this.questions.keys()]) this.settle(ref, { ok: false, refusal: NO_ANSWER });
  }
}
