// Random numbers that every scan of the same token agrees on: a hash of (seed, source, document, position). A sample is
// what has the smallest hashes, so samples of two parts put together are the sample of the whole, in whatever order.

/** FNV-1a of a text's UTF-16 code units, 32 bits. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** 32 bits; `stem` is the hash of seed and source. */
export function hashToken(stem: number, document: number, position: number): number {
  return mix(mix(mix(stem) ^ document) ^ position);
}

/** MurmurHash3's finaliser: every bit of the result depends on every bit of h. */
function mix(h: number): number {
  let hash = (h ^ 0x9e3779b9) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
