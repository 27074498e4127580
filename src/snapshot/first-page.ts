/**
 * The figures of the overview as markup: what the page shows before any of its code runs. Rendered with every snapshot,
 * from the same figures as the view that comes with it.
 */
import { dollars, shortCount } from '../page/format.ts';
import { tilesOf, windowWords } from '../page/overview.ts';
import { type UsageQuery, usageQuery } from './query.ts';
import type { UsageFigures } from './shapes.ts';

/** As many models as the table shows before it is asked for more. */
const MODELS = 8;

/** The question whose figures the page begins with. */
export function firstPageQuery(timeZone: string): UsageQuery {
  return usageQuery({ timeZone }, {}, 'model');
}

/** Under which name its markup lies beside the views of a snapshot. */
export function firstPageKey(timeZone: string): string {
  return JSON.stringify(['page', timeZone]);
}

export function firstPageMarkup(figures: UsageFigures): string {
  const tiles = tilesOf(figures).map(
    ({ title, text, value, change, note }) =>
      `<article class="tile"><h2>${title}</h2><p class="figure" elementtiming="figure"><data value="${value ?? ''}">${text}</data></p>` +
      `<p class="change">${change ?? ''}</p><p class="note">${note}</p></article>`,
  );
  const rows = figures.byModel
    .slice(0, MODELS)
    .map(
      ({ provider, model, totals }) =>
        `<tr><th scope="row">${escaped(model ?? 'unknown')} <small>${escaped(provider ?? '')}</small></th>` +
        `<td>${totals.missing === totals.records ? 'no price' : dollars(totals.cost)}</td><td>${shortCount(totals.totalTokens)}</td></tr>`,
    );
  return (
    `<section class="tiles" aria-label="Totals">${tiles.join('')}</section>` +
    `<section class="card chart"><header><h2>${windowWords(figures.window)}</h2></header><div class="plot"></div></section>` +
    '<div class="tables"><section class="card"><header><h2>Models</h2></header><table><thead><tr><th scope="col">Model</th>' +
    `<th scope="col">Cost</th><th scope="col">Tokens</th></tr></thead><tbody>${rows.join('')}</tbody></table></section></div>`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
