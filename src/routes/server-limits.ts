/**
 * How long a connection may take and stay. No limit of requests on one: it costs no more with age,
 * and Node answers the ones beyond such a limit with 503.
 */
export const serverLimits = {
  requestTimeout: 30_000,
  headersTimeout: 15_000,
  /** Above the 60 s after which proxies drop idle connections, so that it is they who do. */
  keepAliveTimeout: 65_000,
} as const;
