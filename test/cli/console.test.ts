import { beforeEach, describe, expect, it } from 'vitest';
import { ConsoleReporter } from '../../src/cli/console.ts';
import type { Problem } from '../../src/compute/transcript.ts';
import { newRecord, type RefreshRecord } from '../../src/snapshot/refresh-record.ts';
import { MIB } from '../../src/units.ts';

/** What stands on a screen after everything that was written. */
class Screen {
  readonly isTTY: boolean;
  written = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.written += text;
  }

  get lines(): string[] {
    return this.written.split('\n').map((line) => line.split('\r\u001b[K').at(-1) as string);
  }
}

let now: number;
beforeEach(() => {
  now = 5_000;
});

function reporterOn(screen: Screen): ConsoleReporter {
  return new ConsoleReporter(screen, ['/home/sam/.openclaw'], () => now);
}

function refreshed(figures: Partial<RefreshRecord> = {}): RefreshRecord {
  return { ...newRecord('start', 0), ended: 'ok', ...figures };
}

const coverage = { transcripts: 200, pending: 150, failed: 0, retained: 0, bytes: 0 };
const found = refreshed({ sessions: 200, stores: 9, folded: 200, bytesRead: 304 * MIB });
const failed = refreshed({ ended: 'failed', error: { code: 'task_crashed', detail: 'scan: it crashed' } });

describe('the console', () => {
  it('says where the service listens and what it reads', () => {
    const screen = new Screen(false);
    reporterOn(screen).listening('http://127.0.0.1:18790');
    expect(screen.lines).toEqual(['Clawgauge listens on http://127.0.0.1:18790', 'Reading /home/sam/.openclaw', '']);
  });

  it('tells what was found, and after how long, once', () => {
    const screen = new Screen(false);
    const reporter = reporterOn(screen);
    now += 1_340;
    for (let times = 0; times < 3; times++) reporter.refreshed(found, []);
    expect(screen.lines).toEqual([
      'Found 200 transcripts of 9 agents; figures are complete after 1.3 s (304 MiB read).',
      '',
    ]);
  });

  it('says that nothing had to be read when the digests were still there', () => {
    const screen = new Screen(false);
    reporterOn(screen).refreshed(refreshed({ sessions: 2, stores: 1 }), []);
    expect(screen.lines[0]).toContain('(nothing new to read)');
  });

  it('tells of transcripts that could not be read, and of the first five problems', () => {
    const screen = new Screen(false);
    const problems = Array.from(
      { length: 7 },
      (_, at): Problem => ({ code: 'index_unreadable', agent: 'a', subject: `agents/${at}`, detail: 'EACCES' }),
    );
    reporterOn(screen).refreshed({ ...found, failed: 3 }, problems);
    expect(screen.lines.slice(1)).toEqual([
      '3 transcripts could not be read; /v1/status says why.',
      ...[0, 1, 2, 3, 4].map((at) => `  agents/${at}: EACCES`),
      '',
    ]);
  });

  it('says what to do where there is no state directory, and where there are no transcripts', () => {
    const missing: Problem = { code: 'state_dir_missing', agent: null, subject: '.', detail: 'found nothing' };
    for (const [problems, first] of [
      [[missing], 'There is no OpenClaw state directory at /home/sam/.openclaw.'],
      [[], 'No transcripts found yet.'],
    ] as const) {
      const screen = new Screen(false);
      reporterOn(screen).refreshed(refreshed(), problems);
      expect(screen.lines[0]).toBe(first);
      expect(screen.lines[1]).toContain('clawgauge serve --state-dir DIR (or OPENCLAW_STATE_DIR)');
      expect(screen.lines[2]).toContain('clawgauge demo');
      expect(screen.lines).toHaveLength(4);
    }
  });

  it('tells the first of several failures, and when it goes on', () => {
    const screen = new Screen(false);
    const reporter = reporterOn(screen);
    reporter.refreshed(found, []);
    for (let times = 0; times < 3; times++) reporter.refreshed(failed, []);
    reporter.refreshed(found, []);
    reporter.refreshed(failed, []);
    expect(screen.lines.map((line) => line.slice(0, 14))).toEqual([
      'Found 200 tran',
      'Cannot refresh',
      'Found 200 tran',
      'Cannot refresh',
      '',
    ]);
    expect(screen.lines[1]).toBe('Cannot refresh: scan: it crashed. Trying again.');
  });
});

describe('on a terminal', () => {
  it('one line shows how far the first reading has come, and gives way to what was found', () => {
    const screen = new Screen(true);
    const reporter = reporterOn(screen);
    now += 500;
    reporter.progress(coverage, 76 * MIB);
    expect(screen.lines).toEqual(['25 % (50 of 200 transcripts, 152 MiB/s)']);
    now += 500;
    reporter.progress({ ...coverage, pending: 0 }, 304 * MIB);
    expect(screen.lines).toEqual(['100 % (200 of 200 transcripts, 304 MiB/s)']);
    reporter.refreshed(found, []);
    expect(screen.lines).toHaveLength(2);
    expect(screen.lines[0]).toMatch(/^Found 200/);
    const before = screen.written;
    reporter.progress(coverage, MIB);
    expect(screen.written).toBe(before);
  });

  it('the first instant is not divided by', () => {
    const screen = new Screen(true);
    reporterOn(screen).progress({ ...coverage, transcripts: 0, pending: 0 }, 0);
    expect(screen.lines[0]).toMatch(/^100 % \(0 of 0 transcripts/);
    expect(screen.written).not.toMatch(/NaN|Infinity/);
  });
});

describe('anywhere else', () => {
  it('no progress is shown, and no control character is written', () => {
    const screen = new Screen(false);
    const reporter = reporterOn(screen);
    reporter.listening('http://127.0.0.1:1');
    reporter.progress(coverage, 76 * MIB);
    reporter.refreshed(found, []);
    reporter.refreshed(failed, []);
    expect(screen.written).toMatch(/^[ -~\n]+$/);
    expect(screen.written).not.toContain('%');
  });
});
