import type { Probe } from './connection';
import { isRecord } from './frames';

export interface Choice {
  value: string;
  label: string;
  open?: boolean;
  not_available_html?: string;
  next_opening?: string;
}

export type FieldType = 'text' | 'email' | 'choice' | 'textarea' | 'checkbox' | 'hidden';

export interface Field {
  name: string;
  label: string;
  type: FieldType;
  mandatory: boolean;
  max_length?: number;
  pattern?: string;
  help?: string;
  default?: string | boolean;
  visible_if?: string;
  choices?: Choice[];
}

export interface Form {
  id: string;
  version: number | string;
  title: string;
  open: boolean;
  not_available_html?: string;
  next_opening?: string;
  submit_label: string;
  fields: Field[];
}

export interface Admission {
  interaction: { id: string; number: string; state: string };
  token: string;
  expires_at: string;
  websocket_url: string;
}

/** A problem document (RFC 9457), or what stands for one when the answer was none. */
export interface Problem {
  status: number;
  code: string;
  detail: string;
  errors?: { field: string; code: string; detail: string }[];
  retry_at?: string;
  not_available_html?: string;
  next_opening?: string;
}

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

const ANSWERED_WITHIN = 20_000;

async function request<T>(url: string, init: RequestInit = {}): Promise<Outcome<T>> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWERED_WITHIN), credentials: 'omit', cache: 'no-store' });
    body = await response.json();
  } catch {
    return { ok: false, problem: { status: 0, code: 'unreachable', detail: '' } };
  }
  if (response.ok) return { ok: true, value: body as T };
  return { ok: false, problem: problemOf(response, body) };
}

function problemOf(response: Response, body: unknown): Problem {
  const said = isRecord(body) ? body : {};
  const wait = Number(response.headers.get('retry-after'));
  const text = (name: string) => (typeof said[name] === 'string' ? { [name]: said[name] as string } : {});
  return {
    status: response.status,
    code: typeof said.code === 'string' ? said.code : 'unavailable',
    detail: typeof said.detail === 'string' ? said.detail : '',
    ...(Array.isArray(said.errors) ? { errors: said.errors as NonNullable<Problem['errors']> } : {}),
    ...(wait > 0 ? { retry_at: new Date(Date.now() + wait * 1000).toISOString() } : {}),
    ...text('retry_at'),
    ...text('not_available_html'),
    ...text('next_opening'),
  };
}

/** The HTTP side of the contract, for a guest. */
export class GuestApi {
  constructor(private readonly base: string) {}

  form(id: string): Promise<Outcome<Form>> {
    return request<Form>(`${this.base}/v1/forms/${encodeURIComponent(id)}`);
  }

  submit(form: string, answers: Record<string, string | boolean>, key: string): Promise<Outcome<Admission>> {
    return request<Admission>(`${this.base}/v1/forms/${encodeURIComponent(form)}/submissions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ answers }),
    });
  }

  /** Find out what a refused handshake would not say. */
  async probe(interaction: string, token: string): Promise<Probe> {
    const outcome = await request(`${this.base}/v1/interactions/${encodeURIComponent(interaction)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (outcome.ok) return 'fine';
    const { status, code } = outcome.problem;
    if (status === 401) return code === 'token_expired' ? 'token_expired' : 'token_invalid';
    return status === 404 ? 'not_found' : 'unreachable';
  }
}
