import { css, html, LitElement, nothing } from 'lit';
import { controls } from '../theme/controls';
import { sendIcon } from '../theme/icons';

export interface ComposerTexts {
  message: string;
  placeholder: string;
  send: string;
  tooLong: (over: number) => string;
}

const LONGEST = 4_000;
const WARN_FROM = 3_500;

/** Where a message is written. Tells `say` with the text, `drafted` with what stands there, `composing` whether that is anything. */
export class Composer extends LitElement {
  static override properties = { texts: { attribute: false }, disabled: { type: Boolean }, draft: { type: String } };
  declare texts: ComposerTexts;
  declare disabled: boolean;
  declare draft: string;

  constructor() {
    super();
    this.disabled = false;
    this.draft = '';
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      form {
        display: flex;
        align-items: flex-end;
        gap: 8px;
        padding: 10px 12px;
        border-top: 1px solid var(--db-line);
        background: var(--db-surface);
      }
      .box {
        flex: 1;
        min-width: 0;
      }
      textarea {
        display: block;
        width: 100%;
        min-height: 42px;
        max-height: 160px;
        padding: 9px 12px;
        border: 1px solid var(--db-edge);
        border-radius: var(--db-radius);
        background: var(--db-surface);
        font-size: 1rem;
        line-height: 1.4;
        resize: none;
        field-sizing: content;
      }
      .send {
        background: var(--db-accent);
        color: var(--db-on-accent);
        width: 42px;
        height: 42px;
      }
      .send:hover:not(:disabled) {
        background: var(--db-accent-strong);
      }
      .send:disabled {
        background: var(--db-theirs);
        color: var(--db-muted);
        cursor: default;
      }
    `,
  ];

  override focus(): void {
    this.renderRoot.querySelector('textarea')?.focus();
  }

  protected override render() {
    if (!this.texts) return nothing;
    const over = [...this.draft].length - LONGEST;
    return html`
      <form @submit=${this.submit}>
        <div class="box">
          <label class="hush" for="message">${this.texts.message}</label>
          <textarea
            id="message"
            rows="1"
            dir="auto"
            enterkeyhint="send"
            autocomplete="off"
            placeholder=${this.texts.placeholder}
            .value=${this.draft}
            ?disabled=${this.disabled}
            aria-invalid=${over > 0 ? 'true' : 'false'}
            aria-describedby="limit"
            @input=${this.typed}
            @keydown=${this.pressed}
          ></textarea>
          <span id="limit" class="wrong" role="status">${over > WARN_FROM - LONGEST ? this.texts.tooLong(over) : nothing}</span>
        </div>
        <button class="icon send" type="submit" aria-label=${this.texts.send} ?disabled=${this.disabled || over > 0 || !this.draft.trim()}>
          ${sendIcon}
        </button>
      </form>
    `;
  }

  private typed(event: InputEvent): void {
    this.draft = (event.target as HTMLTextAreaElement).value;
    this.tellDraft();
    this.tellComposing(this.draft.trim() !== '');
  }

  private pressed(event: KeyboardEvent): void {
    // During composition Enter chooses a candidate; on a touch keyboard the send button is beside it anyway.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit(event);
  }

  private submit(event: Event): void {
    event.preventDefault();
    const text = this.draft.trim();
    if (this.disabled || !text || [...text].length > LONGEST) return;
    this.draft = '';
    this.tellDraft();
    this.dispatchEvent(new CustomEvent('say', { detail: text }));
    this.focus();
  }

  private tellDraft(): void {
    this.dispatchEvent(new CustomEvent('drafted', { detail: this.draft }));
  }

  private tellComposing(on: boolean): void {
    this.dispatchEvent(new CustomEvent('composing', { detail: on }));
  }
}

customElements.get('deskbell-composer') ?? customElements.define('deskbell-composer', Composer);
