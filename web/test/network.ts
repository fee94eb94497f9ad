import { Backend, type Peer } from '../dev/backend';
import type { Effect } from '../client/connection';
import type { Session } from '../client/session';

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** How a link misbehaves: chances from 0 to 1, delays in milliseconds. */
export interface Faults {
  lose: number;
  double: number;
  delay: number;
  cut: number;
  refuse: number;
  gateway: number;
}

export const PERFECT: Faults = { lose: 0, double: 0, delay: 5, cut: 0, refuse: 0, gateway: 0 };

/** A clock that only moves when told to, and everything that is to happen on it. */
export class Clock {
  now = 1_790_000_000_000;
  private readonly todo: { at: number; order: number; run: () => void }[] = [];
  private order = 0;

  at(delay: number, run: () => void): void {
    this.todo.push({ at: this.now + delay, order: (this.order += 1), run });
  }

  /** When the next thing is to happen, or Infinity. */
  get next(): number {
    return this.todo.reduce((soonest, one) => Math.min(soonest, one.at), Infinity);
  }

  runDue(): void {
    for (;;) {
      const due = this.todo.filter((one) => one.at <= this.now).sort((one, other) => one.at - other.at || one.order - other.order)[0];
      if (!due) return;
      this.todo.splice(this.todo.indexOf(due), 1);
      due.run();
    }
  }
}

/** A client whose socket goes through a bad network to a backend in memory. */
export class Line {
  faults = PERFECT;
  cuts = 0;
  readonly transmitted: { action: string; [field: string]: unknown }[] = [];
  private peer: Peer | undefined;

  constructor(
    readonly session: Session,
    private readonly backend: Backend,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly identity: { participant: string; interaction?: string },
    private readonly probe: () => 'fine' | 'unreachable' | 'token_expired' = () => 'fine',
  ) {}

  start(): void {
    this.session.start(this.clock.now);
    this.settle();
  }

  /** Let something happen to the session, then carry out what it asks for. */
  feed(happen: (now: number) => void): void {
    happen(this.clock.now);
    this.settle();
  }

  /** Break the socket, without a word to the server. */
  cut(): void {
    if (!this.peer) return;
    this.cuts += 1;
    this.peer = undefined;
    this.feed((now) => this.session.closed(now));
  }

  settle(): void {
    for (let effects = this.session.effects(this.clock.now); effects.length; effects = this.session.effects(this.clock.now)) {
      for (const effect of effects) this.carryOut(effect);
    }
  }

  private carryOut(effect: Effect): void {
    if (effect.do === 'open') this.open();
    if (effect.do === 'close') this.peer = undefined;
    if (effect.do === 'probe') this.clock.at(20, () => this.feed((now) => this.session.probed(now, this.probe())));
    if (effect.do === 'transmit' && this.peer) {
      const { peer } = this;
      this.transmitted.push(JSON.parse(effect.text));
      if (this.random() < this.faults.gateway) this.deliver(peer, JSON.stringify({ message: 'Internal server error', requestId: 'x' }));
      // A frame that has left reaches the server even when the socket breaks behind it.
      this.travel(() => this.backend.receive(peer, effect.text));
      if (this.random() < this.faults.cut) this.cut();
    }
  }

  private open(): void {
    const peer: Peer = { ...this.identity, transmit: (text) => this.travel(() => this.deliver(peer, text)) };
    this.peer = peer;
    this.clock.at(10, () => {
      if (this.peer !== peer) return;
      if (this.random() < this.faults.refuse) {
        this.peer = undefined;
        this.feed((now) => this.session.closed(now));
      } else {
        this.feed((now) => this.session.opened(now));
      }
    });
  }

  private deliver(peer: Peer, text: string): void {
    if (this.peer === peer) this.feed((now) => this.session.received(now, text));
  }

  private travel(arrive: () => void): void {
    if (this.random() < this.faults.lose) return;
    const copies = this.random() < this.faults.double ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.clock.at(Math.round(this.random() * this.faults.delay), arrive);
  }
}

/** Let time pass, for the clock and every line on it. */
export function pass(clock: Clock, lines: Line[], milliseconds: number): void {
  const end = clock.now + milliseconds;
  for (;;) {
    clock.runDue();
    for (const line of lines) if (line.session.wakeAt <= clock.now) line.feed((now) => line.session.wake(now));
    clock.runDue();
    const next = Math.min(clock.next, ...lines.map((line) => line.session.wakeAt));
    if (next > end) break;
    clock.now = Math.max(next, clock.now + 1);
  }
  clock.now = end;
}
