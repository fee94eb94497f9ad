/** A moment in words of the reader's own language and time zone: `at 14:05` today, `on Mon 4 May, 09:00` later. */
export function whenText(at: string, now: Date = new Date(), language?: string): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return at;
  const time = when.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });
  if (when.toDateString() === now.toDateString()) return `at ${time}`;
  const day = when.toLocaleDateString(language, { weekday: 'short', day: 'numeric', month: 'short' });
  return `on ${day}, ${time}`;
}
