/** Turns the figures of a view into the bytes that are served. */
import type { Rendering } from '../rendering.ts';
import { JoinedSections } from './joined-sections.ts';
import { SectionWriter, type WrittenView } from './section-writer.ts';
import { sectionsOf } from './sections.ts';

export type { Rendering };

/** Renders figures as they are rendered for a view that is kept ready, entity tag included. */
export function render(figures: object): Rendering {
  // Nothing was written before.
  const { etag, changed } = new SectionWriter().write(sectionsOf(figures)) as WrittenView;
  return new JoinedSections(etag, changed);
}
