/** Compiles src/compute/scan-kernel.wat and writes the module as text that the sources import; a test holds both alike. */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const source = new URL('../src/compute/scan-kernel.wat', import.meta.url);
const target = new URL('../src/compute/scan-kernel-code.ts', import.meta.url);

/** The module's bytes in base64. */
export async function compileKernel() {
  const { parseWat } = await wabt();
  const module = parseWat('scan-kernel.wat', readFileSync(source, 'utf8'), { simd: true });
  return Buffer.from(module.toBinary({}).buffer).toString('base64');
}

/** The source file that holds the module. */
export async function kernelSource() {
  const lines = (await compileKernel()).match(/.{1,100}/g).map((line) => `  '${line}',`);
  return `/** scan-kernel.wat compiled; made by \`npm run build:kernel\`, not by hand. */\nexport const kernelCode = [\n${lines.join('\n')}\n].join('');\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(target, await kernelSource());
