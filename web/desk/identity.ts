import { hostedSignIn, base64url, UserPool, usernameIn, type HostedRequest, type SignIn, type Tokens } from '../client/cognito';
import type { Config } from '../client/config';
import { Stored } from '../client/storage';

const REFRESH_BEFORE = 5 * 60_000;
const TRY_AGAIN_AFTER = 30_000;

/** Who is signed in at this desk, for as long as the tab lives. */
export class Identity {
  readonly pool: UserPool;
  private readonly stored = new Stored<Tokens>(() => sessionStorage, 'deskbell:agent');
  private readonly request = new Stored<HostedRequest>(() => sessionStorage, 'deskbell:sign-in');
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Told each fresh access token. */
  onToken: (token: string) => void = () => undefined;
  /** Told when the person has to sign in again. */
  onSignedOut: () => void = () => undefined;

  constructor(private readonly config: Config) {
    this.pool = new UserPool(config);
  }

  get tokens(): Tokens | undefined {
    return this.stored.get();
  }

  get username(): string {
    return usernameIn(this.tokens?.access ?? '');
  }

  keep(tokens: Tokens): void {
    this.stored.set(tokens);
    this.onToken(tokens.access);
    this.schedule();
  }

  /** Take up what an earlier page of this tab kept; fresh enough to connect with, or undefined. */
  async resume(): Promise<Tokens | undefined> {
    const { tokens } = this;
    if (!tokens) return undefined;
    if (tokens.expiresAt - Date.now() > REFRESH_BEFORE) {
      this.schedule();
      return tokens;
    }
    return (await this.refresh()) === 'signed_out' ? undefined : this.tokens;
  }

  /** Get a fresh access token, or find out that there is none to be had. */
  async refresh(): Promise<'fine' | 'unreachable' | 'signed_out'> {
    const refresh = this.tokens?.refresh;
    const answer: SignIn = refresh ? await this.pool.refresh(refresh) : { step: 'refused', reason: 'wrong', detail: '' };
    if (answer.step === 'done') {
      this.keep(answer.tokens);
      return 'fine';
    }
    if (answer.step === 'refused' && answer.reason === 'wrong') {
      this.signOut();
      return 'signed_out';
    }
    return 'unreachable';
  }

  signOut(): void {
    clearTimeout(this.timer);
    this.stored.clear();
    this.onSignedOut();
  }

  /** Leave for the hosted sign-in page. */
  async goToHosted(): Promise<void> {
    const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
    const request = { verifier: random(), state: random(), redirectUri: location.origin + location.pathname };
    this.request.set(request);
    location.assign(await hostedSignIn(this.config, request));
  }

  /** Come back from it, if that is what this page load is. The code is taken out of the address at once. */
  async comeBack(): Promise<SignIn | undefined> {
    const query = new URLSearchParams(location.search);
    const code = query.get('code');
    const request = this.request.get();
    if (!code || !request) return undefined;
    history.replaceState(null, '', location.pathname);
    this.request.clear();
    if (query.get('state') !== request.state) return { step: 'refused', reason: 'other', detail: 'The sign-in was started elsewhere.' };
    const answer = await this.pool.exchange(code, request.verifier, request.redirectUri);
    if (answer.step === 'done') this.keep(answer.tokens);
    return answer;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const { tokens } = this;
    if (!tokens?.refresh) return;
    const wait = Math.max(tokens.expiresAt - REFRESH_BEFORE - Date.now(), TRY_AGAIN_AFTER);
    this.timer = setTimeout(() => void this.refresh().then((result) => result === 'unreachable' && this.schedule()), Math.min(wait, 2 ** 31 - 1));
  }
}
