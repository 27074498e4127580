/** A rendering in sections, which others of the same view may have in common with it; joined whenever somebody asks. */
import type { Rendering } from '../rendering.ts';
import type { Bytes } from '../units.ts';
import type { WrittenSection } from './section-writer.ts';

export class JoinedSections implements Rendering {
  readonly etag: string;
  readonly sections: readonly WrittenSection[];

  constructor(etag: string, sections: readonly WrittenSection[]) {
    this.etag = etag;
    this.sections = sections;
  }

  get rest(): Uint8Array {
    return joined(this.sections.map(({ plain }) => plain));
  }

  get restDeflated(): Uint8Array {
    return joined(this.sections.map(({ deflated }) => deflated));
  }
}

/** What a rendering takes, without joining it. */
export function sizeOf(rendering: Rendering): Bytes {
  if (!(rendering instanceof JoinedSections)) return rendering.rest.byteLength + rendering.restDeflated.byteLength;
  return rendering.sections.reduce((sum, { plain, deflated }) => sum + plain.byteLength + deflated.byteLength, 0);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
