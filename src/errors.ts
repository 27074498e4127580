/**
 * Every error that Clawgauge itself raises, in one place: stable code, HTTP status, title.
 * A code is never reused for another meaning; docs/errors.md lists them all.
 */
const CATALOGUE = {
  // requests
  invalid_parameter: { status: 400, title: 'A parameter has a value that is not allowed' },
  unknown_parameter: { status: 400, title: 'A parameter is not known' },
  malformed_request: { status: 400, title: 'The request cannot be read' },
  invalid_cursor: { status: 400, title: 'The cursor is not one that this service gave' },
  cursor_expired: { status: 410, title: 'What the cursor belongs to is gone' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  host_not_allowed: { status: 403, title: 'The Host header names a host that is not allowed' },
  origin_not_allowed: { status: 403, title: 'The Origin header names an origin that is not allowed' },
  transcripts_not_served: { status: 403, title: 'The text of conversations is not served' },
  not_found: { status: 404, title: 'There is nothing here' },
  session_not_found: { status: 404, title: 'No session has this key' },
  session_ambiguous: { status: 409, title: 'Several agents have a session of this key' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  body_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'The media type of the body is not supported' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The service failed to answer' },
  not_ready: { status: 503, title: 'No complete snapshot is published yet' },
  // start
  invalid_option: { status: 500, title: 'An option has a value that is not allowed' },
  data_directory_in_use: { status: 500, title: 'Another process uses the data directory' },
  data_directory_unguarded: { status: 500, title: 'Nothing keeps another process from the data directory' },
  address_unavailable: { status: 500, title: 'The service cannot listen at its address' },
  // commands
  service_silent: { status: 500, title: 'The service does not answer' },
  service_missing: { status: 500, title: 'No service runs on the data directory' },
  // refresh and workers
  state_dir_missing: { status: 500, title: 'The state directory does not exist' },
  store_unreadable: { status: 500, title: 'A store cannot be read' },
  transcript_unreadable: { status: 500, title: 'A transcript cannot be read' },
  index_unreadable: { status: 500, title: 'A session index cannot be read' },
  config_unreadable: { status: 500, title: 'A configuration file of OpenClaw cannot be read' },
  task_overran: { status: 500, title: 'A worker task ran past its deadline' },
  task_crashed: { status: 500, title: 'A worker thread ended in the middle of a task' },
  task_out_of_memory: { status: 500, title: 'A worker thread ran out of memory' },
  refresh_overran: { status: 500, title: 'A refresh ran past its deadline' },
  snapshot_unsaved: { status: 500, title: 'The snapshot cannot be saved for the next start' },
  digest_store_unavailable: { status: 500, title: 'The digest store on disk cannot be used' },
  ledger_unavailable: { status: 500, title: 'The ledger cannot be used' },
  ledger_damaged: { status: 500, title: 'The ledger was damaged and moved aside' },
  notice_undelivered: { status: 500, title: 'A notice could not be delivered' },
  transcript_lost: { status: 500, title: 'The usage of a deleted transcript could not be kept' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof CATALOGUE;

/** The catalogue's codes with status and title, for the documentation and its test. */
export const errorCatalogue: Readonly<Record<ErrorCode, { status: number; title: string }>> = CATALOGUE;

/** An error of the catalogue; `detail` says what was expected and what came. */
export class ClawgaugeError extends Error {
  override readonly name = 'ClawgaugeError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.code = code;
    this.status = CATALOGUE[code].status;
    this.title = CATALOGUE[code].title;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
