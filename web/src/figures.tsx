/** Figures on the screen: short to the eye, with the exact value in the markup and under the pointer. */
import { count, dollars, shortCount } from '../../src/page/format.ts';
import type { Measure } from '../../src/page/route.ts';
import type { Totals } from '../../src/snapshot/shapes.ts';
import { hasNoPrice } from './chart-layers.ts';

/** Dollars, with a plus where some of it has no price, or that nothing of it has a price. */
export function Cost({ totals }: { totals: Pick<Totals, 'cost' | 'records' | 'missing'> }) {
  if (hasNoPrice(totals)) return <span class="unknown">no price</span>;
  return <Dollars value={totals.cost} missing={totals.missing} />;
}

/** Dollars, with a plus where there are calls without a price. */
export function Dollars({ value, missing }: { value: number; missing: number }) {
  const note = missing > 0 ? `, without ${count(missing)} calls that have no price` : '';
  return (
    <data value={value} title={`$${value}${note}`}>
      {dollars(value)}
      {missing > 0 ? '+' : ''}
    </data>
  );
}

export function Count({ value }: { value: number }) {
  return (
    <data value={value} title={count(value)}>
      {shortCount(value)}
    </data>
  );
}

/** How much of the whole something is, as a bar; the figures beside it say the same. */
export function Share({ of, whole, color }: { of: number; whole: number; color?: string | undefined }) {
  const width = whole > 0 ? Math.max(0, Math.min(1, of / whole)) * 100 : 0;
  return (
    <svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="6" class="track" />
      <rect width={width} height="6" class={color ?? 'fill'} />
    </svg>
  );
}

/** A cost or a count of tokens, as text. */
export function amount(value: number, measure: Measure): string {
  return measure === 'cost' ? dollars(value) : shortCount(value);
}
