import { css, html, LitElement, nothing } from 'lit';
import type { SignIn as Answer } from '../client/cognito';
import { controls } from '../theme/controls';
import { bellIcon } from '../theme/icons';
import type { Identity } from './identity';

const WORDS = {
  wrong: 'The user name or the password is wrong.',
  too_many: 'Too many attempts. Please wait a few minutes and try again.',
  policy: 'This password does not meet the rules.',
  unreachable: 'The sign-in service could not be reached. Please check your connection.',
  other: 'You could not be signed in.',
};

/** The way in for agents. Tells `signed-in`. */
export class DeskSignIn extends LitElement {
  static override properties = {
    identity: { attribute: false },
    hosted: { type: Boolean },
    answer: { attribute: false },
    busy: { state: true },
  };
  declare identity: Identity;
  declare hosted: boolean;
  declare answer: Answer | undefined;
  declare busy: boolean;

  constructor() {
    super();
    this.hosted = false;
    this.busy = false;
  }

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        place-items: center;
        min-height: 100dvh;
        padding: 20px;
      }
      main {
        width: min(380px, 100%);
      }
      form {
        display: grid;
        gap: 16px;
        padding: 28px 24px;
        border: 1px solid var(--db-line);
        border-radius: var(--db-radius-large);
        background: var(--db-surface);
      }
      h1 {
        display: flex;
        gap: 10px;
        align-items: center;
        margin: 0;
        font-size: 1.25rem;
      }
      h1 svg {
        width: 28px;
        height: 28px;
        fill: none;
        stroke: var(--db-accent);
        stroke-width: 2;
        stroke-linecap: round;
      }
      p {
        margin: 0;
      }
    `,
  ];

  protected override render() {
    const { answer } = this;
    const fresh = answer?.step === 'new_password';
    return html`
      <main>
        <form @submit=${this.submit}>
          <h1>${bellIcon} Deskbell desk</h1>
          ${fresh ? html`<p class="help">Choose a password of your own to finish signing in.</p>` : nothing}
          ${this.hosted ? nothing : fresh ? this.renderNewPassword() : this.renderPassword()}
          ${answer?.step === 'refused'
            ? html`<div class="notice bad" role="alert">${WORDS[answer.reason]} ${answer.reason === 'policy' || answer.reason === 'other' ? answer.detail : nothing}</div>`
            : nothing}
          <button class="button primary" ?disabled=${this.busy}>${this.busy ? 'Signing in…' : 'Sign in'}</button>
        </form>
      </main>
    `;
  }

  private renderPassword() {
    return html`
      <div class="field">
        <label for="username">User name</label>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus />
      </div>
      <div class="field">
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
      </div>
    `;
  }

  private renderNewPassword() {
    return html`<div class="field">
      <label for="new-password">New password</label>
      <input id="new-password" name="password" type="password" autocomplete="new-password" required autofocus />
    </div>`;
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.hosted) return this.identity.goToHosted();
    const values = new FormData(event.target as HTMLFormElement);
    const password = String(values.get('password') ?? '');
    this.busy = true;
    const { answer } = this;
    this.answer =
      answer?.step === 'new_password'
        ? await this.identity.pool.newPassword(answer.username, answer.session, password)
        : await this.identity.pool.signIn(String(values.get('username') ?? '').trim(), password);
    this.busy = false;
    if (this.answer.step !== 'done') return;
    this.identity.keep(this.answer.tokens);
    this.dispatchEvent(new CustomEvent('signed-in'));
  }
}

customElements.define('desk-sign-in', DeskSignIn);
