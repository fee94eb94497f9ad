import type { Probe } from './connection';
import type { Session } from './session';

export interface DriverOptions {
  url: string;
  probe: () => Promise<Probe>;
  /** Called after everything that may have changed what there is to show. */
  changed: () => void;
}

/** Runs a session against a real socket, real timers and the page's own news of network and sleep. */
export class Driver {
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listening = new AbortController();

  constructor(
    private readonly session: Session,
    private readonly options: DriverOptions,
  ) {}

  start(): void {
    const signal = this.listening.signal;
    addEventListener('online', () => this.feed((now) => this.session.hurry(now)), { signal });
    addEventListener('offline', () => this.feed((now) => this.session.offline(now)), { signal });
    addEventListener('pageshow', () => this.feed((now) => this.session.hurry(now)), { signal });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.feed((now) => this.session.hurry(now));
    }, { signal });
    this.feed((now) => this.session.start(now));
  }

  stop(): void {
    this.listening.abort();
    this.feed(() => this.session.stop());
    clearTimeout(this.timer);
  }

  /** Let something happen to the session, then do what it asks for. */
  feed<T>(happen: (now: number) => T): T {
    const result = happen(Date.now());
    this.settle();
    this.options.changed();
    return result;
  }

  private settle(): void {
    for (let effects = this.session.effects(Date.now()); effects.length > 0; effects = this.session.effects(Date.now())) {
      for (const effect of effects) {
        switch (effect.do) {
          case 'open':
            this.open(effect.protocols);
            break;
          case 'close':
            this.drop();
            break;
          case 'transmit':
            if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(effect.text);
            break;
          case 'probe':
            void this.options.probe().catch((): Probe => 'unreachable').then((probe) => this.feed((now) => this.session.probed(now, probe)));
            break;
        }
      }
    }
    clearTimeout(this.timer);
    const at = this.session.wakeAt;
    if (at === Infinity) return;
    const delay = Math.min(Math.max(at - Date.now(), 10), 2 ** 31 - 1);
    this.timer = setTimeout(() => this.feed((now) => this.session.wake(now)), delay);
  }

  private open(protocols: string[]): void {
    this.drop();
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.options.url, protocols);
    } catch {
      // A token that is no legal subprotocol, or a blocked address: the same as a refused handshake.
      queueMicrotask(() => this.feed((now) => this.session.closed(now)));
      return;
    }
    this.socket = socket;
    const current = (happen: (now: number) => void) => () => {
      if (this.socket === socket) this.feed(happen);
    };
    socket.onopen = current((now) => this.session.opened(now));
    socket.onclose = current((now) => {
      this.socket = undefined;
      this.session.closed(now);
    });
    socket.onmessage = (event: MessageEvent<unknown>) => {
      const { data } = event;
      if (this.socket === socket && typeof data === 'string') this.feed((now) => this.session.received(now, data));
    };
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }
}
