import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Cursors } from '../client/conversation';
import type { Entry } from '../client/frames';
import { segments } from '../client/links';
import type { Pending } from '../client/outbox';
import { controls } from '../theme/controls';

/** The words of a transcript, for whoever reads it. */
export interface TranscriptTexts {
  log: string;
  you: string;
  sending: string;
  sent: string;
  delivered: string;
  read: string;
  failed: (detail: string) => string;
  retry: string;
  discard: string;
  typing: (name: string) => string;
  newMessages: string;
  opensNewTab: string;
}

const NEAR_THE_END = 80;

/** A conversation as people read it. Everything that somebody wrote is shown as text, and http addresses as links. */
export class Transcript extends LitElement {
  static override properties = {
    entries: { attribute: false },
    pending: { attribute: false },
    isOwn: { attribute: false },
    describe: { attribute: false },
    texts: { attribute: false },
    delivered: { type: Number },
    read: { type: Number },
    sending: { type: Boolean },
    typist: { type: String },
    lang: { type: String },
    away: { state: true },
  };
  declare entries: Entry[];
  declare pending: readonly Pending[];
  declare isOwn: (entry: Entry) => boolean;
  /** Words for a change in the conversation's life; undefined leaves it out. */
  declare describe: (entry: Entry) => string | undefined;
  declare texts: TranscriptTexts;
  declare delivered: Cursors['delivered'];
  declare read: Cursors['read'];
  declare typist: string | undefined;
  declare away: boolean;

