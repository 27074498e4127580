/** The frame of every page: where one is, how fresh it is, and what it is about. */
import { useEffect } from 'preact/hooks';
import type { PageName } from '../../src/page/route.ts';
import { Badge } from './badge.tsx';
import { Controls } from './controls.tsx';
import { facts } from './facts.ts';
import { Notices } from './notices.tsx';
import { Overview } from './overview.tsx';
import { follow, hrefOf, place } from './place.ts';
import { ServicePage } from './service-page.tsx';
import { SessionPage } from './session-page.tsx';
import { SessionsPage } from './sessions-page.tsx';

const LINKS: readonly [PageName, string][] = [
  ['overview', 'Overview'],
  ['sessions', 'Sessions'],
  ['service', 'Service'],
];

export function App() {
  const { page, session } = place.value;
  useEffect(() => {
    const name = page === 'session' ? session : titleOf(page);
    document.title = page === 'overview' ? 'Clawgauge' : `${name} · Clawgauge`;
  }, [page, session]);
  return (
    <>
      <header class="top">
        <a class="brand" href="?" onClick={follow}>
          Clawgauge
        </a>
        <nav aria-label="Pages">
          {LINKS.map(([name, title]) => (
            <a
              key={name}
              href={hrefOf({ page: name, session: '', q: '' })}
              onClick={follow}
              aria-current={name === page || (page === 'session' && name === 'sessions') ? 'page' : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        <Badge />
      </header>
      {page === 'service' ? null : <Controls />}
      <Notices />
      <main>
        {page === 'session' ? null : <h1 class="hidden">{titleOf(page)}</h1>}
        <Page page={page} />
      </main>
      <footer>
        <p>
          Clawgauge {facts.version} · costs are at list prices · <a href="openapi.json">API</a>
        </p>
        {facts.login ? (
          <form method="post" action="logout">
            <button type="submit" class="quiet">
              Log out
            </button>
          </form>
        ) : null}
      </footer>
    </>
  );
}

function titleOf(page: PageName): string {
  return LINKS.find(([link]) => link === page)?.[1] ?? '';
}

function Page({ page }: { page: PageName }) {
  switch (page) {
    case 'overview':
      return <Overview />;
    case 'sessions':
      return <SessionsPage />;
    case 'session':
      return <SessionPage />;
    case 'service':
      return <ServicePage />;
  }
}
