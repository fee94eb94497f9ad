/** The shapes of the socket protocol, version 1 (docs/asyncapi.yaml). Fields and types not named here are ignored. */

export type Role = 'guest' | 'agent' | 'system';
export type Log = 'comment' | 'work_note';

/** Who wrote an entry, as its reader may know them: only agents are told the `id` of an agent. */
export interface Author {
  name: string;
  avatar_url?: string;
  id?: string;
}

/** What stands at one number of a conversation's log. Numbers start at 1 and have no holes. */
export interface Entry {
  interaction: string;
  seq: number;
  id: string;
  at: string;
  from: Author;
  role: Role;
  visibility?: Log;
  text?: string;
  event?: string;
  data?: Record<string, unknown>;
}

export interface Refusal {
  code: string;
  detail: string;
  retry_after?: number;
}

export interface ClientFrame {
  action: string;
  ref?: string;
  [field: string]: unknown;
}

export interface ServerFrame {
  type: string;
  ref?: string;
  [field: string]: unknown;
}

/** The type given to the frames that API Gateway sends in its own name, which have none. */
export const GATEWAY = 'gateway';

/** Read a text frame; undefined for anything that is not an object. */
export function parseFrame(text: string): ServerFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  if (typeof value.type === 'string') return value as ServerFrame;
  return 'message' in value ? { ...value, type: GATEWAY } : undefined;
}

/** Read a log entry; undefined when it lacks what its place in a transcript needs. */
export function parseEntry(value: unknown): Entry | undefined {
  if (!isRecord(value)) return undefined;
  const { interaction, seq, id, at, role } = value;
  if (typeof interaction !== 'string' || !isNumber(seq) || seq < 1 || typeof id !== 'string') return undefined;
  const from = isRecord(value.from) && typeof value.from.name === 'string' ? (value.from as unknown as Author) : { name: '' };
  return {
    interaction,
    seq,
    id,
    at: typeof at === 'string' ? at : '',
    from,
    role: role === 'guest' || role === 'agent' ? role : 'system',
    ...(value.visibility === 'work_note' ? { visibility: 'work_note' as const } : {}),
    ...(typeof value.text === 'string' ? { text: value.text } : {}),
    ...(typeof value.event === 'string' ? { event: value.event } : {}),
    ...(isRecord(value.data) ? { data: value.data } : {}),
  };
}

export function parseEntries(value: unknown): Entry[] {
  return Array.isArray(value) ? value.map(parseEntry).filter((entry) => entry !== undefined) : [];
}

export function refusalOf(frame: ServerFrame): Refusal {
  return {
    code: typeof frame.code === 'string' ? frame.code : 'unavailable',
    detail: typeof frame.detail === 'string' ? frame.detail : '',
    ...(isNumber(frame.retry_after) ? { retry_after: frame.retry_after } : {}),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
