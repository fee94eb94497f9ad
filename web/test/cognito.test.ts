import { afterEach, describe, expect, it, vi } from 'vitest';
import { hostedSignIn, UserPool, usernameIn } from '../client/cognito';
import type { Config } from '../client/config';

const config: Config = { http_url: '', websocket_url: '', cognito_url: 'https://pool', user_pool_client_id: 'client', sign_in_url: 'https://domain' };
const asked: { url: string; init: RequestInit }[] = [];

function answering(status: number, body: object): UserPool {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return new UserPool(config);
}

afterEach(() => {
  asked.length = 0;
  vi.unstubAllGlobals();
});

describe('the user pool', () => {
  it('gives tokens for a password', async () => {
    const pool = answering(200, { AuthenticationResult: { AccessToken: 'a', RefreshToken: 'r', ExpiresIn: 60 } });
    expect(await pool.signIn('ben', 'secret')).toMatchObject({ step: 'done', tokens: { access: 'a', refresh: 'r' } });
    expect(new Headers(asked[0]?.init.headers).get('x-amz-target')).toBe('AWSCognitoIdentityProviderService.InitiateAuth');
  });

  it('asks for a password of one’s own where one is due', async () => {
    const pool = answering(200, { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 's' });
    expect(await pool.signIn('ben', 'first')).toEqual({ step: 'new_password', username: 'ben', session: 's' });
  });

  it('keeps the refresh token that Cognito does not repeat', async () => {
    const pool = answering(200, { AuthenticationResult: { AccessToken: 'b', ExpiresIn: 60 } });
    expect(await pool.refresh('r')).toMatchObject({ step: 'done', tokens: { access: 'b', refresh: 'r' } });
  });

  it.each([
    ['NotAuthorizedException', 'wrong'],
    ['com.amazonaws.cognito#UserNotFoundException', 'wrong'],
    ['TooManyRequestsException', 'too_many'],
    ['InvalidPasswordException', 'policy'],
    ['SomethingElse', 'other'],
  ])('tells %s apart', async (type, reason) => {
    expect(await answering(400, { __type: type, message: 'm' }).signIn('ben', 'x')).toEqual({ step: 'refused', reason, detail: 'm' });
  });

  it('refuses a challenge it cannot answer, naming it', async () => {
    const pool = answering(200, { ChallengeName: 'SOFTWARE_TOKEN_MFA', Session: 's' });
    expect(await pool.signIn('ben', 'x')).toEqual({ step: 'refused', reason: 'other', detail: 'SOFTWARE_TOKEN_MFA' });
  });

  it('exchanges the hosted page’s code with its proof', async () => {
    const pool = answering(200, { access_token: 'a', refresh_token: 'r', expires_in: 60 });
    expect(await pool.exchange('code', 'verifier', 'https://desk/')).toMatchObject({ step: 'done', tokens: { access: 'a', refresh: 'r' } });
    expect(asked[0]?.url).toBe('https://domain/oauth2/token');
    expect(String(asked[0]?.init.body)).toContain('code_verifier=verifier');
  });
});

it('sends people to the hosted page with the challenge of RFC 7636, appendix B', async () => {
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  const url = new URL(await hostedSignIn(config, { verifier, state: 's', redirectUri: 'https://desk/' }));
  expect(url.searchParams.get('code_challenge')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  expect(url.href).not.toContain(verifier);
});

it('reads who a token is for, and nothing from what is none', () => {
  const claims = btoa(JSON.stringify({ username: 'ben' })).replaceAll('=', '');
  expect(usernameIn(`x.${claims}.y`)).toBe('ben');
  expect(usernameIn('nonsense')).toBe('');
});
