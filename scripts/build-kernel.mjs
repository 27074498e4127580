/** Compiles src/compute/kernel/*.wat into one module and writes it as text that the sources import; a test holds both alike. */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const PARTS = ['lines', 'strings', 'values', 'numbers', 'members'];
const folder = new URL('../src/compute/kernel/', import.meta.url);
const target = new URL('../src/compute/scan-kernel-code.ts', import.meta.url);

/** The module's bytes in base64. */
export async function compileKernel() {
  const { parseWat } = await wabt();
  const parts = PARTS.map((part) => readFileSync(new URL(`${part}.wat`, folder), 'utf8'));
  const source = `(module (import "scan" "memory" (memory 1))\n${parts.join('\n')})`;
  const module = parseWat('kernel.wat', source, { simd: true, bulk_memory: true });
  return Buffer.from(module.toBinary({}).buffer).toString('base64');
}

/** The source file that holds the module. */
export async function kernelSource() {
  const lines = (await compileKernel()).match(/.{1,100}/g).map((line) => `  '${line}',`);
  return `/** kernel/*.wat compiled; made by \`npm run build:kernel\`, not by hand. */\nexport const kernelCode = [\n${lines.join('\n')}\n].join('');\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(target, await kernelSource());
