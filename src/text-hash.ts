/** A 32-bit number for a text: where a hundred thousand texts have to be told apart and not kept. */

/** FNV-1a over UTF-16 units, with its bits mixed once more: tables take the lowest. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
