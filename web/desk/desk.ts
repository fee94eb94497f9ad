import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { AgentSession, type Chat, type Presence, type Queue } from '../client/agent';
import type { SignIn } from '../client/cognito';
import { loadConfig, type Config } from '../client/config';
import { Driver } from '../client/driver';
import type { Entry } from '../client/frames';
import type { Answer } from '../client/session';
import { outboxStore, Stored } from '../client/storage';
import { ulid } from '../client/ulid';
import '../elements/composer';
import '../elements/transcript';
import { backIcon, bellIcon } from '../theme/icons';
import { Identity } from './identity';
import './sign-in';
import { styles } from './styles';
import { composerTexts, describe, explain, nameOf, transcriptTexts, waited } from './words';

const PRESENCES: Presence[] = ['available', 'away', 'offline'];

/** The agent's desk: presence, queues, and the conversations in hand. */
export class DeskApp extends LitElement {
  static override properties = {
    stage: { state: true },
    problem: { state: true },
    answer: { state: true },
    chosen: { state: true },
    confirming: { state: true },
    accepting: { state: true },
  };
  static override styles = styles;
  declare stage: 'loading' | 'unreachable' | 'signed-out' | 'signed-in';
  declare problem: string | undefined;
  declare answer: SignIn | undefined;
  declare chosen: string | undefined;
  declare confirming: boolean;
  declare accepting: string | undefined;

  private config: Config | undefined;
  private identity: Identity | undefined;
  private session: AgentSession | undefined;
  private driver: Driver | undefined;
  private tick: ReturnType<typeof setInterval> | undefined;
  private readonly drafts = new Map<string, string>();
  private readonly stored = new Stored<string>(() => sessionStorage, 'deskbell:chosen');

  constructor() {
    super();
    this.stage = 'loading';
    this.confirming = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('focus', this.looked);
    document.addEventListener('visibilitychange', this.looked);
    // Waiting times grow without any news.
    this.tick = setInterval(() => this.requestUpdate(), 1_000);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('focus', this.looked);
    document.removeEventListener('visibilitychange', this.looked);
    clearInterval(this.tick);
    this.driver?.stop();
  }

  private async begin(): Promise<void> {
    this.stage = 'loading';
    try {
      this.config = await loadConfig('/config.json');
    } catch {
      this.stage = 'unreachable';
      return;
    }
    const identity = new Identity(this.config);
    this.identity = identity;
    identity.onToken = (token) => this.session?.renew(token);
    identity.onSignedOut = () => this.signedOut();
    this.answer = await identity.comeBack();
    const tokens = this.answer?.step === 'done' ? this.answer.tokens : await identity.resume();
    if (tokens) this.signedIn();
    else this.stage = 'signed-out';
  }

  private signedIn(): void {
    const { config, identity } = this;
    if (!config || !identity?.tokens) return;
    const { username } = identity;
    const session = new AgentSession({
      token: identity.tokens.access,
      self: { role: 'agent', name: username, id: username },
      storeFor: (interaction) => outboxStore(`agent:${username}`, interaction),
      random: Math.random,
      newId: (now) => ulid(now, crypto.getRandomValues(new Uint8Array(10))),
    });
    session.onEntry = (chat, entry) => this.dispatchEvent(new CustomEvent('entry', { detail: { chat, entry } }));
    this.session = session;
    this.chosen = this.stored.get();
    this.stage = 'signed-in';
    this.driver = new Driver(session, {
      url: config.websocket_url,
      probe: async () => {
        const result = await identity.refresh();
        return result === 'signed_out' ? 'token_expired' : result;
      },
      changed: () => this.changed(),
    });
    this.driver.start();
  }

  private signedOut(): void {
    this.driver?.stop();
    this.driver = undefined;
    this.session = undefined;
    this.stage = 'signed-out';
  }

  private changed(): void {
    this.requestUpdate();
  }

  private readonly looked = (): void => this.requestUpdate();

  private get chat(): Chat | undefined {
    return this.session?.chats.get(this.chosen ?? '');
  }

  private choose(interaction: string | undefined): void {
    this.chosen = interaction;
    this.confirming = false;
    if (interaction) this.stored.set(interaction);
    else this.stored.clear();
  }

