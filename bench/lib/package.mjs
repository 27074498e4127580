// The packed package, unpacked as npm would install it: what is measured is what is published.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './children.mjs';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Packs dist as it is, without building again; gives the directory of the unpacked package. */
export async function unpackPackage(directory) {
  mkdirSync(directory, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory];
  const { stdout } = await run('npm', args, { cwd: project });
  const [{ filename }] = JSON.parse(stdout);
  await run('tar', ['-xzf', join(directory, filename), '-C', directory]);
  const unpacked = join(directory, 'package');
  symlinkSync(join(project, 'node_modules'), join(unpacked, 'node_modules'));
  return unpacked;
}
