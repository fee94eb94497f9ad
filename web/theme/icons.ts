import { svg, html, type TemplateResult } from 'lit';

const icon = (paths: TemplateResult<2>) => html`<svg viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`;

export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6L6 18" />`);
export const sendIcon = icon(svg`<path d="M4 12l16-8-6 16-3-7-7-1z" />`);
export const backIcon = icon(svg`<path d="M15 5l-7 7 7 7" />`);
export const bellIcon = icon(svg`<path d="M4 17h16M6 17a6 6 0 0 1 12 0M12 11V8M10 8h4M3 20h18" />`);
export const chatIcon = icon(svg`<path d="M4 5h16v11H9l-5 4z" />`);
