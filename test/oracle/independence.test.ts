import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ORACLE = new URL('.', import.meta.url);

test('the oracle imports nothing of what it checks', () => {
  const files = readdirSync(fileURLToPath(ORACLE)).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(5);
  for (const name of files) {
    const text = readFileSync(new URL(name, ORACLE), 'utf8');
    const imported = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string);
    expect(
      imported.filter((path) => path.includes('/src/')),
      name,
    ).toEqual([]);
  }
});
