import { describe, expect, it } from 'vitest';
import { Connection } from '../client/connection';

function connection(token = () => 'token') {
  const made = new Connection(token, () => 0.5);
  const taken = () => made.effects.splice(0).map((effect) => effect.do);
  return { made, taken };
}

function online() {
  const both = connection();
  both.made.start(0);
  both.made.opened(10);
  both.made.joined(20, 30);
  both.taken();
  return both;
}

describe('a connection', () => {
  it('offers the protocol and the token, and keeps the token out of everything else', () => {
    const { made } = connection();
    made.start(0);
    expect(made.effects).toEqual([{ do: 'open', protocols: ['deskbell.v1', 'token'] }]);
  });

  it('uses the newest token for the next handshake', () => {
    let token = 'first';
    const { made } = connection(() => token);
    made.start(0);
    made.opened(1);
    made.closed(2);
    token = 'second';
    made.wake(made.wakeAt);
    expect(made.effects.at(-1)).toEqual({ do: 'open', protocols: ['deskbell.v1', 'second'] });
  });

  it('asks over HTTP what a refused handshake would not say', () => {
    const { made, taken } = connection();
    made.start(0);
    made.closed(10);
    expect(taken()).toEqual(['open', 'probe']);
    made.probed(20, 'token_expired');
    expect([made.status, made.refusal, made.wakeAt]).toEqual(['refused', 'token_expired', Infinity]);
  });

  it.each(['fine', 'unreachable'] as const)('tries again when the answer is %s', (probe) => {
    const { made, taken } = connection();
    made.start(0);
    made.closed(10);
    made.probed(20, probe);
    taken();
    made.wake(made.wakeAt);
    expect(taken()).toEqual(['open']);
  });

  it('waits longer after each failure, up to half a minute', () => {
    const { made } = connection();
    const waits: number[] = [];
    made.start(0);
    for (let now = 0; waits.length < 12; now = made.wakeAt) {
      if (made.status === 'waiting') made.wake(now);
      made.opened(now);
      made.closed(now);
      waits.push(made.wakeAt - now);
    }
    expect(waits).toEqual([...waits].sort((one, other) => one - other));
    expect(waits.at(-1)).toBeLessThanOrEqual(30_000);
  });

  it('pings with every heartbeat, and takes a missing pong for a dead link', () => {
    const { made, taken } = online();
    expect(made.wake(made.wakeAt)).toBe(true);
    const deadline = made.wakeAt;
    made.wake(deadline);
    expect([made.status, taken()]).toEqual(['waiting', ['close']]);
  });

  it('takes any frame for a sign of life', () => {
    const { made, taken } = online();
    made.wake(made.wakeAt);
    made.heard(30_100);
    made.wake(41_000);
    expect([made.status, taken()]).toEqual(['online', []]);
  });

  it('does not wait for ever for an answer to its join', () => {
    const { made, taken } = connection();
    made.start(0);
    made.opened(10);
    made.wake(made.wakeAt);
    expect(taken()).toEqual(['open', 'close']);
    expect(made.status).toBe('waiting');
  });

  it('comes back at once when the network does', () => {
    const { made, taken } = online();
    made.offline(1_000);
    expect(taken()).toEqual(['close']);
    made.hurry(1_001);
    expect(taken()).toEqual(['open']);
  });

  it('looks soon whether the socket still lives when somebody returns to the page', () => {
    const { made } = online();
    made.hurry(5_000);
    expect(made.wake(5_000)).toBe(true);
  });
});
