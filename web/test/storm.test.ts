import { describe, expect, it } from 'vitest';
import { AgentSession } from '../client/agent';
import type { Channel } from '../client/channel';
import { GuestSession } from '../client/guest';
import type { OutboxStore, Pending } from '../client/outbox';
import { ulid } from '../client/ulid';
import { Backend } from '../dev/backend';
import { Clock, Line, pass, PERFECT, seeded, type Faults } from './network';

const BAD: Faults = { lose: 0.15, double: 0.15, delay: 3_000, cut: 0.03, refuse: 0.2, gateway: 0.05 };

function memory(): OutboxStore {
  let kept = '[]';
  return { load: () => JSON.parse(kept) as Pending[], save: (pending) => (kept = JSON.stringify(pending)) };
}

function conversation(seed: number) {
  const clock = new Clock();
  const random = seeded(seed);
  const backend = new Backend(() => clock.now);
  const submitted = backend.submit({ first_name: 'Ada', issue_type: 'billing', description: 'Hello' });
  const newId = (now: number) => ulid(now, Uint8Array.from({ length: 10 }, () => random() * 256));
  const stores = new Map<string, OutboxStore>();
  const storeFor = (interaction: string) => stores.get(interaction) ?? stores.set(interaction, memory()).get(interaction)!;
  const guestStore = memory();
  const makeGuest = () => {
    const session = new GuestSession({ interaction: submitted.id, token: 't', store: guestStore, random, newId });
    return { session, line: new Line(session, backend, clock, random, { participant: 'guest', interaction: submitted.id }) };
  };
  const makeAgent = () => {
    const session = new AgentSession({ token: 't', self: { role: 'agent', name: 'Ben', id: 'ben' }, storeFor, random, newId });
    return { session, line: new Line(session, backend, clock, random, { participant: 'ben' }) };
  };
  return { clock, random, backend, submitted, makeGuest, makeAgent };
}

const shown = (channel: Channel) => channel.conversation.transcript.map(({ seq, id, text, event }) => ({ seq, id, text, event }));

describe('a storm on both links', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('leaves both transcripts equal to the log (seed %i)', async (seed) => {
    const { clock, random, backend, submitted, makeGuest, makeAgent } = conversation(seed);
    let guest = makeGuest();
    const agent = makeAgent();
    const lines = [guest.line, agent.line];
    lines.forEach((line) => line.start());
    pass(clock, lines, 1_000);
    agent.line.feed((now) => void agent.session.accept('billing', now));
    pass(clock, lines, 1_000);
    const chat = agent.session.chats.get(submitted.id)!;
    lines.forEach((line) => (line.faults = BAD));

    const said: string[] = [];
    for (let turn = 0; turn < 30; turn++) {
      const text = `message ${turn}`;
      said.push(text);
      if (random() < 0.5) guest.line.feed((now) => guest.session.say(text, now));
      else agent.line.feed((now) => agent.session.say(submitted.id, text, now));
      pass(clock, lines, random() * 4_000);
      if (random() < 0.1) lines[random() < 0.5 ? 0 : 1]!.cut();
      if (turn === 15) {
        // The guest reloads the page: a new session from what storage kept.
        guest.line.cut();
        guest.session.stop();
        guest = makeGuest();
        guest.line.faults = BAD;
        lines[0] = guest.line;
        guest.line.start();
      }
    }
    lines.forEach((line) => (line.faults = PERFECT));
    pass(clock, lines, 180_000);

    const log = backend.interactions.get(submitted.id)!.log.map(({ seq, id, text, event }) => ({ seq, id, text, event }));
    expect(shown(guest.session.channel)).toEqual(log);
    expect(shown(chat.channel)).toEqual(log);
    expect(new Set(log.map((entry) => entry.id)).size).toBe(log.length);
    expect(log.map((entry) => entry.text).filter((text) => text?.startsWith('message')).sort()).toEqual([...said].sort());
    expect(guest.session.channel.outbox.pending).toEqual([]);
    expect(chat.channel.outbox.pending).toEqual([]);
  });

  it('keeps the order in which each author wrote', () => {
    const { clock, random, backend, submitted, makeGuest } = conversation(7);
    const { session, line } = makeGuest();
    line.start();
    pass(clock, [line], 1_000);
    line.faults = BAD;
    for (let turn = 0; turn < 20; turn++) line.feed((now) => session.say(`message ${turn}`, now + random()));
    line.faults = { ...BAD, lose: 0.1 };
    pass(clock, [line], 400_000);
    line.faults = PERFECT;
    pass(clock, [line], 60_000);
    const texts = backend.interactions.get(submitted.id)!.log.slice(1).map((entry) => entry.text);
    expect(texts).toEqual(Array.from({ length: 20 }, (_, turn) => `message ${turn}`));
  });

  it('catches up over more pages than one after a long absence', () => {
    const { clock, backend, submitted, makeGuest } = conversation(3);
    const { session, line } = makeGuest();
    line.start();
    pass(clock, [line], 1_000);
    line.cut();
    for (let turn = 0; turn < 95; turn++) backend.append(submitted, { id: `other${turn}`, from: { name: 'Ben' }, role: 'agent', text: `${turn}` });
    pass(clock, [line], 10_000);
    expect(session.channel.conversation.gapless).toBe(96);
  });

  it('sends what it wrote meanwhile although too much was said since', () => {
    const { clock, backend, submitted, makeGuest } = conversation(4);
    const { session, line } = makeGuest();
    line.start();
    pass(clock, [line], 1_000);
    line.faults = { ...PERFECT, lose: 1 };
    line.feed((now) => session.say('are you there?', now));
    pass(clock, [line], 500);
    for (let turn = 0; turn < 95; turn++) backend.append(submitted, { id: `other${turn}`, from: { name: 'Ben' }, role: 'agent', text: `${turn}` });
    line.faults = PERFECT;
    pass(clock, [line], 30_000);
    const log = backend.interactions.get(submitted.id)!.log;
    expect(log.filter((entry) => entry.text === 'are you there?')).toHaveLength(1);
    expect(session.channel.conversation.transcript).toHaveLength(log.length);
  });

  it('finds a lost push within a heartbeat', () => {
    const { clock, backend, submitted, makeGuest } = conversation(5);
    const { session, line } = makeGuest();
    line.start();
    pass(clock, [line], 5_000);
    line.faults = { ...PERFECT, lose: 1 };
    backend.append(submitted, { id: 'lost', from: { name: 'Ben' }, role: 'agent', text: 'lost' });
    line.faults = PERFECT;
    pass(clock, [line], 31_000);
    expect(session.channel.conversation.transcript.at(-1)?.text).toBe('lost');
  });
});
