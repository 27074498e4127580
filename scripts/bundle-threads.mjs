/**
 * Puts what a thread loads at its start into one file, in place of its built entry: finding, reading and linking dozens of
 * modules took a thread more time than its work on a small store. The other built files stay, for everything else.
 */
import { dirname, join, parse } from 'node:path';
import { build } from 'vite';

const DIST = join(import.meta.dirname, '../dist');
const ENTRIES = ['compute/scan.worker.js', 'snapshot/keeper.worker.js'];

for (const entry of ENTRIES) {
  const { name } = parse(entry);
  await build({
    configFile: false,
    logLevel: 'warn',
    root: DIST,
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      outDir: join(DIST, dirname(entry)),
      emptyOutDir: false,
      rolldownOptions: {
        input: join(DIST, entry),
        output: { entryFileNames: '[name].js', chunkFileNames: `${name}.[name].js` },
      },
    },
  });
}
