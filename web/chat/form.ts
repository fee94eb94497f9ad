import { css, html, LitElement, nothing } from 'lit';
import type { Choice, Field, Form, Problem } from '../client/http';
import { markupNodes } from '../elements/markup';
import { controls } from '../theme/controls';
import type { Texts } from './texts/en';
import { serverFindings, validate, type Answers, type Wrong } from './validation';
import { whenText } from './when';

const AUTOCOMPLETE: Record<string, string> = { first_name: 'given-name', last_name: 'family-name', email: 'email' };

/** A form as its definition describes it. Tells `answers` once they pass its own checks. */
export class ChatForm extends LitElement {
  static override properties = {
    form: { attribute: false },
    texts: { attribute: false },
    problem: { attribute: false },
    busy: { type: Boolean },
    answers: { state: true },
    wrong: { state: true },
  };
  declare form: Form;
  declare texts: Texts;
  declare problem: Problem | undefined;
  declare busy: boolean;
  declare answers: Answers;
  declare wrong: Map<string, Wrong>;

  constructor() {
    super();
    this.busy = false;
    this.answers = {};
    this.wrong = new Map();
  }

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      form {
        display: grid;
        gap: 16px;
        padding: 20px 16px;
      }
      h3 {
        margin: 0;
        font-size: 1.125rem;
        line-height: 1.3;
      }
      .check {
        display: flex;
        gap: 8px;
        align-items: flex-start;
      }
      .check input {
        width: 20px;
        height: 20px;
        margin: 2px 0 0;
        accent-color: var(--db-accent);
      }
      .notice {
        /* What brings a notice into view brings the button below it as well. */
        scroll-margin-bottom: 80px;
      }
      .notice p {
        margin: 0;
      }
      .optional {
        color: var(--db-muted);
        font-weight: 400;
      }
    `,
  ];

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('form')) {
      const answers: Answers = {};
      for (const { name, type, default: initial } of this.form.fields) {
        answers[name] = this.answers[name] ?? (type === 'checkbox' ? initial === true : String(initial ?? ''));
      }
      this.answers = answers;
    }
    if (changed.has('problem') && this.problem?.status === 422) this.wrong = serverFindings(this.problem);
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('problem') && this.problem) void this.focusFirst(this.wrong.size ? '[aria-invalid=true]' : '[role=alert]');
  }

  protected override render() {
    const closed = this.closedChoice;
    return html`
      <form novalidate @submit=${this.submit} aria-labelledby="title">
        <h3 id="title">${this.form.title}</h3>
        ${this.form.fields.filter((field) => field.type !== 'hidden').map((field) => this.renderField(field))}
        ${closed ? this.renderClosed(closed) : nothing} ${this.renderProblem()}
        <button class="button primary" type="submit" ?disabled=${this.busy || closed !== undefined}>
          ${this.busy ? this.texts.submitting : this.form.submit_label}
        </button>
      </form>
    `;
  }

  private renderField(field: Field) {
    const { name, label, mandatory, help } = field;
    const wrong = this.wrong.get(name);
    const invalid = wrong ? 'true' : 'false';
    const described = `${name}-help ${name}-wrong`;
    const optional = mandatory ? nothing : html` <span class="optional">${this.texts.optional}</span>`;
    const below = html`
      <span id="${name}-help" class="help" ?hidden=${!help}>${help}</span>
      <span id="${name}-wrong" class="wrong" ?hidden=${!wrong}>${wrong ? this.explain(field, wrong) : nothing}</span>
    `;
    if (field.type === 'checkbox') {
      return html`<div class="field">
        <div class="check">
          <input id=${name} name=${name} type="checkbox" .checked=${this.answers[name] === true} aria-invalid=${invalid}
            aria-describedby=${described} aria-required=${mandatory} @change=${this.answered} />
          <label for=${name}>${label}${optional}</label>
        </div>
        ${below}
      </div>`;
    }
    return html`<div class="field">
      <label for=${name}>${label}${optional}</label>
      ${this.renderControl(field, invalid, described)} ${below}
    </div>`;
  }

  private renderControl(field: Field, invalid: 'true' | 'false', described: string) {
    const { name, mandatory } = field;
    const value = String(this.answers[name] ?? '');
    if (field.type === 'choice') {
      return html`<select id=${name} name=${name} aria-invalid=${invalid} aria-describedby=${described} aria-required=${mandatory} @change=${this.answered}>
        <option value="" ?selected=${value === ''}>${this.texts.choose}</option>
        ${(field.choices ?? []).map((choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`)}
      </select>`;
    }
    if (field.type === 'textarea') {
      return html`<textarea id=${name} name=${name} rows="4" dir="auto" .value=${value} aria-invalid=${invalid} aria-describedby=${described}
        aria-required=${mandatory} @input=${this.answered}></textarea>`;
    }
    return html`<input id=${name} name=${name} type=${field.type} dir="auto" autocomplete=${AUTOCOMPLETE[name] ?? 'off'} .value=${value}
      aria-invalid=${invalid} aria-describedby=${described} aria-required=${mandatory} @input=${this.answered} />`;
  }

  private renderClosed(choice: Choice) {
    return html`<div class="notice" role="status">
      ${choice.not_available_html ? markupNodes(choice.not_available_html) : this.texts.closed}
      ${choice.next_opening ? html`<p>${this.texts.nextOpening(whenText(choice.next_opening))}</p>` : nothing}
    </div>`;
  }

  private renderProblem() {
    const { problem, texts } = this;
    if (!problem) return this.wrong.size ? html`<div class="notice bad" role="alert">${texts.fixFields}</div>` : nothing;
    if (problem.status === 422 && this.wrong.size) return html`<div class="notice bad" role="alert">${texts.fixFields}</div>`;
    if (problem.code === 'rate_limited') {
      return html`<div class="notice" role="alert" tabindex="-1">
        ${problem.detail || texts.rateLimited} ${problem.retry_at ? texts.retryAt(whenText(problem.retry_at)) : nothing}
      </div>`;
    }
    if (problem.code === 'queue_closed') {
      return html`<div class="notice" role="alert" tabindex="-1">
        ${problem.not_available_html ? markupNodes(problem.not_available_html) : problem.detail || texts.closed}
        ${problem.next_opening ? html`<p>${texts.nextOpening(whenText(problem.next_opening))}</p>` : nothing}
      </div>`;
    }
    return html`<div class="notice bad" role="alert" tabindex="-1">${problemText(problem, texts)}</div>`;
  }

  private explain(field: Field, wrong: Wrong): string {
    const { texts } = this;
    switch (wrong.reason) {
      case 'missing':
        return field.type === 'choice' ? texts.missingChoice : texts.missing;
      case 'email':
        return texts.email;
      case 'too_long':
        return texts.tooLong(wrong.limit ?? 0);
      case 'pattern':
        return texts.pattern;
      case 'server':
        return wrong.detail ?? texts.pattern;
    }
  }

  private get closedChoice(): Choice | undefined {
    for (const field of this.form.fields) {
      const chosen = field.choices?.find((choice) => choice.value === this.answers[field.name]);
      if (chosen?.open === false) return chosen;
    }
    return undefined;
  }

  private answered(event: Event): void {
    const control = event.target as HTMLInputElement;
    this.answers = { ...this.answers, [control.name]: control.type === 'checkbox' ? control.checked : control.value };
    if (this.wrong.delete(control.name)) this.wrong = new Map(this.wrong);
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.busy) return;
    this.wrong = validate(this.form.fields, this.answers);
    if (this.wrong.size) {
      void this.focusFirst('[aria-invalid=true]');
      return;
    }
    const answers: Answers = {};
    for (const { name } of this.form.fields) {
      const answer = this.answers[name];
      const said = typeof answer === 'string' ? answer.trim() : answer;
      if (said !== undefined && said !== '') answers[name] = said;
    }
    this.dispatchEvent(new CustomEvent('answers', { detail: answers }));
  }

  private async focusFirst(selector: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }
}

/** Words for a request that failed for no reason of the guest's. */
export function problemText(problem: Problem, texts: Texts): string {
  if (problem.code === 'chat_disabled') return problem.detail || texts.disabled;
  if (problem.status === 0) return texts.unreachable;
  if (problem.status === 404) return texts.notFound;
  return problem.status >= 500 ? texts.unexpected : problem.detail || texts.unexpected;
}

customElements.get('deskbell-form') ?? customElements.define('deskbell-form', ChatForm);
