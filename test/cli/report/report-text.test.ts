import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sumOfTotals } from '../../../src/cli/report/periods.ts';
import type { Report, ReportRow } from '../../../src/cli/report/report.ts';
import { textOf } from '../../../src/cli/report/report-text.ts';
import type { Totals } from '../../../src/snapshot/shapes.ts';

const NOTHING = sumOfTotals([]);
const PLAIN = { width: null, rows: null, colours: false };

function totals(figures: Partial<Totals>): Totals {
  return { ...NOTHING, records: 1, ...figures };
}

function daily(rows: readonly ReportRow[], rest: Partial<Report> = {}): Report {
  return {
    kind: 'daily',
    rows,
    totals: sumOfTotals(rows.map((row) => row.totals)),
    matches: rows.length,
    window: { since: '2026-11-21', until: '2026-11-22', timeZone: 'Europe/Paris' },
    missing: [],
    snapshot: {
      id: 'a.1',
      builtAt: 0,
      verifiedAt: 0,
      staleAt: 0,
      state: 'fresh',
      refreshing: false,
      coverage: { transcripts: 3, pending: 0, failed: 0, retained: 0, bytes: 0 },
    },
    ...rest,
  };
}

const rows: ReportRow[] = [
  {
    about: { date: '2026-11-21' },
    totals: totals({ input: 1_234_567, totalTokens: 1_234_567, cost: 12.5, costNano: '12500000000' }),
    models: [{ modelName: 'anthropic/claude', totalTokens: 1_234_567, cost: 12.5 }],
  },
  {
    about: { date: '2026-11-22' },
    totals: totals({ output: 89, totalTokens: 89, cost: 0.5, costNano: '500000000', missing: 1, records: 2 }),
    models: [{ modelName: null, totalTokens: 89, cost: 0.5 }],
  },
];

describe('a report for a terminal', () => {
  it('says what it shows, at which prices, row by row and in sum', () => {
    expect(textOf(daily(rows), PLAIN)).toMatchInlineSnapshot(`
      "Usage by day, 2026-11-21 to 2026-11-22 (Europe/Paris), cost at list prices

      Date            Input  Output  Cache write  Cache read      Total     Cost  Models
      2026-11-21  1,234,567       0            0           0  1,234,567   $12.50  anthropic/claude
      2026-11-22          0      89            0           0         89   $0.50+  others
      ──────────────────────────────────────────────────────────────────────────
      Total       1,234,567      89            0           0  1,234,656  $13.00+

      Without a price, and so not in the cost: 1 record: .
      "
    `);
  });

  it('says of which models the price is missing', () => {
    const missing = [{ provider: 'local', model: 'm\u001b[31m', records: 1, tokens: 89 }];
    expect(textOf(daily(rows, { missing }), PLAIN)).toContain(
      '\n\nWithout a price, and so not in the cost: 1 record: local/m [31m (1).\n',
    );
  });

  it('shows a cost that is wholly unknown as no cost', () => {
    const unknown = { about: { date: '2026-11-22' }, totals: totals({ missing: 1 }), models: [] };
    expect(textOf(daily([unknown]), PLAIN)).toMatch(/^2026-11-22 .* no price$/m);
  });

  it('fits the width of the terminal', () => {
    for (const width of [60, 80, 120]) {
      for (const line of textOf(daily(rows), { ...PLAIN, width })
        .split('\n')
        .slice(1)) {
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });

  it('shows the latest days where there is no room for all, and says how many it leaves out', () => {
    const text = textOf(daily(rows), { ...PLAIN, rows: 1 });
    expect(text).not.toMatch(/^2026-11-21 /m);
    expect(text).toMatch(/^2026-11-22 /m);
    expect(text).toContain('\n1 more row.\n');
  });

  it('says what is wrong with its figures', () => {
    const { snapshot } = daily([]);
    const coverage = { ...snapshot.coverage, pending: 2, failed: 1 };
    const text = textOf(daily(rows, { snapshot: { ...snapshot, state: 'degraded', coverage } }), PLAIN);
    expect(text).toContain('2 transcripts still to be read');
    expect(text).toContain('1 transcript could not be read');
  });

  it('says that there is nothing where there is nothing', () => {
    expect(textOf(daily([]), PLAIN)).toContain('\nNothing was used.\n');
  });

  it('has colours only where they are wanted', () => {
    const plain = textOf(daily(rows), PLAIN);
    const coloured = textOf(daily(rows), { ...PLAIN, colours: true });
    expect(plain).not.toContain('\u001b');
    expect(coloured).toContain('\u001b[1m');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});
