/** A call that is understood and cannot be answered as it is; answered as INVALID_REQUEST with the message. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
}
