// Writes the man page into dist/, from the program that lies there. Part of the build.
import { mkdirSync, writeFileSync } from 'node:fs';
import { manPage } from '../dist/cli/man-page.js';
import { outlineOf } from '../dist/cli/outline.js';
import { programOf } from '../dist/cli/program.js';
import { version } from '../dist/version.js';

const directory = new URL('../dist/man/', import.meta.url);
mkdirSync(directory, { recursive: true });
writeFileSync(new URL('clawgauge.1', directory), manPage(outlineOf(programOf(() => process.exit(1))), version));
