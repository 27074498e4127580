// A process that writes into an agent's database as a gateway does: one transaction for each event, in WAL mode.
//   node session-writer.mjs DRIVER DATABASE
// makes the database, says "ready", and for each line of input, a number of milliseconds, writes for so long and answers
// with a line of JSON: { transactions, duration, latencies: [ms, …] }. Nothing else may write meanwhile.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { AGENT_TABLES } from './agent-tables.mjs';

const SESSIONS = 200;
const EVENTS = 20;
/** Milliseconds from one transaction to the next: 200 a second. */
const EVERY = 5;
const TEXT = 'An answer of the usual length. '.repeat(40);

const [driver, file] = process.argv.slice(2);
const { openOwn } = await import(pathToFileURL(driver));
const database = openOwn(file);
for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'busy_timeout = 5000']) {
  database.prepare(`PRAGMA ${pragma}`).get();
}
database.exec(AGENT_TABLES);
const insertEvent = database.prepare('INSERT INTO transcript_events (session_id, seq, event_json) VALUES (?, ?, ?)');
const insertActive = database.prepare('INSERT INTO session_transcript_active_events VALUES (?, ?, ?)');
const putState = database.prepare('INSERT OR REPLACE INTO session_transcript_index_state VALUES (?, ?, ?, 0, ?, ?)');
const putWindow = database.prepare('INSERT OR REPLACE INTO session_windows VALUES (?, ?, ?)');
const putNode = database.prepare('INSERT OR REPLACE INTO session_nodes VALUES (?, ?, ?, ?)');
const lengths = new Map();

database.exec('BEGIN');
for (let at = 0; at < SESSIONS * EVENTS; at++) append(`s-${at % SESSIONS}`);
database.exec('COMMIT');
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
  const latencies = [];
  const start = performance.now();
  const end = start + Number(line);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let due = start; due < end; due += EVERY) {
    const wait = due - performance.now();
    if (wait > 0) Atomics.wait(pause, 0, 0, wait);
    const began = performance.now();
    database.exec('BEGIN IMMEDIATE');
    append('s-0');
    database.exec('COMMIT');
    latencies.push(performance.now() - began);
    if (performance.now() > 2 * end - start) break;
  }
  console.log(JSON.stringify({ transactions: latencies.length, duration: performance.now() - start, latencies }));
}
database.close();

function append(sessionId) {
  const seq = lengths.get(sessionId) ?? 0;
  const now = Date.now();
  const usage = { input: 1200, output: 300, cacheRead: 0, cacheWrite: 0, totalTokens: 1500, cost: { total: 0.01 } };
  const content = [{ type: 'text', text: TEXT }];
  const message = { role: 'assistant', content, provider: 'anthropic', model: 'bench', usage, timestamp: now };
  const key = `agent:main:direct:${sessionId}`;
  insertEvent.run(sessionId, seq, JSON.stringify({ type: 'message', id: String(seq), message }));
  insertActive.run(sessionId, seq, seq);
  putState.run(sessionId, seq, String(seq), seq + 1, now);
  putWindow.run(sessionId, key, now);
  putNode.run(key, sessionId, JSON.stringify({ sessionId, updatedAt: now }), now);
  lengths.set(sessionId, seq + 1);
}
