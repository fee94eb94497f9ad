import { css, type CSSResultGroup } from 'lit';
import { controls, tokens } from '../theme/controls';

export const styles: CSSResultGroup = [
  tokens,
  controls,
  css`
    :host {
      font-family: var(--db-font);
      font-size: var(--db-size);
      line-height: 1.5;
      color: var(--db-text);
    }
    .launcher,
    .panel {
      position: fixed;
      z-index: 2147483000;
      inset-inline-end: 20px;
      bottom: 20px;
      box-shadow: var(--db-shadow);
    }
    .launcher {
      display: inline-flex;
      gap: 8px;
      align-items: center;
      min-height: 48px;
      padding: 10px 20px;
      border: 0;
      border-radius: 24px;
      background: var(--db-accent);
      color: var(--db-on-accent);
      font-weight: 600;
    }
    .launcher svg {
      width: 20px;
      height: 20px;
      fill: none;
      stroke: currentColor;
      stroke-width: 2;
      stroke-linejoin: round;
    }
    .badge {
      min-width: 22px;
      padding: 0 6px;
      border-radius: 11px;
      background: var(--db-on-accent);
      color: var(--db-accent);
      font-size: var(--db-small);
      text-align: center;
    }
    .panel {
      display: flex;
      flex-direction: column;
      width: 400px;
      max-width: calc(100vw - 40px);
      height: min(680px, calc(100dvh - 40px));
      border: 1px solid var(--db-line);
      border-radius: var(--db-radius-large);
      background: var(--db-surface);
      overflow: hidden;
      animation: rise 160ms ease-out;
    }
    @keyframes rise {
      from {
        opacity: 0;
        transform: translateY(12px);
      }
    }
    .head {
      display: flex;
      gap: 8px;
      align-items: center;
      padding: 10px 8px 10px 16px;
      border-bottom: 1px solid var(--db-line);
    }
    .bell {
      display: grid;
      place-items: center;
      flex: none;
      width: 36px;
      height: 36px;
      border-radius: 50%;
      background: var(--db-accent);
      color: var(--db-on-accent);
    }
    .bell svg {
      width: 20px;
      height: 20px;
      fill: none;
      stroke: currentColor;
      stroke-width: 2;
      stroke-linecap: round;
    }
    .heading {
      flex: 1;
      min-width: 0;
    }
    h2,
    .heading p {
      margin: 0;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    h2 {
      font-size: 1rem;
      line-height: 1.3;
    }
    .heading p {
      color: var(--db-muted);
      font-size: var(--db-small);
      line-height: 1.3;
    }
    .heading p:empty {
      display: none;
    }
    .body {
      flex: 1;
      min-height: 0;
      overflow-y: auto;
    }
    .middle {
      display: grid;
      flex: 1;
      gap: 16px;
      place-content: center;
      justify-items: center;
      margin: 0;
      padding: 24px;
      text-align: center;
    }
    .middle p {
      margin: 0;
    }
    deskbell-transcript {
      flex: 1;
    }
    .waiting {
      display: flex;
      gap: 12px;
      padding: 14px 16px;
      border-bottom: 1px solid var(--db-line);
      background: var(--db-sunken);
    }
    .waiting p {
      margin: 0;
      font-size: var(--db-small);
    }
    .pulse {
      flex: none;
      width: 10px;
      height: 10px;
      margin: 7px 3px;
      border-radius: 50%;
      background: var(--db-accent);
      animation: pulse 1.6s ease-in-out infinite;
    }
    @keyframes pulse {
      50% {
        opacity: 0.25;
      }
    }
    .strip {
      display: flex;
      gap: 12px;
      align-items: center;
      justify-content: space-between;
      padding: 8px 16px;
      background: var(--db-warn-soft);
      color: var(--db-warn);
      font-size: var(--db-small);
    }
    .strip.bad {
      background: var(--db-danger-soft);
      color: var(--db-danger);
    }
    .strip .button {
      flex: none;
    }
    .confirm,
    .ended {
      display: grid;
      gap: 10px;
      padding: 14px 16px;
      border-top: 1px solid var(--db-line);
      background: var(--db-sunken);
    }
    .choices {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    @media (max-width: 520px) {
      .panel {
        inset: 0;
        width: auto;
        max-width: none;
        height: 100dvh;
        border: 0;
        border-radius: 0;
      }
    }
  `,
];