  constructor() {
    super();
    this.entries = [];
    this.pending = [];
    this.isOwn = () => false;
    this.describe = () => undefined;
    this.delivered = 0;
    this.read = 0;
    this.away = false;
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        position: relative;
        min-height: 0;
      }
      .scroll {
        height: 100%;
        overflow-y: auto;
        overscroll-behavior: contain;
        padding: 16px;
      }
      ol {
        display: flex;
        flex-direction: column;
        gap: 4px;
        min-height: 100%;
        justify-content: flex-end;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        max-width: 100%;
      }
      li.own {
        align-items: flex-end;
      }
      li.first {
        margin-top: 12px;
      }
      .who {
        padding: 0 4px 2px;
        color: var(--db-muted);
        font-size: var(--db-tiny);
      }
      .words {
        max-width: min(85%, 46ch);
        margin: 0;
        padding: 8px 12px;
        border-radius: 14px;
        background: var(--db-theirs);
        font-size: 0.9375rem;
        line-height: 1.45;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .own .words {
        background: var(--db-accent);
        color: var(--db-on-accent);
      }
      .own .words a {
        color: inherit;
      }
      .own.unsure .words {
        opacity: 0.75;
      }
      .own.failed .words {
        border: 1px solid var(--db-danger);
        background: var(--db-danger-soft);
        color: var(--db-text);
        opacity: 1;
      }
      .state {
        padding: 2px 4px 0;
        color: var(--db-muted);
        font-size: var(--db-tiny);
      }
      .failed .state {
        color: var(--db-danger);
      }
      .failed .state button {
        margin-inline-start: 6px;
        padding: 2px 4px;
        border: 0;
        background: none;
        color: inherit;
        font-weight: 600;
        text-decoration: underline;
      }
      .event {
        align-self: center;
        margin: 12px 0 4px;
        padding: 0 8px;
        color: var(--db-muted);
        font-size: var(--db-small);
        text-align: center;
      }
      .typing {
        min-height: 1.25rem;
        padding: 4px 4px 0;
        color: var(--db-muted);
        font-size: var(--db-tiny);
      }
      .more {
        position: absolute;
        inset-inline: 0;
        bottom: 12px;
        display: grid;
        justify-items: center;
        pointer-events: none;
      }
      .more button {
        pointer-events: auto;
        box-shadow: var(--db-shadow);
      }
    `,
  ];

  protected override render() {
    if (!this.texts) return nothing;
    const last = this.entries.findLast((entry) => entry.text !== undefined && this.isOwn(entry));
    return html`
      <div class="scroll" tabindex="0" role="log" aria-label=${this.texts.log} @scroll=${this.scrolled}>
        <ol>
          ${repeat(this.entries, (entry) => entry.id, (entry, at) => this.renderEntry(entry, this.entries[at - 1], entry === last))}
          ${repeat(this.pending, (pending) => pending.id, (pending) => this.renderPending(pending))}
        </ol>
        <div class="typing">${this.typist ? this.texts.typing(this.typist) : nothing}</div>
      </div>
      ${this.away
        ? html`<div class="more"><button class="button small" @click=${this.toEnd}>${this.texts.newMessages}</button></div>`
        : nothing}
    `;
  }

  private renderEntry(entry: Entry, before: Entry | undefined, lastOwn: boolean) {
    const event = entry.event ? this.describe(entry) : undefined;
    if (entry.text === undefined || entry.event) {
      const said = [event, entry.event ? entry.text : undefined].filter((text) => text);
      return said.length ? html`<li class="event">${said.join(' ')}</li>` : nothing;
    }
    const own = this.isOwn(entry);
    const first = !before || before.event !== undefined || before.role !== entry.role || before.from.name !== entry.from.name;
    return html`
      <li class="${own ? 'own' : 'theirs'} ${first ? 'first' : ''}">
        ${first
          ? html`<span class="who">${own ? this.texts.you : entry.from.name} · <time datetime=${entry.at}>${clock(entry.at)}</time></span>`
          : nothing}
        <p class="words" dir="auto">${this.renderText(entry.text)}</p>
        ${lastOwn ? html`<span class="state">${this.stateOf(entry)}</span>` : nothing}
      </li>
    `;
  }

  private renderPending(pending: Pending) {
    if (!pending.failed) {
      return html`<li class="own unsure">
        <p class="words" dir="auto">${this.renderText(pending.text)}</p>
        <span class="state">${this.texts.sending}</span>
      </li>`;
    }
    const tell = (name: string) => () => this.dispatchEvent(new CustomEvent(name, { detail: pending.id }));
    return html`<li class="own failed">
      <p class="words" dir="auto">${this.renderText(pending.text)}</p>
      <span class="state" role="alert">
        ${this.texts.failed(pending.failed.detail)}
        <button @click=${tell('retry')}>${this.texts.retry}</button>
        <button @click=${tell('discard')}>${this.texts.discard}</button>
      </span>
    </li>`;
  }

  private renderText(text: string) {
    return segments(text).map((segment) =>
      segment.href
        ? html`<a href=${segment.href} target="_blank" rel="noopener noreferrer nofollow" title=${this.texts.opensNewTab}>${segment.text}</a>`
        : segment.text,
    );
  }

  private stateOf(entry: Entry): string {
    if (this.read >= entry.seq) return this.texts.read;
    return this.delivered >= entry.seq ? this.texts.delivered : this.texts.sent;
  }

  private get scroller(): HTMLElement | null {
    return this.renderRoot.querySelector('.scroll');
  }

  private wasAtEnd = true;

  private scrolled(): void {
    const { scroller } = this;
    if (!scroller) return;
    this.wasAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END;
    if (this.wasAtEnd) this.away = false;
  }

  private toEnd(): void {
    this.scroller?.scrollTo({ top: this.scroller.scrollHeight });
    this.away = false;
  }

  protected override updated(changed: PropertyValues<this>): void {
    const own = changed.has('pending') && this.pending.length > (changed.get('pending')?.length ?? 0);
    if (own || this.wasAtEnd) this.toEnd();
    else if (changed.has('entries') && this.entries.length > (changed.get('entries')?.length ?? 0)) this.away = true;
  }
}

/** The time of day as the reader's place writes it. */
export function clock(at: string): string {
  const when = new Date(at);
  return Number.isNaN(when.getTime()) ? '' : when.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

customElements.get('deskbell-transcript') ?? customElements.define('deskbell-transcript', Transcript);
