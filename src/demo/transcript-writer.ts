/** Writes the lines of a transcript and counts them as a plain reader would; also lines as power cuts leave them. */
import type { Bytes, Milliseconds } from '../units.ts';
import type { FileWriter } from './file-writer.ts';
import { emptyLineFigures, type LineFigures } from './manifest.ts';
import type { Random } from './random.ts';
import type { TranscriptRecord } from './record.ts';

/** What can have happened to a transcript; each happens once, at some record of it. */
export const damages = ['torn', 'notObjects', 'zeros', 'joined', 'oddValues', 'unended', 'cutShort'] as const;
export type Damage = (typeof damages)[number];

export class TranscriptWriter {
  readonly #file: FileWriter;
  #figures = emptyLineFigures();

  constructor(file: FileWriter) {
    this.#file = file;
  }

  get bytes(): Bytes {
    return this.#file.bytes;
  }

  open(path: string): void {
    this.#file.open(path);
    this.#figures = emptyLineFigures();
  }

  write(record: TranscriptRecord): void {
    this.#count(record);
    this.#file.append(`${JSON.stringify(record)}\n`);
  }

  /** Writes a record with damage before it or to it; `unended` and `cutShort` leave the file without a last newline. */
  writeDamaged(record: TranscriptRecord, damage: Damage, random: Random): void {
    const text = JSON.stringify(record);
    const piece = text.slice(0, random.integer(1, text.length - 1));
    if (damage === 'joined') {
      this.#malformed(`${text}${text}\n`);
    } else if (damage === 'cutShort') {
      this.#malformed(piece);
    } else if (damage === 'unended') {
      this.#count(record);
      this.#file.append(text);
    } else {
      if (damage === 'torn') this.#malformed(`${piece}\n`);
      else if (damage === 'notObjects') this.#notObjects();
      else if (damage === 'zeros') this.#malformed('\0\0\0\0\0\0\0\0\n');
      else this.write(oddRecord(random));
      this.write(record);
    }
  }

  /** Ends the transcript, dated as its last message. */
  close(modified: Milliseconds): LineFigures {
    this.#figures.bytes = this.bytes;
    this.#file.close(modified);
    return this.#figures;
  }

  #notObjects(): void {
    this.#file.append('\n   \n');
    for (const line of ['null', '42', '"only a text"', '{not json}']) this.#malformed(`${line}\n`);
  }

  #malformed(text: string): void {
    this.#file.append(text);
    this.#figures.lines++;
    this.#figures.malformed++;
  }

  #count({ timestamp, message, usage }: TranscriptRecord): void {
    const figures = this.#figures;
    figures.lines++;
    if (message?.role === 'toolResult') figures.toolResults++;
    if (message?.role !== 'user' && message?.role !== 'assistant') return;
    figures[message.role]++;
    if ((message.usage ?? usage) !== undefined) figures.usageRecords++;
    if (Number.isNaN(Date.parse(timestamp ?? '')) && message.timestamp === undefined) figures.undated++;
  }
}

/** Values of wrong types and signs, each of which a reader has to take for something. */
function oddRecord(random: Random): TranscriptRecord {
  return {
    type: 'message',
    id: random.hex(8),
    parentId: null,
    timestamp: 'not a date',
    message: {
      role: 'assistant',
      provider: 'anthropic',
      model: 'claude-sonnet-4-6',
      content: [],
      usage: { input: -5, output: '12', cacheRead: 3.7, totalTokens: null, cost: { total: -1 } },
      stopReason: 'stop',
      durationMs: 'long',
    },
  };
}
