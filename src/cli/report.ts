/**
 * `clawgauge report`: usage and cost as a table, JSON or CSV. It asks the service that runs on the data directory; where
 * there is none, or it does not answer, it reads for itself.
 */
import { systemClock } from '../clock.ts';
import type { ServiceOptions } from '../config.ts';
import { ClawgaugeError } from '../errors.ts';
import { zoneOf } from '../snapshot/zone.ts';
import type { Figures, Progress, SessionsAnswer } from './figures.ts';
import { ProgressLine } from './progress-line.ts';
import { type Report, sessionsReport, usageReport } from './report/report.ts';
import { csvOfReport } from './report/report-csv.ts';
import { jsonOf } from './report/report-json.ts';
import { textOf } from './report/report-text.ts';
import { type ReportRequest, reportRequest, sessionsQuestion, usageQuestion } from './report/request.ts';
import { findService } from './running-service.ts';
import { SavedFigures } from './saved-figures.ts';
import { coloursOn, type Screen } from './screen.ts';
import { ServiceFigures } from './service-figures.ts';
import { watchFigures } from './watched-figures.ts';

/** All pages of sessions are of one moment; where that is gone before the last one, they are asked for anew. */
const MAX_ATTEMPTS = 5;
const CLEAR_SCREEN = '\u001b[H\u001b[J';
/** Lines of a screen that are not rows: heading, head, sum, notes. */
const LINES_BESIDE_ROWS = 9;

/**
 * Writes one report to `out`, or with --watch one after another until a signal; how far it has come goes to `err`.
 * Throws `invalid_option`, and what kept it from the figures.
 */
export async function report(
  kind: string | undefined,
  flags: Readonly<Record<string, unknown>>,
  options: ServiceOptions,
  { out, err }: { readonly out: Screen; readonly err: Screen },
): Promise<void> {
  const request = reportRequest(kind, flags, zoneOf(options.timeZone).name, systemClock.now());
  const line = new ProgressLine(err, systemClock.monotonic);
  const progress: Progress = (coverage, bytes) => line.show(coverage, bytes);
  const shown = new Shown(out);
  const show = async (figures: Figures) => {
    const found = await reportOf(request, figures);
    line.clear();
    shown.show(written(request, found, figures, out));
    return found.snapshot;
  };
  const figures = await figuresOf(request, options, progress);
  try {
    await show(figures);
  } finally {
    line.clear();
    await figures.close();
  }
  if (!request.watch) return;
  const say = (text: string) => {
    line.clear();
    err.write(`${text}\n`);
  };
  await watchFigures({ url: request.url, asked: figures.service, options, progress, show, say });
}

/** Those of a service, unless it is the one on the data directory and silent; else of our own reading, of now or of before. */
async function figuresOf({ url }: ReportRequest, options: ServiceOptions, progress: Progress): Promise<Figures> {
  const found = await findService(options, url);
  if (found.kind === 'service' && (url !== null || (await found.service.answers()))) {
    return new ServiceFigures(found.service, progress);
  }
  const { SavedAnswers } = await import('./saved-answers.ts');
  const saved = new SavedAnswers(options);
  const read = async () => {
    const { OwnFigures } = await import('./own-figures.ts');
    return OwnFigures.read(options, progress, saved);
  };
  return new SavedFigures(saved, { ...options, clock: systemClock, read });
}

/** Writes what differs from what was written last. */
class Shown {
  readonly #out: Screen;
  #last = '';

  constructor(out: Screen) {
    this.#out = out;
  }

  show(text: string): void {
    if (text !== this.#last) this.#out.write(text);
    this.#last = text;
  }
}

async function reportOf(request: ReportRequest, figures: Figures): Promise<Report> {
  if (request.kind !== 'sessions') return usageReport(request.kind, await figures.usage(usageQuestion(request)));
  for (let attempt = 1; ; attempt++) {
    try {
      return sessionsReport(await pagesOf(request, figures));
    } catch (error) {
      const isGone = error instanceof ClawgaugeError && error.code === 'cursor_expired';
      if (!isGone || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function pagesOf(request: ReportRequest, figures: Figures): Promise<[SessionsAnswer, ...SessionsAnswer[]]> {
  const limit = request.limit ?? Number.POSITIVE_INFINITY;
  const pages: [SessionsAnswer, ...SessionsAnswer[]] = [await figures.sessions(sessionsQuestion(request, limit, null))];
  for (let page = pages[0], rows = page.sessions.length; page.next !== null && rows < limit; ) {
    page = await figures.sessions(sessionsQuestion(request, limit - rows, page.next));
    rows += page.sessions.length;
    pages.push(page);
  }
  return pages;
}

function written({ form, watch }: ReportRequest, found: Report, { service }: Figures, out: Screen): string {
  if (form === 'json') return jsonOf(found, service);
  if (form === 'csv') return csvOfReport(found);
  const isScreen = out.isTTY === true;
  const text = textOf(found, {
    width: isScreen ? (out.columns ?? null) : null,
    rows: watch && isScreen && out.rows ? Math.max(1, out.rows - LINES_BESIDE_ROWS) : null,
    colours: coloursOn(out, process.env),
  });
  return watch && isScreen ? CLEAR_SCREEN + text : text;
}
