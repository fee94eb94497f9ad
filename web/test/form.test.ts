import { describe, expect, it } from 'vitest';
import { serverFindings, validate } from '../chat/validation';
import { whenText } from '../chat/when';
import type { Field } from '../client/http';
import { ulid } from '../client/ulid';

const field = (values: Partial<Field>): Field => ({ name: 'it', label: 'It', type: 'text', mandatory: true, ...values });
const reason = (one: Field, answer: string | boolean) => validate([one], { it: answer }).get('it')?.reason;

describe('an answer', () => {
  it.each([
    [field({}), '   ', 'missing'],
    [field({ mandatory: false }), '', undefined],
    [field({ type: 'checkbox' }), false, 'missing'],
    [field({ max_length: 3 }), '🔔🔔🔔', undefined],
    [field({ max_length: 3 }), 'four', 'too_long'],
    [field({ type: 'email' }), 'ada@example', 'email'],
    [field({ type: 'email' }), ' ada@example.com ', undefined],
    [field({ pattern: '[A-Za-z0-9_.\\-]+' }), 'a b', 'pattern'],
    [field({ pattern: '[A-Za-z0-9_.\\-]+' }), 'a-b', undefined],
    [field({ pattern: '(' }), 'anything', undefined],
    [field({ type: 'hidden' }), '', undefined],
  ])('to %o of %j is found %s', (one, answer, expected) => {
    expect(reason(one, answer)).toBe(expected);
  });

  it('may be refused by the server under either name of its field', () => {
    const errors = [
      { field: 'answers.email', code: 'invalid', detail: 'No.' },
      { field: 'first_name', code: 'invalid', detail: 'No.' },
    ];
    expect([...serverFindings({ status: 422, code: 'invalid_field', detail: '', errors }).keys()]).toEqual(['email', 'first_name']);
  });
});

it('says a moment today by its time alone', () => {
  const now = new Date(2030, 4, 4, 9, 0);
  expect(whenText(new Date(2030, 4, 4, 14, 5).toISOString(), now, 'en-GB')).toBe('at 14:05');
  expect(whenText(new Date(2030, 4, 6, 14, 5).toISOString(), now, 'en-GB')).toBe('on Mon 6 May, 14:05');
});

it('makes ids that sort by time and are valid ULIDs', () => {
  const bytes = Uint8Array.from({ length: 10 }, () => 255);
  expect(ulid(1_469_918_176_385, bytes)).toBe('01ARYZ6S41ZZZZZZZZZZZZZZZZ');
  expect(ulid(1, new Uint8Array(10)) < ulid(2, new Uint8Array(10))).toBe(true);
});
