/** The dashboard in the browser: takes over from the page's own markup. */
import { render } from 'preact';
import { App } from './app.tsx';
import { listen } from './live.ts';

render(<App />, document.getElementById('app') as HTMLElement);
listen();
// What bench/page.mjs takes for the moment from which on the page can be used.
performance.mark('interactive');
