/**
 * What a reverse proxy tells of the client before it: the host that was asked for, whether by https, and its address.
 * It is believed only from addresses that are named; from all others, and where nothing is said, the connection itself counts.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { ClawgaugeError } from '../errors.ts';

export class TrustedProxies {
  readonly #addresses: BlockList | null;

  /** @param entries addresses, or `address/bits`. Throws `invalid_option`. */
  constructor(entries: readonly string[] = []) {
    // Asking an empty list takes milliseconds of every start too.
    this.#addresses = entries.length === 0 ? null : new BlockList();
    for (const entry of entries) this.#trust(entry);
  }

  /** The host that the client named to the proxy; null where no trusted proxy tells one. */
  hostOf(request: IncomingMessage): string | null {
    return this.#told(request, 'x-forwarded-host', 'host');
  }

  /** Whether a trusted proxy says that its client came by https. */
  isSecure(request: IncomingMessage): boolean {
    return this.#told(request, 'x-forwarded-proto', 'proto')?.toLowerCase() === 'https';
  }

  /** The address nearest to the client that can be believed; null for a connection that is closed. */
  clientOf(request: IncomingMessage): string | null {
    const { remoteAddress } = request.socket;
    let client = remoteAddress ?? null;
    if (!this.#trusts(remoteAddress)) return client;
    const chain = listOf(request, 'x-forwarded-for') ?? elementsOf(request)?.map(({ for: node }) => node ?? '') ?? [];
    for (const node of chain.reverse()) {
      const address = addressOf(node);
      if (address === null) break;
      client = address;
      if (!this.#trusts(address)) break;
    }
    return client;
  }

  /** What the nearest proxy said last: those before it may have been made up. `Forwarded` counts where there is no other. */
  #told(request: IncomingMessage, header: string, parameter: 'host' | 'proto'): string | null {
    // Before the address is asked for: most services have no proxy, and ready answers pass here.
    if (this.#addresses === null || !this.#trusts(request.socket.remoteAddress)) return null;
    return listOf(request, header)?.at(-1) ?? elementsOf(request)?.at(-1)?.[parameter] ?? null;
  }

  #trusts(address: string | undefined): boolean {
    if (this.#addresses === null || address === undefined) return false;
    return this.#addresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }

  #trust(entry: string): void {
    const [address = '', bits] = entry.split('/', 2);
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    try {
      if (bits === undefined) this.#addresses?.addAddress(address, family);
      else this.#addresses?.addSubnet(address, Number(bits), family);
    } catch (cause) {
      const expected = 'A trusted proxy must be an IP address, or one with bits such as 10.0.0.0/8';
      throw new ClawgaugeError('invalid_option', `${expected}; got ${JSON.stringify(entry)}.`, { cause });
    }
  }
}

/** The values of a header that is a list; null without any. */
function listOf({ headers }: IncomingMessage, header: string): string[] | null {
  const value = headers[header];
  if (value === undefined) return null;
  const values = (Array.isArray(value) ? value : [value]).flatMap((part) => part.split(','));
  const given = values.map((part) => part.trim()).filter((part) => part !== '');
  return given.length === 0 ? null : given;
}

/** The elements of a `Forwarded` header (RFC 7239), where no `X-Forwarded-` header is beside it. */
function elementsOf(request: IncomingMessage): Partial<Record<string, string>>[] | null {
  if (['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'].some((name) => name in request.headers)) return null;
  const elements = listOf(request, 'forwarded');
  return (
    elements?.map((element) =>
      Object.fromEntries(
        [...element.matchAll(/([\w-]+)=(?:"([^"]*)"|([^;\s"]+))/g)].map(([, name = '', quoted, plain]) => [
          name.toLowerCase(),
          quoted ?? plain ?? '',
        ]),
      ),
    ) ?? null
  );
}

/** The address of a node, which may have a port and, in IPv6, brackets; null for names and what is hidden. */
function addressOf(node: string): string | null {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/i.exec(node) ?? [];
  const address = bracketed ?? plain ?? node;
  return isIP(address) === 0 ? null : address;
}
