import type { OutboxStore, Pending } from './outbox';

/** A value in a web storage area. Where storage is forbidden or full, it is as if nothing had been kept. */
export class Stored<T> {
  constructor(
    private readonly area: () => Storage,
    readonly key: string,
  ) {}

  get(): T | undefined {
    try {
      const text = this.area().getItem(this.key);
      return text === null ? undefined : (JSON.parse(text) as T);
    } catch {
      return undefined;
    }
  }

  set(value: T): void {
    try {
      this.area().setItem(this.key, JSON.stringify(value));
    } catch {
      // Nothing is lost but the memory of a reload.
    }
  }

  clear(): void {
    try {
      this.area().removeItem(this.key);
    } catch {
      // As above.
    }
  }
}

/** A tab's own outbox: two tabs must not send each other's messages. */
export function outboxStore(scope: string, interaction: string): OutboxStore {
  const stored = new Stored<Pending[]>(() => sessionStorage, `deskbell:outbox:${scope}:${interaction}`);
  return {
    load: () => stored.get() ?? [],
    save: (pending) => (pending.length ? stored.set(pending) : stored.clear()),
  };
}
