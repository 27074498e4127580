/**
 * What an exposition breaks of the rules of OpenMetrics 1.0, as far as they concern what Clawgauge exposes: counters, gauges and
 * histograms, without timestamps and exemplars.
 */

interface Family {
  readonly type: string;
  /** Which of HELP, TYPE and UNIT it has. */
  readonly said: Set<string>;
  readonly series: Set<string>;
}

const LABEL = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`;
const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)`;
const SAMPLE = new RegExp(String.raw`^([a-zA-Z_:][\w:]*)(\{${LABEL}(?:,${LABEL})*\})? (${NUMBER})$`);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** One sentence for each breach; none is how it should be. */
export function openMetricsFaults(exposition: string): string[] {
  const faults: string[] = [];
  const families = new Map<string, Family>();
  const names = new Set<string>();
  let current = '';
  if (!exposition.endsWith('# EOF\n')) faults.push('it does not end with # EOF');
  for (const line of exposition
    .replace(/# EOF\n$/, '')
    .split('\n')
    .slice(0, -1)) {
    const [, keyword = '', name = '', text = ''] = /^# (\w+) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword !== '') {
      faults.push(...describe(keyword, name, text));
      continue;
    }
    const [, sample = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    const family = families.get(current);
    const suffixes = SUFFIXES[family?.type ?? ''] ?? [];
    if (family === undefined || !suffixes.some((suffix) => sample === current + suffix)) {
      faults.push(`no sample of ${current}: ${line}`);
      continue;
    }
    if (family.series.has(sample + labels)) faults.push(`twice: ${sample}${labels}`);
    family.series.add(sample + labels);
    if (family.type === 'counter' && !(Number(value) >= 0)) faults.push(`a counter below zero: ${line}`);
    const bound = /[{,]le="([^"]*)"/.exec(labels)?.[1];
    if (bound !== undefined && !/^(\+Inf|\d+\.\d+)$/.test(bound)) faults.push(`not canonical: ${line}`);
  }
  for (const [name, { series }] of families) if (series.size === 0) faults.push(`nothing below the head of ${name}`);
  return faults;

  function* describe(keyword: string, name: string, text: string): Generator<string> {
    if (name !== current) {
      if (families.has(name)) yield `${name} in two places`;
      current = name;
      families.set(name, { type: '', said: new Set(), series: new Set() });
    }
    const family = families.get(name) as Family;
    if (family.series.size > 0) yield `# ${keyword} ${name} below its samples`;
    if (family.said.has(keyword)) yield `# ${keyword} ${name} twice`;
    family.said.add(keyword);
    if (keyword === 'TYPE') {
      families.set(name, { ...family, type: text });
      if (SUFFIXES[text] === undefined) yield `${name} has the type ${text}`;
      for (const sample of (SUFFIXES[text] ?? []).map((suffix) => name + suffix)) {
        if (names.has(sample)) yield `two families with ${sample}`;
        names.add(sample);
      }
      if (/_(total|created|bucket|sum|count)$/.test(name)) yield `${name} ends as a sample`;
    } else if (keyword === 'UNIT') {
      if (!name.endsWith(`_${text}`)) yield `${name} does not end with its unit ${text}`;
    } else if (keyword !== 'HELP') {
      yield `# ${keyword}`;
    }
  }
}
