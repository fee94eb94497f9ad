import { css, type CSSResultGroup } from 'lit';
import { controls } from '../theme/controls';

export const styles: CSSResultGroup = [
  controls,
  css`
    :host {
      display: flex;
      flex-direction: column;
      height: 100dvh;
      min-height: 320px;
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
    header {
      display: flex;
      gap: 8px 16px;
      align-items: center;
      flex-wrap: wrap;
      padding: 8px 16px;
      border-bottom: 1px solid var(--db-line);
      background: var(--db-surface);
    }
    h1 {
      display: flex;
      flex: 1;
      gap: 8px;
      align-items: center;
      margin: 0;
      font-size: 1rem;
      white-space: nowrap;
    }
    h1 svg {
      width: 24px;
      height: 24px;
      fill: none;
      stroke: var(--db-accent);
      stroke-width: 2;
      stroke-linecap: round;
    }
    .connection {
      display: inline-flex;
      gap: 6px;
      align-items: center;
      color: var(--db-muted);
      font-size: var(--db-small);
    }
    .connection::before,
    .dot {
      content: '';
      width: 8px;
      height: 8px;
      border-radius: 50%;
      background: var(--db-edge);
    }
    .connection.good::before,
    .dot.available {
      background: var(--db-good);
    }
    .connection.bad {
      color: var(--db-danger);
    }
    .connection.bad::before {
      background: var(--db-danger);
    }
    .dot.away {
      background: var(--db-warn);
    }
    .presence {
      display: inline-flex;
      gap: 8px;
      align-items: center;
    }
    select {
      min-height: 36px;
      padding: 4px 8px;
      border: 1px solid var(--db-edge);
      border-radius: var(--db-radius);
      background: var(--db-surface);
      font-size: var(--db-small);
    }
    .me {
      max-width: 16ch;
      overflow: hidden;
      text-overflow: ellipsis;
      font-size: var(--db-small);
      white-space: nowrap;
    }
    main {
      display: grid;
      grid-template-columns: minmax(260px, 320px) 1fr;
      flex: 1;
      min-height: 0;
    }
    nav {
      overflow-y: auto;
      padding: 16px;
      border-inline-end: 1px solid var(--db-line);
    }
    nav h2 {
      margin: 0 0 8px;
      color: var(--db-muted);
      font-size: var(--db-small);
      font-weight: 600;
    }
    nav section + section {
      margin-top: 24px;
    }
    nav p {
      margin: 0;
    }
    ul {
      display: grid;
      gap: 8px;
      margin: 0;
      padding: 0;
      list-style: none;
    }
    .queues li {
      display: flex;
      gap: 8px;
      align-items: center;
      justify-content: space-between;
      padding: 10px 12px;
      border: 1px solid var(--db-line);
      border-radius: var(--db-radius);
      background: var(--db-surface);
    }
    .queues li > div {
      display: grid;
      min-width: 0;
    }
    .queues strong,
    .item strong {
      overflow: hidden;
      text-overflow: ellipsis;
      font-size: 0.9375rem;
      font-weight: 600;
    }
    .chats {
      gap: 2px;
    }
    .item {
      display: grid;
      gap: 2px;
      width: 100%;
      padding: 10px 12px;
      border: 0;
      border-radius: var(--db-radius);
      background: transparent;
      text-align: start;
    }
    .item:hover,
    .item[aria-current='true'] {
      background: var(--db-theirs);
    }
    .top {
      display: flex;
      gap: 8px;
      align-items: center;
      justify-content: space-between;
    }
    .line {
      overflow: hidden;
      color: var(--db-muted);
      font-size: var(--db-small);
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .badge {
      flex: none;
      min-width: 22px;
      padding: 0 6px;
      border-radius: 11px;
      background: var(--db-accent);
      color: var(--db-on-accent);
      font-size: var(--db-small);
      font-weight: 600;
      text-align: center;
    }
    .chat {
      display: flex;
      flex-direction: column;
      min-width: 0;
      min-height: 0;
      background: var(--db-surface);
    }
    .chat-head {
      display: flex;
      gap: 12px;
      align-items: center;
      padding: 10px 16px;
      border-bottom: 1px solid var(--db-line);
    }
    .title {
      flex: 1;
      min-width: 0;
    }
    .title h2,
    .title p {
      margin: 0;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .title h2 {
      font-size: 1rem;
    }
    .back {
      display: none;
    }
    deskbell-transcript {
      flex: 1;
    }
    .empty {
      display: grid;
      place-items: center;
      padding: 24px;
      color: var(--db-muted);
      text-align: center;
    }
    .over {
      margin: 0;
      padding: 14px 16px;
      border-top: 1px solid var(--db-line);
      background: var(--db-sunken);
      color: var(--db-muted);
      font-size: var(--db-small);
    }
    .strip {
      display: flex;
      flex-wrap: wrap;
      gap: 8px 12px;
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
    .choices {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    @media (max-width: 760px) {
      main {
        grid-template-columns: 1fr;
      }
      nav {
        border: 0;
      }
      .with-chat nav,
      main:not(.with-chat) .empty {
        display: none;
      }
      .back {
        display: inline-grid;
      }
      .chat-head {
        padding-inline: 8px;
      }
      .me,
      .dot {
        display: none;
      }
      h1 span {
        position: absolute;
        clip-path: inset(50%);
      }
      header {
        gap: 8px;
        padding-inline: 12px;
      }
      .connection.good {
        /* The dot alone says it where there is no room for words; it is still read out. */
        gap: 0;
        font-size: 0;
      }
    }
  `,
];
