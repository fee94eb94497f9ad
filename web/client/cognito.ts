import type { Config } from './config';
import { isRecord } from './frames';

/** An agent's tokens; `expiresAt` is when the access token runs out, epoch milliseconds. */
export interface Tokens {
  access: string;
  refresh?: string;
  expiresAt: number;
}

export type SignIn =
  | { step: 'done'; tokens: Tokens }
  | { step: 'new_password'; username: string; session: string }
  | { step: 'refused'; reason: 'wrong' | 'too_many' | 'policy' | 'unreachable' | 'other'; detail: string };

interface AuthenticationResult {
  AccessToken: string;
  RefreshToken?: string;
  ExpiresIn: number;
}

/**
 * Cognito's user pool API, unsigned, as a browser may call it
 * (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html).
 */
export class UserPool {
  constructor(private readonly config: Config) {}

  signIn(username: string, password: string): Promise<SignIn> {
    const parameters = { USERNAME: username, PASSWORD: password };
    return this.authenticate('InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: parameters }, username);
  }

  /** Answer the demand for a password of one's own, which an administrator's first password meets. */
  newPassword(username: string, session: string, password: string): Promise<SignIn> {
    const responses = { USERNAME: username, NEW_PASSWORD: password };
    return this.authenticate('RespondToAuthChallenge', { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: session, ChallengeResponses: responses }, username);
  }

  /** Cognito keeps the refresh token, so the new tokens carry the old one. */
  async refresh(refresh: string): Promise<SignIn> {
    if (this.config.sign_in === 'hosted') return this.hosted({ grant_type: 'refresh_token', refresh_token: refresh }, refresh);
    const answer = await this.authenticate('InitiateAuth', { AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: refresh } }, '');
    return answer.step === 'done' ? { ...answer, tokens: { ...answer.tokens, refresh: answer.tokens.refresh ?? refresh } } : answer;
  }

  /** Exchange the code that the hosted page sent back (RFC 7636). */
  exchange(code: string, verifier: string, redirectUri: string): Promise<SignIn> {
    return this.hosted({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri });
  }

  private async authenticate(operation: string, body: object, username: string): Promise<SignIn> {
    const response = await this.call(this.config.cognito_url ?? '', {
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` },
      body: JSON.stringify({ ClientId: this.config.user_pool_client_id, ...body }),
    });
    if (!response) return { step: 'refused', reason: 'unreachable', detail: '' };
    const { ok, said } = response;
    if (!ok) return refusal(said);
    if (said.ChallengeName === 'NEW_PASSWORD_REQUIRED' && typeof said.Session === 'string') return { step: 'new_password', username, session: said.Session };
    if (!isRecord(said.AuthenticationResult)) return { step: 'refused', reason: 'other', detail: String(said.ChallengeName ?? '') };
    const result = said.AuthenticationResult as unknown as AuthenticationResult;
    return { step: 'done', tokens: tokensOf(result.AccessToken, result.ExpiresIn, result.RefreshToken) };
  }

  private async hosted(parameters: Record<string, string>, refresh?: string): Promise<SignIn> {
    const response = await this.call(`${this.config.sign_in_url ?? ''}/oauth2/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: this.config.user_pool_client_id ?? '', ...parameters }).toString(),
    });
    if (!response) return { step: 'refused', reason: 'unreachable', detail: '' };
    const { ok, said } = response;
    if (!ok || typeof said.access_token !== 'string') return { step: 'refused', reason: 'wrong', detail: '' };
    const kept = typeof said.refresh_token === 'string' ? said.refresh_token : refresh;
    return { step: 'done', tokens: tokensOf(said.access_token, Number(said.expires_in), kept) };
  }

  private async call(url: string, init: RequestInit): Promise<{ ok: boolean; said: Record<string, unknown> } | undefined> {
    try {
      const response = await fetch(url, { method: 'POST', credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(20_000), ...init });
      const said: unknown = await response.json().catch(() => ({}));
      return { ok: response.ok, said: isRecord(said) ? said : {} };
    } catch {
      return undefined;
    }
  }
}

function refusal(said: Record<string, unknown>): SignIn {
  const type = String(said.__type ?? '').split('#').at(-1);
  const detail = String(said.message ?? said.Message ?? '');
  switch (type) {
    case 'NotAuthorizedException':
    case 'UserNotFoundException':
      return { step: 'refused', reason: 'wrong', detail };
    case 'TooManyRequestsException':
    case 'LimitExceededException':
      return { step: 'refused', reason: 'too_many', detail };
    case 'InvalidPasswordException':
      return { step: 'refused', reason: 'policy', detail };
    default:
      return { step: 'refused', reason: 'other', detail };
  }
}

function tokensOf(access: string, expiresIn: number, refresh?: string): Tokens {
  return { access, expiresAt: Date.now() + (expiresIn || 3600) * 1000, ...(refresh ? { refresh } : {}) };
}

/** Where the hosted page sends people back to, and what it was asked with. */
export interface HostedRequest {
  verifier: string;
  state: string;
  redirectUri: string;
}

/** The address of the hosted sign-in page, with proof that whoever comes back is whoever asked. */
export async function hostedSignIn(config: Config, request: HostedRequest): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(request.verifier));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: config.user_pool_client_id ?? '',
    redirect_uri: request.redirectUri,
    scope: 'openid',
    state: request.state,
    code_challenge_method: 'S256',
    code_challenge: base64url(new Uint8Array(digest)),
  });
  return `${config.sign_in_url ?? ''}/oauth2/authorize?${query}`;
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The username an access token was issued to. Read for display only: the server checks the token. */
export function usernameIn(accessToken: string): string {
  try {
    const payload = (accessToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))));
    return isRecord(claims) && typeof claims.username === 'string' ? claims.username : '';
  } catch {
    return '';
  }
}
