import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from './pages.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Links to other files and to headings, as they are written; not those to other sites. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
}

/** The fragments under which GitHub shows the headings of a page. */
function fragmentsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each([...pages])('the links of %s', (path, text) => {
  it('lead to files that are there, and to headings that they have', () => {
    for (const link of linksOf(text)) {
      const [file = '', fragment] = link.split('#', 2);
      const target = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file));
      expect(existsSync(join(ROOT, target)), link).toBe(true);
      if (fragment !== undefined) expect(fragmentsOf(pages.get(target) ?? ''), link).toContain(fragment);
    }
  });
});
