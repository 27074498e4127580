/** Generates one agent's sessions directory: its transcripts, one after another, and the index that names them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, KIB, MIB, type Milliseconds } from '../units.ts';
import type { DemoAgent } from './agents.ts';
import { Conversation } from './conversation.ts';
import type { Peer } from './envelope.ts';
import { FileWriter } from './file-writer.ts';
import { addFigures, emptyStoreFigures, type StoreFigures } from './manifest.ts';
import { type DemoModel, demoModels } from './models.ts';
import type { StoreOptions } from './options.ts';
import { Random } from './random.ts';
import type { Step } from './record.ts';
import { Rhythm, rhythmShapes } from './rhythm.ts';
import { indexEntry, indexMember } from './session-entry.ts';
import { planSessions, type SessionPlan, type TranscriptPlan } from './session-plan.ts';
import { writeGatewayFiles, writeSideFiles } from './side-files.ts';
import { type Damage, damages, TranscriptWriter } from './transcript-writer.ts';

const DAY: Milliseconds = 86_400_000;
/** The last lines land behind a transcript's wanted size: so many times is its mean size the wanted one. */
const OVERSHOOT = 1.18;
const SIZE_SPREAD = 1;
const LEAST_SIZE: Bytes = 1500;
/** A transcript's last question comes this long before its end. */
const LAST_EXCHANGE: Milliseconds = 30_000;

export class AgentStore {
  readonly #directory: string;
  readonly #agent: DemoAgent;
  readonly #options: StoreOptions;
  readonly #random: Random;
  readonly #rhythm: Rhythm;
  readonly #favourite: DemoModel;
  readonly #figures = emptyStoreFigures();
  readonly #writer = new TranscriptWriter(new FileWriter(MIB));
  #damaged: number;

  /** `directory` is the absolute path of the agent's sessions directory; `index` is the agent's place among all. */
  constructor(directory: string, agent: DemoAgent, index: number, options: StoreOptions) {
    this.#directory = directory;
    this.#agent = agent;
    this.#options = options;
    this.#random = new Random(options.seed, agent.id);
    const start = options.now - options.days * DAY;
    this.#rhythm = new Rhythm(rhythmShapes[agent.rhythm], start, options.now, this.#random);
    this.#favourite = this.#random.weighted(demoModels);
    this.#damaged = index;
  }

  /** Writes everything and says what it came to. */
  generate(): StoreFigures {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const index = new FileWriter(256 * KIB);
    index.open(join(this.#directory, 'sessions.json'));
    index.append('{');
    for (const plan of planSessions(this.#agent, this.#options, this.#rhythm, this.#random)) {
      const member = this.#session(plan);
      if (member === null) continue;
      index.append(`${this.#figures.entries === 0 ? '' : ','}\n${member}`);
      this.#figures.entries++;
    }
    index.append('\n}');
    index.close();
    this.#figures.others += writeGatewayFiles(this.#directory, this.#options.now);
    return this.#figures;
  }

  /** Writes a session's transcripts; returns its member of the index, null when it has none. */
  #session({ live, transcripts }: SessionPlan): string | null {
    let written: WrittenTranscript | null = null;
    for (const plan of transcripts) {
      written = this.#transcript(plan, live?.peer ?? { channel: null, person: 'Sam' });
      this.#figures.transcripts++;
      this.#figures[live === null && plan.class === 'primary' ? 'orphan' : plan.class]++;
    }
    const current = transcripts.at(-1)!;
    if (live === null || written === null) return null;
    if (current.class === 'primary' && this.#random.chance(0.06)) {
      this.#figures.others += writeSideFiles(this.#directory, current.sessionId, written.lastAt, this.#random);
    }
    const facts = {
      sessionId: current.sessionId,
      sessionFile: join(this.#directory, current.fileName),
      startedAt: current.from,
      updatedAt: written.lastAt,
      model: written.model,
      contextTokens: written.contextTokens,
      familySessionIds: [...new Set(transcripts.map((transcript) => transcript.sessionId))],
    };
    return indexMember(live.key, indexEntry(live, facts, this.#random));
  }

  #transcript(plan: TranscriptPlan, peer: Peer): WrittenTranscript {
    const random = this.#random;
    const writer = this.#writer;
    const size = this.#size();
    const conversation = new Conversation({
      random,
      sessionId: plan.sessionId,
      agent: this.#agent.id,
      favourite: this.#favourite,
      ...peer,
      longestResult: Math.max(400, size * 0.6),
    });
    let damage = this.#damage();
    const damageAt = isAtEnd(damage) ? Number.POSITIVE_INFINITY : size * random.next();
    const firstShare = this.#rhythm.shareAt(plan.from);
    const lastShare = this.#rhythm.shareAt(plan.to);
    let lastAt = plan.from;

    const write = (step: Step, isLast = false): void => {
      lastAt = Math.min(plan.to, Math.ceil(lastAt + step.pause));
      const record = step.record(lastAt);
      if (damage !== null && (isLast || writer.bytes >= damageAt)) {
        writer.writeDamaged(record, damage, random);
        damage = null;
      } else {
        writer.write(record);
      }
    };

    writer.open(join(this.#directory, plan.fileName));
    for (const step of conversation.opening()) write(step);
    while (writer.bytes < size) {
      // The agent's activity between the transcript's ends is spread evenly over its bytes.
      const done = writer.bytes / size;
      lastAt = Math.max(lastAt, this.#rhythm.momentAt(firstShare + done * (lastShare - firstShare)));
      for (const step of conversation.turn()) {
        write(step);
        if (writer.bytes >= size) break;
      }
    }
    lastAt = Math.max(lastAt, plan.to - LAST_EXCHANGE);
    write(conversation.question());
    write(conversation.reply(), true);
    addFigures(this.#figures, writer.close(lastAt));
    return { lastAt, model: conversation.model, contextTokens: conversation.context };
  }

  /** How many bytes the next transcript shall have. */
  #size(): Bytes {
    const { meanKb, maxKb } = this.#options;
    const wanted = this.#random.logNormal((meanKb * KIB) / OVERSHOOT, SIZE_SPREAD);
    return Math.max(LEAST_SIZE, Math.min(maxKb * KIB, wanted));
  }

  /** The kinds of damage come in turn, so that even a small store has several. */
  #damage(): Damage | null {
    if (!this.#random.chance(this.#options.malformed)) return null;
    return damages[this.#damaged++ % damages.length]!;
  }
}

interface WrittenTranscript {
  readonly lastAt: Milliseconds;
  readonly model: DemoModel;
  readonly contextTokens: number;
}

/** Kinds that leave the last line without its newline. */
function isAtEnd(damage: Damage | null): boolean {
  return damage === 'unended' || damage === 'cutShort';
}
