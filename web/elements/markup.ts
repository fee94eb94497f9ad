/** A piece of an administrator's notice: words, or an element of simple prose around more pieces. */
export type Piece = string | { tag: string; href?: string; pieces: Piece[] };

const KEPT = new Set([
  'a', 'abbr', 'b', 'blockquote', 'br', 'code', 'dd', 'div', 'dl', 'dt', 'em', 'h2', 'h3', 'h4', 'hr', 'i', 'li', 'ol', 'p', 'small', 'span',
  'strong', 'sub', 'sup', 'u', 'ul',
]);
const VOID = new Set(['br', 'hr']);
const UNREAD = new Set(['iframe', 'math', 'noscript', 'object', 'script', 'select', 'style', 'svg', 'template', 'textarea', 'title']);
const TOKEN = /<!--[\s\S]*?-->|<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>|[^<]+|</g;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/**
 * Read markup without the browser's parser, which would look at scripts and handlers even where it never runs them.
 *
 * Elements that are not simple prose lose their tags and keep their words; addresses are http, https, mailto or tel.
 */
export function readMarkup(markup: string): Piece[] {
  const root: Piece[] = [];
  const open: { tag: string; pieces: Piece[] }[] = [];
  let unread: string | undefined;
  for (const [token, closing, name, attributes] of markup.matchAll(TOKEN)) {
    const tag = name?.toLowerCase();
    if (unread !== undefined) {
      if (closing && tag === unread) unread = undefined;
      continue;
    }
    const into = open.at(-1)?.pieces ?? root;
    if (tag === undefined) {
      if (!token.startsWith('<!--')) into.push(decoded(token));
    } else if (closing) {
      const at = open.findLastIndex((element) => element.tag === tag);
      if (at >= 0) open.length = at;
    } else if (UNREAD.has(tag)) {
      unread = tag;
    } else if (KEPT.has(tag)) {
      const element = { tag, ...(tag === 'a' ? addressIn(attributes ?? '') : {}), pieces: [] };
      into.push(element);
      if (!VOID.has(tag)) open.push(element);
    } else if (tag === 'img') {
      into.push(attributeIn(attributes ?? '', 'alt') ?? '');
    }
  }
  return root;
}

/** Build what `readMarkup` read. */
export function markupNodes(markup: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  build(readMarkup(markup), fragment);
  return fragment;
}

function build(pieces: Piece[], into: Node): void {
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      into.appendChild(document.createTextNode(piece));
      continue;
    }
    const element = document.createElement(piece.tag);
    if (element instanceof HTMLAnchorElement && piece.href !== undefined) {
      element.href = piece.href;
      element.target = '_blank';
      element.rel = 'noopener noreferrer';
    }
    build(piece.pieces, element);
    into.appendChild(element);
  }
}

function addressIn(attributes: string): { href?: string } {
  const href = attributeIn(attributes, 'href')?.trim();
  return href !== undefined && /^(https?:\/\/|mailto:|tel:)/i.test(href) ? { href } : {};
}

function attributeIn(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(attributes);
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : decoded(value);
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal?: string, hex?: string, named?: string) => {
    if (named !== undefined) return NAMED[named.toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(decimal, 10);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
