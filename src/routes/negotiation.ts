/** What a client's headers ask of an answer: its coding, its form, and whether it is known. */
import { Remembered } from './remembered.ts';

const MAX_REMEMBERED_LENGTH = 256;
const codings = new Remembered<string, boolean>(32);

/** Whether an Accept-Encoding header takes gzip, and does not like identity better (RFC 9110, 12.5.3). */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const known = codings.get(header);
  if (known !== undefined) return known;
  const accepted = judgeCodings(header, ['gzip', 'x-gzip']);
  if (header.length <= MAX_REMEMBERED_LENGTH) codings.set(header, accepted);
  return accepted;
}

/** The same of brotli. */
export function acceptsBrotli(header: string | undefined): boolean {
  return header !== undefined && judgeCodings(header, ['br']);
}

/** Whether an Accept header names OpenMetrics 1.0, and does not like Prometheus' own text format better. */
export function prefersOpenMetrics(header = ''): boolean {
  let open = 0;
  let plain = 0;
  for (const { value, parameters, weight } of weighted(header)) {
    const version = parameters.find((parameter) => parameter.startsWith('version='))?.slice('version='.length);
    if (value === 'application/openmetrics-text' && (version ?? '1.0.0') === '1.0.0') open = Math.max(open, weight);
    if (value === 'text/plain' && (version ?? '0.0.4') === '0.0.4') plain = Math.max(plain, weight);
  }
  return open > 0 && open >= plain;
}

/** Whether an If-None-Match header names an entity tag, compared weakly (RFC 9110, 13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header.trim() === '*') return true;
  const opaque = withoutWeakness(etag);
  // Tags are cut out by their quotes: a tag itself may hold a comma.
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => withoutWeakness(tag) === opaque);
}

function judgeCodings(header: string, names: readonly string[]): boolean {
  const weights = new Map([...weighted(header)].map(({ value, weight }) => [value, weight]));
  const named = names.map((name) => weights.get(name)).find((weight) => weight !== undefined);
  const weight = named ?? weights.get('*') ?? 0;
  return weight > 0 && weight >= (weights.get('identity') ?? 0);
}

/** The parts of a header that weighs them, in lower case. */
function* weighted(header: string): Generator<{ value: string; parameters: string[]; weight: number }> {
  for (const part of header.split(',')) {
    const [value = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = parameters.find((parameter) => /^q\s*=/.test(parameter));
    yield { value, parameters, weight: quality === undefined ? 1 : qValue(quality) };
  }
}

/** A quality value; one that is none refuses, as if it were 0. */
function qValue(parameter: string): number {
  const text = parameter.slice(parameter.indexOf('=') + 1).trim();
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

function withoutWeakness(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
