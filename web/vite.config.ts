/** Builds the dashboard into dist/web, with every file that can be asked for also in gzip and brotli. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUT = join(import.meta.dirname, '../dist/web');

/** Compressed once, as well as can be: the service only sends. */
const compressed: Plugin = {
  name: 'compressed',
  closeBundle() {
    const assets = join(OUT, 'assets');
    for (const name of readdirSync(assets)) {
      const bytes = readFileSync(join(assets, name));
      writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      writeFileSync(
        join(assets, `${name}.br`),
        brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
      );
    }
  },
};

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the page works under any base path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Of the libraries that the pages are built with: their licences ask for it.
    license: { fileName: 'licenses.md' },
    rolldownOptions: { input: [join(import.meta.dirname, 'index.html'), join(import.meta.dirname, 'login.html')] },
  },
  plugins: [compressed],
});
