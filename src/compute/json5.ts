/** JSON as people write it: most of it is strict, and the parser of the rest is loaded by those threads only that meet it. */
import { createRequire } from 'node:module';
import type JSON5 from 'json5';

/** Parses JSON5, of which JSON is a part. Throws an error that says where it is neither. */
export function parseJson5(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return (createRequire(import.meta.url)('json5') as typeof JSON5).parse(text);
  }
}
