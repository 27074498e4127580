/** What stands where figures will be, or cannot be. Never a zero. */
import type { Problem } from './answers.ts';
import { offlineSince } from './live.ts';

export function Waiting() {
  return (
    <p class="empty" role="status">
      {offlineSince.value === null
        ? 'The figures are being put together …'
        : 'The service cannot be reached; nothing is known yet.'}
    </p>
  );
}

export function Refused({ problem: { status, detail } }: { problem: Problem }) {
  return (
    <p class="empty" role="alert">
      {status === 404 ? 'There is no such session. ' : 'The service refused this question. '}
      <small>{detail}</small>
    </p>
  );
}
