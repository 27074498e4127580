/** Metrics as Prometheus reads them: the text exposition format, version 0.0.4. */

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

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
      text += line(`${name}_bucket`, { ...labels, le: numberText(bound) }, count);
    });
    return text + line(`${name}_sum`, labels, this.#sum) + line(`${name}_count`, labels, count);
  }
}

/** A histogram for each set of labels; nothing where there are none. */
export function histograms(name: string, help: string, all: Iterable<readonly [Labels, Histogram]>): string {
  const text = [...all].map(([labels, histogram]) => histogram.lines(name, labels)).join('');
  return text === '' ? '' : headOf(name, 'histogram', help) + text;
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

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
