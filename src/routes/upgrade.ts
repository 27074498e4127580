/** Requests to change the protocol: WebSockets for one path; every other one is answered as if it had not asked. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes a request for another protocol with its socket and the bytes behind it; false if it is not for this one. */
export type UpgradeTaker = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

/**
 * Offers every such request of a server. What is not taken is answered as ordinary HTTP, if nobody else listens: a server
 * with a listener gets no such request otherwise, and some clients wish for HTTP/2 with every first one.
 * Gives what ends it.
 */
export function offerUpgrades(server: Server, take: UpgradeTaker): () => void {
  const listener = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!take(request, socket, head) && server.listenerCount('upgrade') === 1) {
      answerAsHttp(server, request, socket, head);
    }
  };
  server.on('upgrade', listener);
  return () => server.off('upgrade', listener);
}

/** Whether a request asks for a WebSocket at this path. */
export function isWebSocketAt(path: string, { method, url = '', headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && url.split('?', 1)[0] === path;
}

/** Gives a request back to its server, without the wish for another protocol, as if it had just arrived. */
function answerAsHttp(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name, value] = request.rawHeaders.slice(index, index + 2) as [string, string];
    const kept = /^connection$/i.test(name) ? optionsLeft(value) : value;
    if (kept !== '' && !/^(upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${kept}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

/** What a Connection header says besides that wish. */
function optionsLeft(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  return options.filter((option) => !/^(upgrade|http2-settings)$/i.test(option)).join(', ');
}
