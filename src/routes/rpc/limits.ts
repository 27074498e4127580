/** What a client of the gateway's calls may take up, alone and with all others. */
import { type Bytes, KIB, MIB, type Milliseconds } from '../../units.ts';

export const rpcLimits = {
  /** Of one message, whole or in fragments. The longest parameters that mean something have a few hundred bytes. */
  messageBytes: (64 * KIB) as Bytes,
  fragments: 256,
  /** Pieces in which one message may arrive; a network cuts it into fifty. */
  pieces: 1024,
  /** Sockets in all, and of them those that have not connected yet. */
  sockets: 128,
  unconnected: 32,
  /** Calls of one socket that are answered at the same time; those behind them wait unread. */
  callsOfSocket: 8,
  /** Calls of everybody. */
  calls: 64,
  /** A socket with this much on its way to the client is not read until that has left. */
  socketOutgoing: MIB as Bytes,
  /** On the way to all clients together; an answer that exceeds it is refused, unless it is the only one. */
  outgoing: (16 * MIB) as Bytes,
  /** From the upgrade to `connect`. */
  handshake: 10_000 as Milliseconds,
  /** Between two pings and ticks. */
  beat: 25_000 as Milliseconds,
  /** Who neither sends anything nor takes what is sent for this long is let go. */
  silence: 60_000 as Milliseconds,
  /** From our closing a socket until it is cut off. */
  closing: 2_000 as Milliseconds,
} as const;
