/** Where a worker's entry lies: always a built file, since threads cannot load TypeScript on every supported Node. */
import { fileURLToPath } from 'node:url';

/** `path` is relative to this file's folder, without its extension. The tests run the sources, beside a fresh build. */
export function workerFile(path: string): string {
  const here = import.meta.url.replace(/\/src\/(?=snapshot\/[^/]+\.ts$)/, '/dist/');
  return fileURLToPath(new URL(`${path}.js`, here));
}
