/** The frames that are sent to a client. The payload of an answer is spliced in as the bytes that it is. */
import type { RpcAnswer } from '../service.ts';

type RpcError = Extract<RpcAnswer, { ok: false }>['error'];

/** The bytes of a frame, in pieces that follow each other. */
export type Frame = readonly Uint8Array[];

const CLOSING = Buffer.from('}');

/** The answer to the request of this id. */
export function answerFrame(id: string, answer: RpcAnswer): Frame {
  if (!answer.ok) return [Buffer.from(errorFrame(id, answer.error))];
  return [Buffer.from(`{"type":"res","id":${JSON.stringify(id)},"ok":true,"payload":`), ...answer.payload, CLOSING];
}

/** The answer to a request, or to what was none. */
export function errorFrame(id: string | number, error: RpcError | { code: string; message: string }): string {
  return JSON.stringify({ type: 'res', id, ok: false, error });
}

/** `seq` counts the events of one socket from 1, leaving out the first challenge. */
export function eventFrame(event: string, payload: object, seq?: number): string {
  return JSON.stringify({ type: 'event', event, payload, seq });
}

export function sizeOf(frame: Frame): number {
  return frame.reduce((sum, piece) => sum + piece.byteLength, 0);
}
