/** A transcript's identity as it lies on disk: in the open, where only the user of the service can read it. */
import type { StoredIdentity } from '../cache/digest-store.ts';
import type { SessionNames } from '../compute/dimensions.ts';
import type { Identity } from './catalog.ts';
import type { Redaction } from './redaction.ts';

type Named = Pick<Identity, 'agent' | 'key' | 'label' | 'channel' | 'kind' | 'family' | 'updatedAt'>;

/** As it is shown: with what it says about persons hidden. An orphan's family is named after its session id, which tells nothing. */
export function shownIdentity(named: Named, redact: Redaction | null): Identity {
  const { key, label, family } = named;
  if (redact === null || key === null) return { ...named, hidden: null };
  return { ...named, ...shownNames({ key, family }, redact), label: null, hidden: { key, label, family } };
}

/** The names of the identity that is shown. */
export function shownNames(names: SessionNames, redact: Redaction | null): SessionNames {
  const { key, family } = names;
  return redact === null || key === null ? names : { key: redact(key), family: redact(family) };
}

/** As it is kept. */
export function storedIdentity({ channel, kind, updatedAt, hidden, ...shown }: Identity): StoredIdentity {
  const { key, label, family } = hidden ?? shown;
  return { key, label, channel, kind, family, updatedAt };
}
