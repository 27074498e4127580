/**
 * Metrics as Prometheus reads them: written once in the text exposition format, version 0.0.4, which differs from OpenMetrics 1.0
 * in nothing but what stands above the samples.
 */

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** What a name ends with, before `_total`, where that is what is measured. */
const UNIT = /_(seconds|bytes|ratio|usd)$/;

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

/** One metric with its samples; nothing where it has none. Counters end in `_total`. */
export function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  return headOf(name, type, help) + samples.map(([labels, value]) => line(name, labels, value)).join('');
}

/** A gauge or counter without labels. */
export function single(name: string, type: 'counter' | 'gauge', help: string, value: number): string {
  return metric(name, type, help, [[{}, value]]);
}

/** A count by upper bounds, in seconds or whatever is measured. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds ascending, without infinity */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] as number)) at++;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += value;
  }

  /** Its samples. */
  lines(name: string, labels: Labels = {}): string {
    let text = '';
    let count = 0;
    [...this.#bounds, Number.POSITIVE_INFINITY].forEach((bound, at) => {
      count += this.#counts[at] as number;
      text += line(`${name}_bucket`, { ...labels, le: boundText(bound) }, count);
    });
    return text + line(`${name}_sum`, labels, this.#sum) + line(`${name}_count`, labels, count);
  }
}

/** A histogram for each set of labels; nothing where there are none. */
export function histograms(name: string, help: string, all: Iterable<readonly [Labels, Histogram]>): string {
  const text = [...all].map(([labels, histogram]) => histogram.lines(name, labels)).join('');
  return text === '' ? '' : headOf(name, 'histogram', help) + text;
}

/** The whole of what is exposed, as OpenMetrics: families of counters without their suffix, units, and an end. */
export function openMetrics(exposition: string): string {
  const heads = /^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)\n/gm;
  const text = exposition.replaceAll(heads, (_, name: string, help: string, type: string) => {
    const family = type === 'counter' ? name.replace(/_total$/, '') : name;
    const unit = UNIT.exec(family)?.[1];
    return headOf(family, type, help) + (unit === undefined ? '' : `# UNIT ${family} ${unit}\n`);
  });
  return `${text}# EOF\n`;
}

function headOf(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}\n`;
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** As OpenMetrics wants it, so that a histogram has the same series in both formats. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : numberText(bound);
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
