import type { Availability, DeskbellChat } from '../chat/chat';

const chat = document.querySelector<DeskbellChat>('deskbell-chat');
const link = document.querySelector<HTMLButtonElement>('#chat-link');
const note = document.querySelector<HTMLElement>('#chat-note');

function show(availability: Availability): void {
  if (!link || !note) return;
  link.hidden = availability === 'unknown' || availability === 'disabled';
  note.textContent = availability === 'disabled' ? 'Chat is not available at the moment.' : '';
}

// The element may have found out before this script was run, or after.
chat?.addEventListener('availability', (event) => show((event as CustomEvent<{ availability: Availability }>).detail.availability));
chat?.addEventListener('closed', () => link?.focus());
void customElements.whenDefined('deskbell-chat').then(() => show(chat?.availability ?? 'unknown'));
link?.addEventListener('click', () => chat?.show());
