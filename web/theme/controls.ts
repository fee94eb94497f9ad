import { css, unsafeCSS } from 'lit';
import tokensText from './tokens.css?inline';

/** The tokens for a shadow root: an element must look right on a page that has never heard of them. */
export const tokens = unsafeCSS(tokensText);

/** Buttons, fields and notices, the same in the guest's chat and at the desk. */
export const controls = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--db-accent);
    outline-offset: 2px;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  .button {
    min-height: 40px;
    padding: 8px 16px;
    border: 1px solid var(--db-edge);
    border-radius: var(--db-radius);
    background: var(--db-surface);
    font-weight: 600;
    font-size: var(--db-small);
    line-height: 1.3;
  }
  .button:hover:not(:disabled) {
    background: var(--db-theirs);
  }
  .button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  .button.primary {
    border-color: var(--db-accent);
    background: var(--db-accent);
    color: var(--db-on-accent);
  }
  .button.primary:hover:not(:disabled) {
    border-color: var(--db-accent-strong);
    background: var(--db-accent-strong);
  }
  .button.danger {
    border-color: var(--db-danger);
    color: var(--db-danger);
  }
  .button.small {
    min-height: 32px;
    padding: 4px 12px;
  }
  .button.plain,
  .icon {
    border-color: transparent;
    background: transparent;
  }
  .icon {
    display: inline-grid;
    place-items: center;
    width: 40px;
    height: 40px;
    padding: 0;
    border: 0;
    border-radius: var(--db-radius);
  }
  .icon:hover {
    background: var(--db-theirs);
  }
  .icon svg {
    width: 20px;
    height: 20px;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .field {
    display: grid;
    gap: 4px;
  }
  .field label,
  .field .label {
    font-weight: 600;
    font-size: var(--db-small);
  }
  .field input:not([type='checkbox']),
  .field select,
  .field textarea {
    width: 100%;
    min-height: 42px;
    padding: 8px 12px;
    border: 1px solid var(--db-edge);
    border-radius: var(--db-radius);
    background: var(--db-surface);
    font-size: var(--db-size);
  }
  .field textarea {
    min-height: 96px;
    resize: vertical;
  }
  .field [aria-invalid='true'] {
    border-color: var(--db-danger) !important;
  }
  .help {
    color: var(--db-muted);
    font-size: var(--db-small);
  }
  .wrong {
    color: var(--db-danger);
    font-size: var(--db-small);
  }
  .notice {
    padding: 10px 14px;
    border-radius: var(--db-radius);
    background: var(--db-warn-soft);
    color: var(--db-warn);
    font-size: var(--db-small);
  }
  .notice.bad {
    background: var(--db-danger-soft);
    color: var(--db-danger);
  }
  .hush {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  a {
    color: var(--db-accent);
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
