/** The session is another one than it was a moment ago, or gone: whoever reads it has to begin anew. */
export class SessionMoved extends Error {
  override readonly name = 'SessionMoved';
}
