const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Make an id that sorts by time (https://github.com/ulid/spec).
 *
 * `now` is epoch milliseconds; `bytes` are 10 random bytes, because the core of the client has no random source.
 */
export function ulid(now: number, bytes: Uint8Array): string {
  let time = '';
  for (let left = now, place = 0; place < 10; place++) {
    time = ALPHABET.charAt(left % 32) + time;
    left = Math.floor(left / 32);
  }
  let random = '';
  for (let place = 0; place < 16; place++) {
    const bit = place * 5;
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    random += ALPHABET.charAt((pair >> (11 - (bit & 7))) & 31);
  }
  return time + random;
}
