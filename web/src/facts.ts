/** What came inside the page: facts about the service, and the first figures. */
import type { PageFacts } from '../../src/page/route.ts';
import type { SnapshotHead } from '../../src/snapshot/shapes.ts';

/** Any answer of /v1 with a head; what else it has, its address tells. */
export interface Headed {
  readonly snapshot: SnapshotHead | null;
}

export const facts = contents('facts') as PageFacts;

/** Null where none came. */
export const embeddedFigures = contents('figures') as Headed | null;

function contents(id: string): unknown {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null');
}
