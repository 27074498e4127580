/** The two ways in which OpenClaw has stored and counted sessions: up to 2026.7 in JSONL files, from 2026.8 on in SQLite. */
export const ERAS = ['2026.5', '2026.9'] as const;

/** Named after the release whose rules were recorded (format.md 2 and 3). */
export type Era = (typeof ERAS)[number];