  /** Ask the server something, and say in words why it did not work. */
  private async ask(question: (session: AgentSession, now: number) => Promise<Answer>): Promise<Answer | undefined> {
    const { session, driver } = this;
    if (!session || !driver) return undefined;
    this.problem = undefined;
    const answer = await driver.feed((now) => question(session, now));
    if (!answer.ok) this.problem = explain(answer.refusal);
    this.requestUpdate();
    return answer;
  }

  private async accept(queue: string): Promise<void> {
    this.accepting = queue;
    const answer = await this.ask((session, now) => session.accept(queue, now));
    this.accepting = undefined;
    if (!answer?.ok) return;
    const { interaction, record } = answer.frame;
    const id = typeof interaction === 'string' ? interaction : (record as { id?: string } | undefined)?.id;
    this.choose(id);
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('deskbell-composer')?.focus();
  }

  private async end(chat: Chat): Promise<void> {
    this.confirming = false;
    await this.ask((session, now) => session.end(chat.details.id, now));
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { chat, session } = this;
    if (!chat || !session || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    if (session.unread(chat) > 0) this.driver?.feed(() => session.seen(chat));
  }

  protected override render() {
    switch (this.stage) {
      case 'loading':
        return html`<p class="middle" role="status">One moment…</p>`;
      case 'unreachable':
        return html`<div class="middle">
          <p role="alert">The desk could not load its configuration.</p>
          <button class="button" @click=${() => void this.begin()}>Try again</button>
        </div>`;
      case 'signed-out':
        return html`<desk-sign-in
          .identity=${this.identity}
          ?hosted=${this.config?.sign_in === 'hosted'}
          .answer=${this.answer?.step === 'refused' ? this.answer : undefined}
          @signed-in=${() => this.signedIn()}
        ></desk-sign-in>`;
      case 'signed-in':
        return this.renderDesk(this.session!);
    }
  }

  private renderDesk(session: AgentSession) {
    const chats = [...session.chats.values()];
    return html`
      <header>
        <h1>${bellIcon} <span>Deskbell desk</span></h1>
        ${this.renderConnection(session)}
        <label class="presence">
          <span class="hush">Presence</span>
          <span class="dot ${session.presence}" aria-hidden="true"></span>
          <select id="presence" ?disabled=${session.status !== 'online'} @change=${this.setPresence}>
            ${PRESENCES.map((presence) => html`<option value=${presence} .selected=${presence === session.presence}>${presence[0]!.toUpperCase() + presence.slice(1)}</option>`)}
          </select>
        </label>
        <span class="me">${session.self.name}</span>
        <button class="button small plain" @click=${() => this.identity?.signOut()}>Sign out</button>
      </header>
      ${this.problem
        ? html`<div class="strip bad" role="alert">${this.problem} <button class="button small plain" @click=${() => (this.problem = undefined)}>Dismiss</button></div>`
        : nothing}
      <main class=${this.chat ? 'with-chat' : ''}>
        <nav aria-label="Queues and conversations">
          <section aria-labelledby="queues">
            <h2 id="queues">Queues</h2>
            ${session.queues.length === 0 && session.status === 'online' ? html`<p class="help">You are in no queue yet. An administrator can add you to one.</p>` : nothing}
            <ul class="queues">
              ${repeat(session.queues, (queue) => queue.id, (queue) => this.renderQueue(session, queue))}
            </ul>
          </section>
          <section aria-labelledby="conversations">
            <h2 id="conversations">My conversations</h2>
            ${chats.length ? nothing : html`<p class="help">None yet. Accept somebody from a queue.</p>`}
            <ul class="chats">
              ${repeat(chats, (chat) => chat.details.id, (chat) => this.renderItem(session, chat))}
            </ul>
          </section>
        </nav>
        ${this.chat ? this.renderChat(session, this.chat) : html`<div class="empty"><p>Choose a conversation, or accept the next one.</p></div>`}
      </main>
    `;
  }

  private renderConnection(session: AgentSession) {
    const online = session.status === 'online';
    const words = online ? 'Connected' : !navigator.onLine ? 'Offline' : session.status === 'waiting' ? 'Reconnecting…' : 'Connecting…';
    return html`<span class="connection ${online ? 'good' : 'bad'}" role="status">${words}</span>`;
  }

  private renderQueue(session: AgentSession, queue: Queue) {
    const since = queue.longestSince === undefined ? undefined : waited(Date.now() - queue.longestSince);
    const busy = this.accepting === queue.id;
    return html`<li data-queue=${queue.id}>
      <div>
        <strong>${queue.name}</strong>
        <span class="help"><b class="waiting">${queue.waiting}</b> waiting${since ? html` · longest ${since}` : nothing}</span>
      </div>
      <button
        class="button small ${queue.waiting ? 'primary' : ''}"
        aria-label="Accept the next chat from ${queue.name}"
        ?disabled=${session.status !== 'online' || session.presence === 'offline' || queue.waiting === 0 || busy}
        @click=${() => void this.accept(queue.id)}
      >
        ${busy ? 'Accepting…' : 'Accept'}
      </button>
    </li>`;
  }

  private renderItem(session: AgentSession, chat: Chat) {
    const { details, channel } = chat;
    const unread = session.unread(chat);
    const last = channel.conversation.transcript.findLast((entry) => entry.text !== undefined);
    const typing = channel.theyType(Date.now());
    return html`<li>
      <button class="item" data-interaction=${details.id} aria-current=${details.id === this.chosen ? 'true' : 'false'} @click=${() => this.choose(details.id)}>
        <span class="top">
          <strong>${nameOf(details)}</strong>
          ${unread ? html`<span class="badge"><span aria-hidden="true">${unread}</span><span class="hush">${unread} unread</span></span>` : nothing}
        </span>
        <span class="line">${chat.ended !== undefined ? 'Ended' : typing ? 'Typing…' : (last?.text ?? details.short_description ?? '')}</span>
      </button>
    </li>`;
  }

  private renderChat(session: AgentSession, chat: Chat) {
    const { details, channel } = chat;
    const over = chat.ended !== undefined;
    const feed = (happen: (now: number) => void) => this.driver?.feed(happen);
    const facts = [details.number, details.email, details.category].filter((fact) => fact);
    return html`<section class="chat" aria-label="Conversation with ${nameOf(details)}">
      <div class="chat-head">
        <button class="icon back" aria-label="Back to the list" @click=${() => this.choose(undefined)}>${backIcon}</button>
        <div class="title">
          <h2>${nameOf(details)}</h2>
          <p class="help">${facts.join(' · ')}</p>
        </div>
        ${over
          ? html`<button class="button small" @click=${() => this.putAway(session, chat)}>Close</button>`
          : html`<button class="button small danger" @click=${() => (this.confirming = true)} ?disabled=${session.status !== 'online'}>End chat</button>`}
      </div>
      ${this.confirming && !over
        ? html`<div class="strip" role="alertdialog" aria-label="End this chat?">
            <span>End this chat? The guest cannot write afterwards.</span>
            <span class="choices">
              <button class="button small danger" @click=${() => void this.end(chat)}>End chat</button>
              <button class="button small" @click=${() => (this.confirming = false)}>Keep chatting</button>
            </span>
          </div>`
        : nothing}
      <deskbell-transcript
        .texts=${transcriptTexts}
        .entries=${channel.conversation.transcript}
        .pending=${[...channel.outbox.pending]}
        .isOwn=${(entry: Entry) => channel.isOwn(entry)}
        .describe=${describe}
        .delivered=${channel.conversation.theirs.delivered}
        .read=${channel.conversation.theirs.read}
        .typist=${!over && session.status === 'online' && channel.theyType(Date.now()) ? nameOf(details) : undefined}
        @retry=${(event: CustomEvent<string>) => feed(() => channel.outbox.retry(event.detail))}
        @discard=${(event: CustomEvent<string>) => feed(() => channel.outbox.discard(event.detail))}
      ></deskbell-transcript>
      ${over
        ? html`<p class="over" role="status">${chat.ended === 'unassigned' ? 'This chat is no longer assigned to you.' : 'This chat has ended.'}</p>`
        : html`<deskbell-composer
            .texts=${composerTexts}
            .draft=${this.drafts.get(details.id) ?? ''}
            @drafted=${(event: CustomEvent<string>) => this.drafts.set(details.id, event.detail)}
            @say=${(event: CustomEvent<string>) => feed((now) => session.say(details.id, event.detail, now))}
            @composing=${(event: CustomEvent<boolean>) => feed((now) => channel.typing(event.detail, now))}
          ></deskbell-composer>`}
    </section>`;
  }

  private putAway(session: AgentSession, chat: Chat): void {
    session.dismiss(chat.details.id);
    this.choose(undefined);
  }

  private setPresence(event: Event): void {
    const state = (event.target as HTMLSelectElement).value as Presence;
    void this.ask((session, now) => session.setPresence(state, now));
  }
}

customElements.define('desk-app', DeskApp);
