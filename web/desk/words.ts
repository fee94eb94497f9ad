import type { Details } from '../client/agent';
import type { Entry, Refusal } from '../client/frames';
import type { ComposerTexts } from '../elements/composer';
import type { TranscriptTexts } from '../elements/transcript';

export const transcriptTexts: TranscriptTexts = {
  log: 'Conversation',
  you: 'You',
  sending: 'Sending…',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: (detail) => `Not sent. ${detail}`,
  retry: 'Try again',
  discard: 'Discard',
  typing: (name) => `${name} is typing…`,
  newMessages: 'New messages',
  opensNewTab: 'Opens in a new tab',
};

export const composerTexts: ComposerTexts = {
  message: 'Reply',
  placeholder: 'Write a reply…',
  send: 'Send',
  tooLong: (over) => (over > 0 ? `${over} characters too many` : `${-over} characters left`),
};

/** A change in a conversation's life, as an agent reads it. */
export function describe(entry: Entry): string | undefined {
  const who = entry.from.name || 'Someone';
  switch (entry.event) {
    case 'accepted':
      return `${who} accepted the chat.`;
    case 'transferred':
      return 'The chat was transferred.';
    case 'agent_left':
    case 'left':
      return `${who} left the chat.`;
    case 'abandoned':
      return 'The guest left before an answer.';
    case 'reopened':
      return 'The guest came back.';
    case 'ended':
      return entry.role === 'system' ? 'The chat ended.' : `${who} ended the chat.`;
    case 'record':
      return 'A record was created.';
    default:
      return undefined;
  }
}

/** Words for a refused request. */
export function explain(refusal: Refusal): string {
  switch (refusal.code) {
    case 'queue_empty':
      return 'Nobody is waiting in this queue any more.';
    case 'already_taken':
      return 'Another agent was faster.';
    case 'at_capacity':
      return 'You already have as many chats as you may hold.';
    case 'forbidden':
      return 'Your role does not allow this.';
    case 'chat_ended':
      return 'This chat has already ended.';
    case 'rate_limited':
      return 'That was too fast. Please wait a moment.';
    case 'unavailable':
      return 'The server did not answer. Please try again.';
    default:
      return refusal.detail || 'This did not work. Please try again.';
  }
}

export function nameOf({ first_name, last_name, email, number, id }: Details): string {
  return [first_name, last_name].filter(Boolean).join(' ') || email || number || id;
}

/** How long somebody has waited, as short as it can be said. */
export function waited(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
