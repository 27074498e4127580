import { expect, test } from 'vitest';
import { dollars } from '../../src/page/format.ts';
import { firstPageMarkup, firstPageQuery } from '../../src/snapshot/first-page.ts';
import type { UsageFigures } from '../../src/snapshot/shapes.ts';
import { Views } from '../../src/snapshot/views.ts';
import { keptStore, REFRESHED_AT } from '../support/kept-store.ts';
import { randomStore } from '../support/random-store.ts';

const { keeper } = keptStore(randomStore(3));
const figures = new Views(keeper, 'test').build(firstPageQuery('UTC'), REFRESHED_AT) as UsageFigures;

test('the markup says the figures of the view, with their exact values', () => {
  const markup = firstPageMarkup(figures);
  expect(markup).toContain(`<data value="${figures.totals.cost}">${dollars(figures.totals.cost)}</data>`);
  expect(markup).toContain(`<data value="${figures.totals.totalTokens}">`);
  expect(markup).toContain(`<data value="${figures.sessionCount}">`);
});

test('a model whose price is not known has none, not zero', () => {
  const [row] = figures.byModel;
  const totals = { ...row!.totals, cost: 0, missing: row!.totals.records };
  expect(firstPageMarkup({ ...figures, totals, byModel: [{ ...row!, totals }] })).not.toContain('$0.00');
});

test('a name is text, whatever it holds', () => {
  const [row] = figures.byModel;
  const model = '<script>alert("x")</script> & \'y\'';
  const markup = firstPageMarkup({ ...figures, byModel: [{ ...row!, model }] });
  expect(markup).not.toContain('<script');
  expect(markup).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; &#39;y&#39;');
});
