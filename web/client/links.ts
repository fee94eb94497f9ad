/** A piece of a message: plain text, or an address to link to. */
export type Segment = { text: string; href?: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/gi;
const TRAILING = /[.,;:!?\])}'"»”’]+$/u;

/** Find the http and https addresses in a text. Nothing else becomes a link, whatever it looks like. */
export function segments(text: string): Segment[] {
  const found: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    const href = hrefOf(address);
    if (!href) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** Leave the sentence's punctuation out, but keep a bracket that the address itself opened. */
function trimmed(address: string): string {
  const bare = address.replace(TRAILING, '');
  const rest = address.slice(bare.length);
  return rest.startsWith(')') && bare.includes('(') && !bare.includes(')') ? `${bare})` : bare;
}

function hrefOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
