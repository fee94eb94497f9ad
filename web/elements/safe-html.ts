/**
 * The markup an administrator may write into a notice: simple prose and links. Everything else is dropped, its words kept.
 */
const ALLOWED = new Set(['A', 'B', 'BR', 'EM', 'I', 'LI', 'OL', 'P', 'STRONG', 'U', 'UL']);
const DROPPED = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'NOSCRIPT', 'TITLE', 'SVG', 'MATH']);

interface Policies {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): { createHTML: (text: string) => string };
}

let policy: { createHTML: (text: string) => string } | undefined;

/** Build nodes from markup that is not trusted. The text is parsed into a document that runs and loads nothing. */
export function safeHtml(markup: string): DocumentFragment {
  policy ??= (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('deskbell-notice', { createHTML: (text) => text }) ?? {
    createHTML: (text) => text,
  };
  const parsed = new DOMParser().parseFromString(policy.createHTML(markup), 'text/html');
  const fragment = document.createDocumentFragment();
  copy(parsed.body, fragment);
  return fragment;
}

function copy(from: Node, to: Node): void {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.appendChild(document.createTextNode(node.textContent ?? ''));
    if (!(node instanceof Element) || DROPPED.has(node.tagName.toUpperCase())) continue;
    if (!ALLOWED.has(node.tagName)) {
      copy(node, to);
      continue;
    }
    const element = document.createElement(node.tagName);
    if (element instanceof HTMLAnchorElement) linkTo(element, node.getAttribute('href'));
    copy(node, element);
    to.appendChild(element);
  }
}

function linkTo(anchor: HTMLAnchorElement, href: string | null): void {
  if (!href || !/^(https?:|mailto:|tel:)/i.test(href.trim())) return;
  anchor.href = href.trim();
  anchor.target = '_blank';
  anchor.rel = 'noopener noreferrer';
}
