/** What the state directories beside the first one are called: the part behind the `@` of their agents' ids. */
import { createHash } from 'node:crypto';
import { sep } from 'node:path';

/** What state directories are usually called, which tells none from another. */
const USUAL = /^\.?(openclaw|clawdbot|state)$/;

/**
 * A name for each directory, null for the first. A name depends on the directories before it only, so that one more at
 * the end renames none: the profile's, or the last part of the path that says something and is not taken.
 */
export function stateNames(
  directories: readonly { readonly directory: string; readonly profile: string | null }[],
): (string | null)[] {
  const taken = new Set<string>();
  return directories.map(({ directory, profile }, at) => {
    if (at === 0) return null;
    const parts = directory.split(sep).reverse().map(plain);
    const candidates = profile === null ? parts.filter((part) => !USUAL.test(part)) : [plain(profile), ...parts];
    const name = candidates.find((candidate) => candidate !== '' && !taken.has(candidate)) ?? hashOf(directory);
    taken.add(name);
    return name;
  });
}

/** In the letters of agent ids; `work` of `.openclaw-work`. */
function plain(part: string): string {
  const name = part.toLowerCase().replace(/^\.?(openclaw|clawdbot)-(?=.)/, '');
  return name
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}

function hashOf(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 8);
}
