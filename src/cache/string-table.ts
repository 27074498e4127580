/** Words that many rows share, each stored once under a small number. There are few of them, so all are held. */
import type { Database, Statement } from './database.ts';

export class StringTable {
  readonly #insert: Statement;
  readonly #all: Statement;
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  static create(database: Database): void {
    database.exec('CREATE TABLE strings (number INTEGER PRIMARY KEY, text TEXT NOT NULL)');
  }

  constructor(database: Database) {
    this.#insert = database.prepare('INSERT INTO strings (number, text) VALUES (?, ?)');
    this.#all = database.prepare('SELECT number, text FROM strings');
    this.reload();
  }

  /** The number of a word, which is entered on first sight: to be called inside a transaction, `reload` after it failed. */
  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.length;
    this.#insert.run(number, text);
    this.#keep(number, text);
    return number;
  }

  textOf(number: number): string {
    return this.#texts[number] ?? '';
  }

  reload(): void {
    this.#texts.length = 0;
    this.#numbers.clear();
    for (const { number, text } of this.#all.all()) this.#keep(Number(number), String(text));
  }

  #keep(number: number, text: string): void {
    this.#texts[number] = text;
    this.#numbers.set(text, number);
  }
}
