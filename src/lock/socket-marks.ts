/**
 * Marks that are Unix sockets. The kernel ends a process's sockets with it, however it ends: whoever can be connected
 * to lives, and says who it is.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, linkSync, openSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Milliseconds } from '../units.ts';
import { type Facts, type Holder, holderOf, type Marks, removeFile, SOCKETS } from './marks.ts';

/** The longest path that fits into a socket's address everywhere. */
const LONGEST_PATH = 100;
/** How long a holder that is busy or stopped is asked who it is. */
const ANSWER_WITHIN: Milliseconds = 500;
/** What connecting to a file says that no process has open as a socket. */
const DEAD = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'];

export class SocketMarks implements Marks {
  readonly prefix = SOCKETS;
  readonly #directory: string;
  readonly #facts: Facts;
  /** Open where the directory's own path is too long for a socket's address. */
  #descriptor: number | null = null;
  #server: Server | null = null;

  constructor(directory: string, facts: Facts) {
    this.#directory = directory;
    this.#facts = facts;
  }

  async make(number: number): Promise<boolean> {
    const temporary = `${this.prefix}${randomBytes(6).toString('hex')}.new`;
    // It has to answer before it has its name: nobody may find it and think it dead.
    this.#server = await this.#listen(this.#address(temporary));
    const path = join(this.#directory, temporary);
    try {
      chmodSync(path, 0o600);
      linkSync(path, join(this.#directory, `${this.prefix}${number}`));
      return true;
    } catch (error) {
      await this.end();
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      removeFile(path);
    }
  }

  holder(number: number): Promise<Holder | null> {
    return new Promise((resolve) => {
      let text = '';
      const socket = createConnection(this.#address(`${this.prefix}${number}`));
      const alive = () => {
        socket.destroy();
        resolve(holderOf(text));
      };
      socket.setEncoding('utf8').setTimeout(ANSWER_WITHIN, alive);
      socket.on('data', (more: string) => {
        text += more;
      });
      socket.once('end', alive).once('error', (error: NodeJS.ErrnoException) => {
        if (DEAD.includes(error.code ?? '')) resolve(null);
        else alive();
      });
    });
  }

  tell(url: string): void {
    this.#facts.url = url;
  }

  async end(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #listen(address: string): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.end(JSON.stringify(this.#facts));
      });
      server.once('error', reject);
      server.listen(address, () => resolve(server.unref()));
    });
  }

  #address(name: string): string {
    const path = join(this.#directory, name);
    if (Buffer.byteLength(path) <= LONGEST_PATH || process.platform !== 'linux') return path;
    this.#descriptor ??= openSync(this.#directory, 'r');
    return `/proc/self/fd/${this.#descriptor}/${name}`;
  }
}
