/** Budgets, where the service has any: what is spent of each, what it comes to, and what is the matter with it. */
import { dollars, percent, shortCount } from '../../src/page/format.ts';
import type { BudgetRow, BudgetsFigures, SnapshotHead } from '../../src/snapshot/shapes.ts';
import { useAnswer } from './answers.ts';
import { facts } from './facts.ts';
import { Count, Dollars, Share } from './figures.tsx';
import { dayWords, timeWithin } from './moments.ts';
import { follow, hrefOf } from './place.ts';
import { Scroll } from './scroll.tsx';

type BudgetsAnswer = BudgetsFigures & { readonly snapshot: SnapshotHead };

const PER_WORDS = { day: 'a day', week: 'a week', month: 'a month' };

export function Budgets() {
  return facts.budgets ? <BudgetsCard /> : null;
}

function BudgetsCard() {
  const { answer } = useAnswer<BudgetsAnswer>('v1/budgets');
  if (answer === null) return null;
  return (
    <section class="card">
      <header>
        <h2>Budgets</h2>
      </header>
      <Scroll label="Budgets">
        <table class="budgets">
          <thead>
            <tr>
              <th scope="col">Budget</th>
              <th scope="col">Spent</th>
              <th scope="col">Limit</th>
              <th scope="col">Share</th>
              <th scope="col">Expected at the end</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {answer.budgets.map((budget) => (
              <BudgetLine key={budget.name} budget={budget} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function BudgetLine({ budget }: { budget: BudgetRow }) {
  const { name, filters, per, period, unit, limit, spent, share, missing, forecast } = budget;
  const { startDate, endDate, timeZone } = period;
  const amountOf = unit === 'usd' ? dollars : shortCount;
  const { tone, text } = stateOf(budget);
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf({ range: null, startDate, endDate, timeZone, filters })} onClick={follow}>
          {name}
        </a>{' '}
        <small>{aboutOf(budget)}</small>
        <Share of={spent} whole={limit} color={share >= 1 ? 'over' : undefined} />
      </th>
      <td>{unit === 'usd' ? <Dollars value={spent} missing={missing} /> : <Count value={spent} />}</td>
      <td>
        {amountOf(limit)} <small>{PER_WORDS[per]}</small>
      </td>
      <td>{percent(share)}</td>
      <td>
        {forecast === null ? '' : amountOf(forecast.spent)}{' '}
        <small>{forecast === null ? '' : `by ${dayWords(endDate)}`}</small>
      </td>
      <td class={tone}>{text}</td>
    </tr>
  );
}

/** The worst that is to be said of it. */
function stateOf({ per, period, share, crossed, forecast }: BudgetRow): { tone: string; text: string } {
  if (share >= 1) return { tone: 'exceeded', text: 'over its limit' };
  const limitAt = forecast?.limitAt ?? null;
  if (limitAt !== null) {
    const when = timeWithin(limitAt, per === 'day' ? 0 : period.end - period.start);
    return { tone: 'unknown', text: `limit expected ${per === 'day' ? 'at' : 'on'} ${when}` };
  }
  return crossed === null ? { tone: '', text: 'within its limit' } : { tone: 'unknown', text: `past ${crossed} %` };
}

/** What it restricts itself to. */
function aboutOf({ filters }: BudgetRow): string {
  const names = Object.values(filters).flat();
  return names.length === 0 ? 'everything' : names.join(', ');
}
