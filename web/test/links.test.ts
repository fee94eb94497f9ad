import { expect, it } from 'vitest';
import { segments } from '../client/links';

const links = (text: string) => segments(text).filter((segment) => segment.href).map((segment) => segment.href);

it.each([
  ['See https://example.com/a?b=c#d, please.', ['https://example.com/a?b=c#d']],
  ['(http://example.com)', ['http://example.com/']],
  ['https://en.wikipedia.org/wiki/Bell_(instrument)', ['https://en.wikipedia.org/wiki/Bell_(instrument)']],
  ['https://a.example and https://b.example!', ['https://a.example/', 'https://b.example/']],
  ['javascript:alert(1) data:text/html,x ftp://example.com //example.com example.com', []],
  ['https://"onmouseover=alert(1)', []],
])('finds the web addresses in %j', (text, expected) => {
  expect(links(text)).toEqual(expected);
});

it.each(['', 'no link', 'https://example.com', 'a https://example.com b', '<https://example.com>'])('loses nothing of %j', (text) => {
  expect(segments(text).map((segment) => segment.text).join('')).toBe(text);
});
