import { backoff } from './backoff';

/** What the shell has to do for the core. */
export type Effect =
  | { do: 'open'; protocols: string[] }
  | { do: 'close' }
  | { do: 'transmit'; text: string }
  | { do: 'probe' };

/** What asking over HTTP tells about a handshake that was refused without a word. */
export type Probe = 'fine' | 'unreachable' | 'token_expired' | 'token_invalid' | 'not_found';

export type Status = 'idle' | 'connecting' | 'joining' | 'online' | 'waiting' | 'refused';

const SUBPROTOCOL = 'deskbell.v1';
const HANDSHAKE_WITHIN = 15_000;
const JOINED_WITHIN = 10_000;
const PONG_WITHIN = 10_000;
const SETTLED_AFTER = 5_000;
const DEFAULT_HEARTBEAT = 30;

/**
 * The life of a connection, without the socket: when to open it, when to call it dead, when to try again.
 *
 * Times are epoch milliseconds. The shell tells what happened, does what `effects` says, and calls `wake` at `wakeAt`.
 */
export class Connection {
  status: Status = 'idle';
  /** Why the server will not have us back, once `status` is refused. */
  refusal: Probe | undefined;
  effects: Effect[] = [];
  private attempt = 0;
  private heartbeat = DEFAULT_HEARTBEAT;
  private retryAt = Infinity;
  private deadline = Infinity;
  private pingAt = Infinity;
  private settledAt = Infinity;

  constructor(
    private readonly token: () => string,
    private readonly random: () => number,
  ) {}

  get wakeAt(): number {
    return Math.min(this.retryAt, this.deadline, this.pingAt);
  }

  start(now: number): void {
    if (this.status === 'idle' || this.status === 'waiting' || this.status === 'refused') this.open(now);
  }

  opened(now: number): void {
    this.status = 'joining';
    this.deadline = now + JOINED_WITHIN;
  }

  joined(now: number, heartbeatSeconds?: number): void {
    this.status = 'online';
    this.heartbeat = heartbeatSeconds ?? DEFAULT_HEARTBEAT;
    this.deadline = Infinity;
    this.pingAt = now + this.heartbeat * 1000;
    this.settledAt = now + SETTLED_AFTER;
  }

  /** Any frame proves that the other end is there. */
  heard(now: number): void {
    if (this.status !== 'online') return;
    this.deadline = Infinity;
    if (now >= this.settledAt) this.attempt = 0;
  }

  /** The socket is gone. One that never opened was refused or unreachable: only HTTP can tell which. */
  closed(now: number): void {
    if (this.status === 'idle' || this.status === 'refused') return;
    if (this.status === 'connecting') {
      this.waitForProbe(now);
    } else {
      this.waitAWhile(now);
    }
  }

  /** The server says that our token is no longer good. */
  unauthenticated(now: number): void {
    this.effects.push({ do: 'close' });
    this.waitForProbe(now);
  }

  probed(now: number, result: Probe): void {
    if (this.status !== 'waiting') return;
    if (result === 'fine' || result === 'unreachable') {
      this.waitAWhile(now);
      return;
    }
    this.status = 'refused';
    this.refusal = result;
    this.rest();
  }

  /** The network came back, or somebody looks: do not sit out a wait, and find out soon whether the socket still lives. */
  hurry(now: number): void {
    if (this.status === 'waiting') {
      this.attempt = 0;
      this.open(now);
    } else if (this.status === 'online' && this.deadline === Infinity) {
      this.pingAt = now;
    }
  }

  /** The machine says that it has no network. */
  offline(now: number): void {
    if (this.status === 'idle' || this.status === 'refused' || this.status === 'waiting') return;
    this.effects.push({ do: 'close' });
    this.waitAWhile(now);
  }

  stop(): void {
    if (this.status !== 'idle') this.effects.push({ do: 'close' });
    this.status = 'idle';
    this.rest();
  }

  /** Returns true when a ping is due now. */
  wake(now: number): boolean {
    if (now >= this.retryAt) {
      this.open(now);
    } else if (now >= this.deadline) {
      this.effects.push({ do: 'close' });
      this.waitAWhile(now);
    } else if (now >= this.pingAt) {
      this.pingAt = now + this.heartbeat * 1000;
      this.deadline = now + PONG_WITHIN;
      return true;
    }
    return false;
  }

  private open(now: number): void {
    this.rest();
    this.refusal = undefined;
    this.status = 'connecting';
    this.deadline = now + HANDSHAKE_WITHIN;
    this.effects.push({ do: 'open', protocols: [SUBPROTOCOL, this.token()] });
  }

  private waitForProbe(now: number): void {
    this.rest();
    this.status = 'waiting';
    this.retryAt = now + HANDSHAKE_WITHIN;
    this.effects.push({ do: 'probe' });
  }

  private waitAWhile(now: number): void {
    this.rest();
    this.status = 'waiting';
    this.retryAt = now + backoff(this.attempt, this.random);
    this.attempt += 1;
  }

  private rest(): void {
    this.retryAt = this.deadline = this.pingAt = this.settledAt = Infinity;
  }
}
