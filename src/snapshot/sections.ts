/**
 * The text of a view in sections: those of a list's rows stay as they are for as long as the rows do, so that a change of
 * one day neither writes nor compresses the others anew. Where it is cut depends on the figures alone, as the text does.
 */
import { inScript } from '../rendering.ts';

export interface Section {
  /** What it is made of, the very same objects for as long as nothing in them changes; null where that is not known. */
  readonly rows: readonly object[] | null;
  text(): string;
}

/** The lists that can be long: how many rows a section has, and how many at the end, that change all the time, are in none. */
const LISTS = [
  { name: 'series', rows: 64, loose: 1 },
  { name: 'sessions', rows: 10, loose: 0 },
] as const;

/** Shorter lists are not worth a section. */
const LEAST_ROWS = 16;

/** The sections of the JSON text of a view's figures, without the opening brace, which belongs to the head. */
export function sectionsOf(figures: object): Section[] {
  for (const { name, rows: most, loose } of LISTS) {
    const { [name]: list } = figures as { readonly [list in typeof name]?: readonly object[] };
    if (list === undefined || list.length < LEAST_ROWS) continue;
    const end = list.length - loose;
    const text = JSON.stringify({ ...figures, [name]: list.slice(end) });
    // Nowhere else: quotes inside of names are escaped.
    const at = text.indexOf(`"${name}":[`) + name.length + 4;
    const sections = [asIs(text.slice(1, at))];
    for (let start = 0; start < end; start += most) {
      sections.push(ofRows(list.slice(start, Math.min(end, start + most)), start > 0));
    }
    return [...sections, asIs(`${loose > 0 ? ',' : ''}${text.slice(at)}`)];
  }
  return [asIs(JSON.stringify(figures).slice(1))];
}

function ofRows(rows: readonly object[], isLater: boolean): Section {
  const text = () => inScript(`${isLater ? ',' : ''}${JSON.stringify(rows).slice(1, -1)}`);
  return { rows, text };
}

function asIs(text: string): Section {
  return { rows: null, text: () => inScript(text) };
}
