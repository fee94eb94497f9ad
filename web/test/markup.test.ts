import { expect, it } from 'vitest';
import { readMarkup } from '../elements/markup';

it('keeps prose and web addresses', () => {
  expect(readMarkup('<p>See <a href="https://example.com/?a=1&amp;b=2">answers</a> &lt;now&gt;</p>')).toEqual([
    { tag: 'p', pieces: ['See ', { tag: 'a', href: 'https://example.com/?a=1&b=2', pieces: ['answers'] }, ' <now>'] },
  ]);
});

it('drops what is not prose, with the text of what runs', () => {
  const markup = '<script>alert(1)</script><style>p{}</style><form action="/x">words</form><img src=x onerror=alert(2) alt="a picture"><!-- no -->';
  expect(readMarkup(markup)).toEqual(['words', 'a picture']);
});

it.each(['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'data:text/html,x', '&#106;avascript:alert(1)', '//example.com', '/relative'])('gives no address to %s', (href) => {
  expect(readMarkup(`<a href="${href}">x</a>`)).toEqual([{ tag: 'a', pieces: ['x'] }]);
});

it('survives markup that was never closed or never opened', () => {
  expect(readMarkup('</p><ul><li>one<li>two</ul>three < four <')).toEqual([
    { tag: 'ul', pieces: [{ tag: 'li', pieces: ['one', { tag: 'li', pieces: ['two'] }] }] },
    'three ',
    '<',
    ' four ',
    '<',
  ]);
});

it('reads long hostile input in linear time', () => {
  const began = performance.now();
  readMarkup(`${'<a '.repeat(50_000)}${'<p x="'.repeat(1_000)}`);
  expect(performance.now() - began).toBeLessThan(2_000);
});
