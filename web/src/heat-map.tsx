/** When things are used: a table of weekdays and hours. It asks for the hours of the window once it comes into sight. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { usageAddress } from '../../src/page/route.ts';
import type { Window } from '../../src/snapshot/window.ts';
import { useAnswer } from './answers.ts';
import { amount } from './figures.tsx';
import { hourOf, WEEKDAYS } from './moments.ts';
import type { UsageAnswer } from './overview.tsx';
import { place, timeZone } from './place.ts';
import { Scroll } from './scroll.tsx';

/** The service gives hours of as many days at most. */
const MAX_DAYS = 366;
/** Hours of more days than this are megabytes: they are asked for on request, and not again with every change. */
const MAX_LIVE_DAYS = 92;
const LEVELS = 6;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function HeatMap({ window }: { window: Window }) {
  const [seen, setSeen] = useState(false);
  /** The question of many days that was asked for. */
  const [wanted, setWanted] = useState('');
  const section = useRef<HTMLElement>(null);
  const days = Math.round((window.end - window.start) / 86_400_000);
  const isLong = days > MAX_LIVE_DAYS;
  const address = usageAddress(place.value, timeZone.value).replace('granularity=day', 'granularity=hour');
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), {
      rootMargin: '200px',
    });
    observer.observe(section.current as HTMLElement);
    return () => observer.disconnect();
  }, []);
  return (
    <section class="card" ref={section}>
      <header>
        <h2>
          Hours of the week <small>{timeZone.value}</small>
        </h2>
      </header>
      {days > MAX_DAYS ? (
        <p class="empty">For windows of up to {MAX_DAYS} days.</p>
      ) : isLong && wanted !== address ? (
        <button type="button" onClick={() => setWanted(address)}>
          Add up the hours of {days} days
        </button>
      ) : seen ? (
        <Hours address={address} live={!isLong} />
      ) : (
        <p class="empty">…</p>
      )}
    </section>
  );
}

function Hours({ address, live }: { address: string; live: boolean }) {
  const { measure } = place.value;
  const { answer } = useAnswer<UsageAnswer>(address, live);
  const sums = useMemo(() => {
    const table = WEEKDAYS.map(() => HOURS.map(() => 0));
    for (const { start, totals } of answer?.series ?? []) {
      const { weekday, hour } = hourOf(start);
      const row = table[weekday];
      if (row !== undefined) row[hour] = (row[hour] ?? 0) + (measure === 'cost' ? totals.cost : totals.totalTokens);
    }
    return table;
  }, [answer, measure]);
  if (answer === null) return <p class="empty">…</p>;
  const most = Math.max(...sums.flat());
  // By the root: a few hours far above all others would leave the rest the same.
  const levelOf = (value: number) => (value === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(value / most) * LEVELS)));
  return (
    <Scroll label="Hours of the week">
      <table class="heat">
        <thead>
          <tr>
            <td />
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                {hour}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sums.map((row, weekday) => (
            <tr key={WEEKDAYS[weekday]}>
              <th scope="row">{WEEKDAYS[weekday]}</th>
              {row.map((value, hour) => (
                <td
                  key={hour}
                  class={`h${levelOf(value)}`}
                  title={`${WEEKDAYS[weekday]} ${hour}:00 to ${hour + 1}:00: ${amount(value, measure)}`}
                >
                  <span class="hidden">{amount(value, measure)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
