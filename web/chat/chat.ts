import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Config } from '../client/config';
import { loadConfig } from '../client/config';
import { Driver } from '../client/driver';
import type { Entry } from '../client/frames';
import { GuestSession } from '../client/guest';
import { GuestApi, type Admission, type Form, type Problem } from '../client/http';
import { outboxStore, Stored } from '../client/storage';
import { ulid } from '../client/ulid';
import '../elements/composer';
import type { Composer } from '../elements/composer';
import '../elements/transcript';
import { bellIcon, chatIcon, closeIcon } from '../theme/icons';
import { problemText } from './form';
import './form';
import { styles } from './styles';
import { en } from './texts/en';
import type { Answers } from './validation';
import { markupNodes } from '../elements/markup';
import { whenText } from './when';

// A variable keeps the bundler from taking config.json for a file of its own: it is written when the web is deployed.
const here = import.meta.url;
const CONNECTION_SHOWN_AFTER = 1_500;

/** What a tab needs to take a conversation up again. It is kept in storage, never in an address. */
interface Kept {
  interaction: string;
  number: string;
  token: string;
  websocket_url: string;
}

export type Availability = 'unknown' | 'open' | 'closed' | 'disabled' | 'unreachable';

/**
 * The guest's chat: form, waiting room, conversation.
 *
 * Attributes: `endpoint` (the HTTP address; without it config.json beside chat.js says), `form`, `title`, `label`,
 * `colour`, `launcher` ("none" when the page has its own button and calls `show()`), `open`.
 * Events: `opened`, `accepted`, `message`, `ended`, `availability`.
 */
export class DeskbellChat extends LitElement {
  static override properties = {
    endpoint: {},
    form: {},
    heading: { attribute: 'title' },
    label: {},
    colour: {},
    launcher: {},
    open: { type: Boolean, reflect: true },
    definition: { state: true },
    problem: { state: true },
    busy: { state: true },
    gone: { state: true },
    confirming: { state: true },
    notice: { state: true },
  };
  static override styles = styles;
  declare endpoint: string | undefined;
  declare form: string;
  declare heading: string | undefined;
  declare label: string | undefined;
  declare colour: string | undefined;
  declare launcher: string | undefined;
  declare open: boolean;
  declare definition: Form | undefined;
  declare problem: Problem | undefined;
  declare busy: boolean;
  declare gone: boolean;
  declare confirming: boolean;
  declare notice: string | undefined;

