/** What the figures are about: window, zone, filters. */
import { useState } from 'preact/hooks';
import { DIMENSIONS, RANGE_NAMES } from '../../src/page/route.ts';
import { facts } from './facts.ts';
import { browserZone, follow, go, hrefOf, place, timeZone } from './place.ts';

const RANGE_WORDS = { today: 'Today', '7d': '7 days', '30d': '30 days', '90d': '90 days', '1y': 'Year', all: 'All' };

export function Controls() {
  const { range, page } = place.value;
  return (
    <section class="controls" aria-label="What is shown">
      <nav class="segments" aria-label="Window">
        {RANGE_NAMES.map((name) => (
          <a
            key={name}
            href={hrefOf({ range: name, startDate: null, endDate: null })}
            onClick={follow}
            aria-current={name === range ? 'true' : undefined}
          >
            {RANGE_WORDS[name]}
          </a>
        ))}
      </nav>
      <Dates />
      <ZoneChoice />
      {page === 'session' ? null : <Filters />}
    </section>
  );
}

function Dates() {
  const { startDate, endDate } = place.value;
  const [start, setStart] = useState(startDate ?? '');
  const [end, setEnd] = useState(endDate ?? '');
  const [from, to] = [start || (startDate ?? ''), end || (endDate ?? '')];
  const submit = (event: Event) => {
    event.preventDefault();
    if (from !== '' && to !== '' && from <= to) go({ range: null, startDate: from, endDate: to });
  };
  return (
    <details class="menu" open={false}>
      <summary>{startDate === null ? 'Dates' : `${startDate} to ${endDate}`}</summary>
      <form onSubmit={submit}>
        <label>
          From <input type="date" value={from} onInput={(event) => setStart(event.currentTarget.value)} required />
        </label>
        <label>
          To <input type="date" value={to} onInput={(event) => setEnd(event.currentTarget.value)} required />
        </label>
        <button type="submit">Show</button>
      </form>
    </details>
  );
}

function ZoneChoice() {
  const [all, setAll] = useState<readonly string[]>([]);
  const common = [...new Set([timeZone.value, browserZone, facts.serviceTimeZone, 'UTC'])];
  // Some four hundred names: only for who opens the list.
  const fill = () => setAll(Intl.supportedValuesOf('timeZone').filter((name) => !common.includes(name)));
  return (
    <label class="zone">
      <span>Time zone</span>
      <select
        value={timeZone.value}
        onPointerDown={fill}
        onFocus={fill}
        onChange={(event) => go({ timeZone: event.currentTarget.value })}
      >
        {common.map((name) => (
          <option key={name} value={name}>
            {name}
            {name === facts.serviceTimeZone ? ' (of the service)' : name === browserZone ? ' (of this browser)' : ''}
          </option>
        ))}
        {all.length > 0 ? (
          <optgroup label="All">
            {all.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </optgroup>
        ) : null}
      </select>
    </label>
  );
}

function Filters() {
  const { filters } = place.value;
  const chosen = DIMENSIONS.flatMap((dimension) => filters[dimension].map((value) => ({ dimension, value })));
  if (chosen.length === 0) return null;
  return (
    <ul class="filters" aria-label="Filters">
      {chosen.map(({ dimension, value }) => {
        const rest = filters[dimension].filter((other) => other !== value);
        return (
          <li key={`${dimension} ${value}`}>
            <a
              class="chip"
              href={hrefOf({ filters: { ...filters, [dimension]: rest } })}
              onClick={follow}
              aria-label={`Remove the filter ${dimension} ${value}`}
            >
              {dimension}: <b>{value}</b> <span aria-hidden="true">×</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
