import { describe, expect, it } from 'vitest';
import type { Entry } from '../client/frames';
import { Outbox, type Pending } from '../client/outbox';

const half = () => 0.5;

function outbox(kept: Pending[] = []) {
  const store = { saved: kept, load: () => structuredClone(kept), save: (pending: Pending[]) => (store.saved = structuredClone(pending)) };
  return { box: new Outbox('chat', store, half), store };
}

const entry = (id: string): Entry => ({ interaction: 'chat', seq: 9, id, at: '', from: { name: '' }, role: 'guest' });

describe('an outbox', () => {
  it('has at most one message under way', () => {
    const { box } = outbox();
    box.add('1', 'one');
    box.add('2', 'two');
    expect(box.due(0, 4)?.id).toBe('1');
    expect(box.due(1, 4)).toBeUndefined();
    box.acknowledged('1');
    expect(box.due(2, 5)?.id).toBe('2');
  });

  it('repeats what was not acknowledged with the same id and the same after, ever more slowly', () => {
    const { box } = outbox();
    box.add('1', 'one');
    const frames: unknown[][] = [];
    const times: number[] = [];
    for (let now = 0; now < 60_000; now += 100) {
      const frame = box.due(now, now);
      if (frame) {
        frames.push([frame.id, frame.after]);
        times.push(now);
      }
    }
    expect(new Set(frames.map(String))).toEqual(new Set(['1,0']));
    expect(times.length).toBeGreaterThan(3);
    const gaps = times.slice(1).map((time, at) => time - times[at]!);
    expect(gaps).toEqual([...gaps].sort((one, other) => one - other));
  });

  it('survives a reload with what was first sent', () => {
    const { box, store } = outbox();
    box.add('1', 'one');
    box.due(0, 7);
    const again = outbox(store.saved);
    expect(again.box.due(0, 12)).toMatchObject({ id: '1', text: 'one', after: 7 });
  });

  it('waits for a sync when too much was said, then sends the rest anew', () => {
    const { box } = outbox();
    box.add('1', 'one');
    box.add('2', 'two');
    box.due(0, 3);
    expect(box.refused('1', { code: 'behind', detail: '' }, 1)).toBe('sync');
    expect(box.due(60_000, 3)).toBeUndefined();
    box.met([entry('1')]);
    box.synced();
    expect(box.due(60_001, 90)).toMatchObject({ id: '2', after: 90 });
  });

  it('asks for everything again when its number is not in the log', () => {
    const { box } = outbox();
    box.add('1', 'one');
    box.due(0, 3);
    expect(box.refused('1', { code: 'invalid_after', detail: '' }, 1)).toBe('resync');
  });

  it('gives up what can never be sent, says why, and lets the next one go', () => {
    const { box } = outbox();
    box.add('1', 'one');
    box.add('2', 'two');
    box.due(0, 3);
    box.refused('1', { code: 'too_large', detail: 'Too long.' }, 1);
    expect(box.pending[0]?.failed?.detail).toBe('Too long.');
    expect(box.due(2, 3)?.id).toBe('2');
    box.retry('1');
    box.acknowledged('2');
    expect(box.due(3, 4)?.id).toBe('1');
  });

  it('waits as long as it is told to when it was too fast', () => {
    const { box } = outbox();
    box.add('1', 'one');
    box.due(0, 3);
    box.refused('1', { code: 'rate_limited', detail: '', retry_after: 7 }, 1_000);
    expect(box.due(7_999, 3)).toBeUndefined();
    expect(box.due(8_000, 3)?.id).toBe('1');
  });

  it('takes an own message met in the log for acknowledged, even one that had failed', () => {
    const { box, store } = outbox();
    box.add('1', 'one');
    box.due(0, 3);
    box.refused('1', { code: 'chat_ended', detail: '' }, 1);
    box.met([entry('1')]);
    expect(store.saved).toEqual([]);
  });
});
