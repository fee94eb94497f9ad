import type { Field, Problem } from '../client/http';

export type Answers = Record<string, string | boolean>;

/** Why an answer will not do; the texts turn it into words. */
export type Wrong = { reason: 'missing' | 'email' | 'too_long' | 'pattern' | 'server'; limit?: number; detail?: string };

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Check answers as the server will, so that most mistakes are met before it is asked. */
export function validate(fields: Field[], answers: Answers): Map<string, Wrong> {
  const wrong = new Map<string, Wrong>();
  for (const field of fields) {
    if (field.type === 'hidden') continue;
    const found = check(field, answers[field.name]);
    if (found) wrong.set(field.name, found);
  }
  return wrong;
}

function check(field: Field, answer: string | boolean | undefined): Wrong | undefined {
  if (field.type === 'checkbox') return field.mandatory && answer !== true ? { reason: 'missing' } : undefined;
  const text = typeof answer === 'string' ? answer.trim() : '';
  if (!text) return field.mandatory ? { reason: 'missing' } : undefined;
  if (field.max_length !== undefined && [...text].length > field.max_length) return { reason: 'too_long', limit: field.max_length };
  if (field.type === 'email' && !EMAIL.test(text)) return { reason: 'email' };
  if (field.pattern !== undefined && !matches(field.pattern, text)) return { reason: 'pattern' };
  return undefined;
}

/** A pattern this browser cannot read is left to the server. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(text);
  } catch {
    return true;
  }
}

/** The server's findings, by field; `answers.email` and `email` are the same field. */
export function serverFindings(problem: Problem): Map<string, Wrong> {
  return new Map((problem.errors ?? []).map(({ field, detail }) => [field.replace(/^(body\.)?answers\./, ''), { reason: 'server', detail }]));
}