  availability: Availability = 'unknown';
  private readonly texts = en;
  private config: Config | undefined;
  private api: GuestApi | undefined;
  private kept: Stored<Kept> | undefined;
  private session: GuestSession | undefined;
  private driver: Driver | undefined;
  private key: { id: string; answers: string } | undefined;
  private troubledSince: number | undefined;
  private seenUpTo = 0;
  private tick: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.form = 'default';
    this.open = false;
    this.busy = false;
    this.gone = false;
    this.confirming = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.open ||= this.wasOpen.get() === true;
    this.addEventListener('keydown', this.pressed);
    document.addEventListener('visibilitychange', this.looked);
    addEventListener('focus', this.looked);
    this.tick = setInterval(() => this.session && (this.troubledSince !== undefined || this.session.idleSeconds !== undefined) && this.requestUpdate(), 1_000);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('keydown', this.pressed);
    document.removeEventListener('visibilitychange', this.looked);
    removeEventListener('focus', this.looked);
    clearInterval(this.tick);
    this.leave();
  }

  /** Open the panel. */
  show(): void {
    if (this.open) return;
    this.open = true;
    this.wasOpen.set(true);
    this.tell('opened');
    if (!this.session && (this.problem || !this.definition)) void this.loadForm();
    void this.updateComplete.then(() => this.focusInside());
  }

  /** Close the panel; a conversation goes on. */
  hide(): void {
    this.open = false;
    this.wasOpen.clear();
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.launcher')?.focus());
    this.tell('closed');
  }

  private get wasOpen(): Stored<boolean> {
    return new Stored<boolean>(() => sessionStorage, 'deskbell:open');
  }

  private async begin(): Promise<void> {
    try {
      this.config = this.endpoint ? { http_url: this.endpoint.replace(/\/$/, ''), websocket_url: '' } : await loadConfig(new URL('config.json', here));
    } catch {
      this.problem = { status: 0, code: 'unreachable', detail: '' };
      this.available('unreachable');
      return;
    }
    this.api = new GuestApi(this.config.http_url);
    this.kept = new Stored<Kept>(() => localStorage, `deskbell:guest:${this.config.http_url}`);
    const kept = this.kept.get();
    if (kept) {
      this.available('open');
      this.resume(kept);
    } else {
      await this.loadForm();
    }
  }

  private async loadForm(): Promise<void> {
    if (!this.api) return this.begin();
    const outcome = await this.api.form(this.form);
    if (outcome.ok) {
      this.definition = outcome.value;
      this.problem = undefined;
      this.available(outcome.value.open ? 'open' : 'closed');
    } else {
      this.problem = outcome.problem;
      this.available(outcome.problem.code === 'chat_disabled' ? 'disabled' : 'unreachable');
    }
  }

  private async submit(answers: Answers): Promise<void> {
    if (!this.api || !this.definition || this.busy) return;
    // One key for one filling of the form, however often it is sent; other answers are another filling.
    const filled = JSON.stringify(answers);
    if (this.key?.answers !== filled) this.key = { id: newId(Date.now()), answers: filled };
    this.busy = true;
    const outcome = await this.api.submit(this.definition.id, answers, this.key.id);
    this.busy = false;
    if (!outcome.ok) {
      this.problem = outcome.problem;
      return;
    }
    this.key = undefined;
    this.problem = undefined;
    this.resume(keptFrom(outcome.value));
    this.tell('submitted', { number: outcome.value.interaction.number });
    void this.updateComplete.then(() => this.focusInside());
  }

  private resume(kept: Kept): void {
    this.leave();
    this.kept?.set(kept);
    this.gone = false;
    const { interaction } = kept;
    const session = new GuestSession({
      interaction,
      token: kept.token,
      store: outboxStore('guest', interaction),
      random: Math.random,
      newId,
    });
    session.onToken = (token) => {
      kept.token = token;
      // Another tab may have begun another conversation meanwhile.
      if (this.kept?.get()?.interaction === interaction) this.kept.set(kept);
    };
    session.onEntry = (entry) => this.announce(entry);
    this.session = session;
    this.driver = new Driver(session, {
      url: kept.websocket_url,
      probe: () => this.api!.probe(interaction, kept.token),
      changed: () => this.changed(),
    });
    this.driver.start();
  }

  private leave(): void {
    this.driver?.stop();
    this.driver = undefined;
    this.session = undefined;
    this.confirming = false;
    this.notice = undefined;
    this.seenUpTo = 0;
    this.troubledSince = undefined;
  }

  private startNew(): void {
    this.leave();
    this.kept?.clear();
    this.gone = false;
    void this.loadForm();
    this.requestUpdate();
    void this.updateComplete.then(() => this.focusInside());
  }

  private changed(): void {
    const { session } = this;
    if (!session) return;
    if (session.status === 'refused') this.gone = true;
    if (session.status === 'online') this.troubledSince = undefined;
    else this.troubledSince ??= Date.now();
    if (session.phase === 'ended' || session.phase === 'abandoned') this.confirming = false;
    this.requestUpdate();
  }

  private announce(entry: Entry): void {
    if (entry.event === 'accepted') this.tell('accepted', { name: entry.from.name });
    else if (entry.event === 'ended') this.tell('ended', { reason: this.session?.endReason });
    else if (entry.text !== undefined) this.tell('message', { role: entry.role, text: entry.text });
  }

  private async end(): Promise<void> {
    const answer = await this.driver!.feed((now) => this.session!.end(now));
    this.confirming = false;
    this.notice = answer.ok || answer.refusal.code === 'chat_ended' ? undefined : this.texts.endFailed;
    if (!answer.ok) this.driver?.feed(() => this.session?.channel.sync());
  }

  private async reopen(): Promise<void> {
    const answer = await this.driver!.feed((now) => this.session!.reopen(now));
    this.notice = answer.ok ? undefined : answer.refusal.code === 'unavailable' ? this.texts.unexpected : this.texts.reopenFailed;
  }

  private readonly looked = (): void => this.requestUpdate();

  private readonly pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !this.open) return;
    event.stopPropagation();
    if (this.confirming) this.confirming = false;
    else this.hide();
  };

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('colour') && this.colour) this.style.setProperty('--db-accent', this.colour);
  }

  protected override updated(): void {
    const { session } = this;
    if (!session || !this.open || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    const { gapless } = session.channel.conversation;
    if (gapless <= this.seenUpTo) return;
    this.seenUpTo = gapless;
    this.driver?.feed(() => session.channel.seen(gapless));
  }

  protected override render() {
    const { texts } = this;
    const title = this.heading || texts.title;
    return html`
      ${this.launcher === 'none' || this.open ? nothing : this.renderLauncher()}
      <section class="panel" role="dialog" aria-label=${title} ?hidden=${!this.open}>
        <div class="head">
          <span class="bell">${bellIcon}</span>
          <div class="heading">
            <h2>${title}</h2>
            <p>${this.subtitle}</p>
          </div>
          ${this.session && this.live ? html`<button class="button plain small" @click=${() => (this.confirming = true)}>${texts.end}</button>` : nothing}
          <button class="icon" aria-label=${texts.close} @click=${this.hide}>${closeIcon}</button>
        </div>
        ${this.session ? this.renderChat(this.session) : this.renderEntrance()}
      </section>
    `;
  }

  private renderLauncher() {
    const unread = this.unread;
    return html`<button class="launcher" @click=${this.show}>
      ${chatIcon} <span>${this.label || this.texts.label}</span>
      ${unread ? html`<span class="badge" aria-label=${this.texts.unread(unread)}>${unread}</span>` : nothing}
    </button>`;
  }

  private renderEntrance() {
    const { definition, problem, texts } = this;
    if (!definition) {
      if (!problem) return html`<p class="middle" role="status">${texts.loading}</p>`;
      return html`<div class="middle">
        <p role="alert">${problemText(problem, texts)}</p>
        <button class="button" @click=${() => void this.loadForm()}>${texts.tryAgain}</button>
      </div>`;
    }
    if (!definition.open) {
      return html`<div class="middle">
        <div role="status">
          ${definition.not_available_html ? markupNodes(definition.not_available_html) : texts.closed}
          ${definition.next_opening ? html`<p>${texts.nextOpening(whenText(definition.next_opening))}</p>` : nothing}
        </div>
      </div>`;
    }
    return html`<div class="body">
      <deskbell-form
        .form=${definition}
        .texts=${texts}
        .problem=${problem}
        ?busy=${this.busy}
        @answers=${(event: CustomEvent<Answers>) => void this.submit(event.detail)}
      ></deskbell-form>
    </div>`;
  }

  private renderChat(session: GuestSession) {
    const { texts } = this;
    const { channel } = session;
    if (this.gone) {
      return html`<div class="middle">
        <p role="alert">${texts.gone}</p>
        <button class="button primary" @click=${this.startNew}>${texts.startNew}</button>
      </div>`;
    }
    if (!session.known && channel.conversation.gapless === 0) return html`<p class="middle" role="status">${this.trouble ?? texts.connecting}</p>`;
    const feed = (happen: (now: number) => void) => this.driver?.feed(happen);
    return html`
      ${this.trouble ? html`<div class="strip" role="status">${this.trouble}</div>` : nothing}
      ${session.phase === 'waiting' ? this.renderWaiting(session) : nothing}
      <deskbell-transcript
        .texts=${texts.transcript}
        .entries=${channel.conversation.transcript}
        .pending=${[...channel.outbox.pending]}
        .isOwn=${(entry: Entry) => channel.isOwn(entry)}
        .describe=${(entry: Entry) => this.describe(entry)}
        .delivered=${channel.conversation.theirs.delivered}
        .read=${channel.conversation.theirs.read}
        .typist=${this.live && session.status === 'online' && channel.theyType(Date.now()) ? session.agentName || texts.agent : undefined}
        @retry=${(event: CustomEvent<string>) => feed(() => channel.outbox.retry(event.detail))}
        @discard=${(event: CustomEvent<string>) => feed(() => channel.outbox.discard(event.detail))}
      ></deskbell-transcript>
      ${this.notice ? html`<div class="strip bad" role="alert">${this.notice}</div>` : nothing} ${this.renderIdle(session)}
      ${this.confirming ? this.renderConfirm() : nothing}
      ${this.live
        ? html`<deskbell-composer
            .texts=${texts.composer}
            @say=${(event: CustomEvent<string>) => feed((now) => session.say(event.detail, now))}
            @composing=${(event: CustomEvent<boolean>) => feed((now) => channel.typing(event.detail, now))}
          ></deskbell-composer>`
        : this.renderEnded(session)}
    `;
  }

  private renderWaiting(session: GuestSession) {
    const { texts } = this;
    const { place } = session;
    return html`<div class="waiting" role="status">
      <span class="pulse" aria-hidden="true"></span>
      <div>
        <strong>${texts.waiting}</strong>
        ${place ? html`<p>${place.position === 1 ? texts.next : texts.position(place.position, place.moreAhead)}
          ${place.waitSeconds === undefined ? nothing : texts.estimate(Math.ceil(place.waitSeconds / 60))}</p>` : nothing}
        <p class="help">${texts.waitingLong}</p>
      </div>
    </div>`;
  }

  private renderIdle(session: GuestSession) {
    if (session.idleSeconds === undefined || !this.live) return nothing;
    const left = Math.max(0, Math.round(session.idleSeconds - (Date.now() - session.idleAt) / 1000));
    return html`<div class="strip" role="alert">
      ${this.texts.idle(left)}
      <button class="button small" @click=${() => void this.driver?.feed((now) => session.stay(now))}>${this.texts.stay}</button>
    </div>`;
  }

  private renderConfirm() {
    const { texts } = this;
    return html`<div class="confirm" role="alertdialog" aria-label=${texts.endQuestion}>
      <strong>${texts.endQuestion}</strong>
      <div class="choices">
        <button class="button small danger" @click=${() => void this.end()}>${texts.endYes}</button>
        <button class="button small" @click=${() => (this.confirming = false)}>${texts.endNo}</button>
      </div>
    </div>`;
  }

  private renderEnded(session: GuestSession) {
    const { texts } = this;
    const abandoned = session.phase === 'abandoned';
    return html`<div class="ended" role="status">
      <strong>${abandoned ? texts.abandoned : texts.ended}</strong>
      <div class="choices">
        ${abandoned ? html`<button class="button primary" @click=${() => void this.reopen()}>${texts.reopen}</button>` : nothing}
        <button class="button ${abandoned ? '' : 'primary'}" @click=${this.startNew}>${texts.startNew}</button>
      </div>
    </div>`;
  }

  private describe(entry: Entry): string | undefined {
    const { events, agent } = this.texts;
    const name = entry.from.name || agent;
    switch (entry.event) {
      case 'accepted':
        return events.accepted(name);
      case 'agent_left':
      case 'left':
        return events.agent_left(name);
      case 'transferred':
        return events.transferred;
      case 'abandoned':
        return events.abandoned;
      case 'reopened':
        return events.reopened;
      case 'ended':
        return entry.role === 'agent' ? events.endedBy(name) : entry.role === 'guest' ? events.endedByYou : events.ended;
      default:
        return undefined;
    }
  }

  private get live(): boolean {
    return this.session !== undefined && !this.gone && (this.session.phase === 'waiting' || this.session.phase === 'talking');
  }

  private get subtitle(): string {
    const { session, texts } = this;
    if (!session || this.gone) return '';
    if (session.phase === 'talking') return texts.with(session.agentName || texts.agent);
    const number = this.kept?.get()?.number;
    return number ?? '';
  }

  /** What is wrong with the connection, once it lasts long enough to be worth a word. */
  private get trouble(): string | undefined {
    if (this.troubledSince === undefined || this.gone) return undefined;
    if (!navigator.onLine) return this.texts.offline;
    if (Date.now() - this.troubledSince < CONNECTION_SHOWN_AFTER) return undefined;
    return this.session?.known ? this.texts.reconnecting : this.texts.connecting;
  }

  private get unread(): number {
    const { session } = this;
    if (!session) return 0;
    const { conversation } = session.channel;
    const from = Math.max(this.seenUpTo, session.phase === 'ended' ? conversation.gapless : 0);
    return conversation.transcript.filter((entry) => entry.seq > from && entry.text !== undefined && !session.channel.isOwn(entry)).length;
  }

  private focusInside(): void {
    const composer = this.renderRoot.querySelector<Composer>('deskbell-composer');
    if (composer) return composer.focus();
    const form = this.renderRoot.querySelector('deskbell-form');
    const first = form?.shadowRoot?.querySelector<HTMLElement>('input, select, textarea') ?? this.renderRoot.querySelector<HTMLElement>('.panel .icon');
    first?.focus();
  }

  private available(availability: Availability): void {
    this.availability = availability;
    this.tell('availability', { availability });
  }

  private tell(name: string, detail: object = {}): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

function keptFrom({ interaction, token, websocket_url }: Admission): Kept {
  return { interaction: interaction.id, number: interaction.number, token, websocket_url };
}

function newId(now: number): string {
  return ulid(now, crypto.getRandomValues(new Uint8Array(10)));
}

customElements.get('deskbell-chat') ?? customElements.define('deskbell-chat', DeskbellChat);
