import { describe, expect, it } from 'vitest';
import { Channel } from '../client/channel';
import type { ServerFrame } from '../client/frames';

function channel() {
  let id = 0;
  const made = new Channel({
    interaction: 'chat',
    self: { role: 'guest', name: '' },
    store: { load: () => [], save: () => undefined },
    random: () => 0.5,
    newId: () => `id${(id += 1)}`,
  });
  made.joined(0, 0);
  return made;
}

const message = (seq: number, role = 'agent'): ServerFrame => ({
  type: 'message', interaction: 'chat', seq, id: `m${seq}`, at: '', from: { name: 'Ben' }, role, text: `words ${seq}`,
});
const actions = (made: Channel, now: number) => made.due(now).map((frame) => frame.action);

describe('a channel', () => {
  it('asks at once for what a push shows to be missing', () => {
    const made = channel();
    made.handle(message(3), 10);
    expect(made.due(10)).toMatchObject([{ action: 'sync', after: 0 }]);
    made.handle({ type: 'messages', interaction: 'chat', items: [message(1), message(2)], more: false, ref: 'sync-chat-1' }, 20);
    expect(made.conversation.transcript.map((entry) => entry.seq)).toEqual([1, 2, 3]);
  });

  it('asks again when its question or the answer got lost', () => {
    const made = channel();
    made.sync();
    expect(actions(made, 10)).toEqual(['sync']);
    expect(actions(made, 5_000)).toEqual([]);
    expect(actions(made, 10_000)).toContain('sync');
  });

  it('reports a message once as read when it is read at once', () => {
    const made = channel();
    made.handle(message(1), 10);
    made.seen(1);
    expect(actions(made, 100)).toEqual([]);
    expect(made.due(400)).toMatchObject([{ action: 'read', seq: 1, state: 'read' }]);
  });

  it('keeps receipts apart, because the server drops the second of two within a second', () => {
    const made = channel();
    const sent: number[] = [];
    for (let now = 0, seq = 0; now < 10_000; now += 50) {
      if (now % 500 === 0) made.handle(message((seq += 1)), now);
      if (now % 700 === 0) made.seen(seq);
      if (actions(made, now).includes('read')) sent.push(now);
    }
    const gaps = sent.slice(1).map((time, at) => time - sent[at]!);
    expect(sent.length).toBeGreaterThan(3);
    expect(Math.min(...gaps)).toBeGreaterThan(1_000);
  });

  it('takes a lifecycle push as the entry it is, and a reply as news of one', () => {
    const made = channel();
    made.handle({ ...message(1), type: 'accepted', event: 'accepted', agent: { name: 'Ben' } }, 10);
    expect(made.conversation.gapless).toBe(1);
    made.handle({ type: 'ended', interaction: 'chat', seq: 2, reason: 'x', ref: 'ask-1' }, 20);
    expect(made.due(20)).toMatchObject([{ action: 'sync', after: 1 }]);
  });

  it('tells of typing now and then, and that it stopped', () => {
    const made = channel();
    const sent: unknown[] = [];
    for (let now = 0; now < 20_000; now += 100) {
      if (now < 5_000) made.typing(true, now);
      sent.push(...made.due(now).filter((frame) => frame.action === 'typing').map((frame) => frame.on));
    }
    expect(sent).toEqual([true, true, false]);
  });

  it('does not show typing that a message overtook', () => {
    const made = channel();
    made.handle(message(1), 100);
    made.handle({ type: 'typing', interaction: 'chat', from: { name: 'Ben' }, on: true }, 200);
    expect(made.theyType(300)).toBe(false);
  });

  it('shows nobody typing for ever', () => {
    const made = channel();
    made.handle({ type: 'typing', interaction: 'chat', from: { name: 'Ben' }, on: true }, 0);
    expect(made.theyType(1_000)).toBe(true);
    expect(made.theyType(6_000)).toBe(false);
    expect(made.wakeAt).toBeLessThanOrEqual(6_000);
  });
});
