/**
 * One session's conversation, record by record, as OpenClaw writes it (format.md 1.3): what is said, which tools are
 * called, what it used. When each record happens is up to the caller.
 */
import type { Milliseconds } from '../units.ts';
import { base64Passage, outputText, proseText } from './corpus.ts';
import { enveloped, type Peer } from './envelope.ts';
import { type DemoModel, demoModels, noUsage, usageOf } from './models.ts';
import type { Random } from './random.ts';
import type { MessageBody, Step } from './record.ts';
import { type ToolCall, toolCall, toolDetails, toolResultLength } from './tools.ts';

interface ConversationOptions extends Peer {
  readonly random: Random;
  readonly sessionId: string;
  readonly agent: string;
  /** The model that this agent uses most. */
  readonly favourite: DemoModel;
  /** Tool results are cut to this many characters. */
  readonly longestResult: number;
  /** The record to continue from, when the transcript is not new. */
  readonly parentId?: string | null;
}

/** A compaction comes when a prompt has grown to this many tokens. */
const CONTEXT_LIMIT = 150_000;
const RECENT_IDS = 8;

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #random: Random;
  #model: DemoModel;
  #parentId: string | null;
  #recentIds: string[] = [];
  #context: number;
  /** When the record before came. */
  #lastAt: Milliseconds = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#random = options.random;
    this.#model = this.#choice();
    this.#parentId = options.parentId ?? null;
    this.#context = this.#random.integer(6000, 22_000);
  }

  /** The model of the last answer. */
  get model(): DemoModel {
    return this.#model;
  }

  /** Tokens that the next prompt has. */
  get context(): number {
    return this.#context;
  }

  /** The header of a new transcript, and the model it starts with. */
  *opening(): Generator<Step> {
    const { sessionId, agent } = this.#options;
    yield {
      pause: 0,
      record: (at) => ({
        type: 'session',
        version: 3,
        id: sessionId,
        timestamp: iso(at),
        cwd: `/home/claw/.openclaw/workspace${agent === 'main' ? '' : `-${agent}`}`,
      }),
    };
    yield* this.#modelChange();
  }

  /** A message, the rounds of answers and tools that it leads to, and what happens beside them. */
  *turn(): Generator<Step> {
    const random = this.#random;
    if (random.chance(0.04)) {
      this.#model = this.#choice();
      yield* this.#modelChange();
    }
    // An edit or a retry: what came after the earlier record is an abandoned branch from now on.
    if (random.chance(0.03) && this.#recentIds.length === RECENT_IDS) {
      this.#parentId = this.#recentIds[random.integer(0, RECENT_IDS - 3)]!;
    }
    yield this.question();
    const rounds = random.chance(0.3) ? 0 : 1 + Math.floor(random.logNormal(2.2, 0.8));
    for (let round = 0; round < rounds; round++) {
      const fate = random.next();
      const calls = Array.from({ length: random.chance(0.18) ? random.integer(2, 4) : 1 }, () => toolCall(random));
      if (fate < 0.018) {
        yield this.#unfinishedAnswer(fate < 0.01 ? 'error' : fate < 0.015 ? 'aborted' : 'timeout');
        return;
      }
      yield this.#answer(calls);
      for (const call of calls) yield this.#toolResult(call);
    }
    yield this.reply();
    yield* this.#asides();
  }

  /** What a person writes. */
  question(): Step {
    const random = this.#random;
    const text = proseText(random, Math.min(20_000, random.logNormal(350, 1)));
    this.#context += Math.ceil(text.length / 3.6);
    const blocks = random.chance(0.75);
    const image = blocks && random.chance(0.025) ? base64Passage(random, random.integer(400, 24_000)) : null;
    const envelope = random.next();
    return this.#message(0, (at, stamp) => {
      const body = enveloped(text, this.#options, envelope, at);
      return {
        role: 'user',
        content: !blocks
          ? body
          : [
              { type: 'text', text: body },
              ...(image === null ? [] : [{ type: 'image', data: image, mimeType: 'image/png' }]),
            ],
        ...stamp(at),
      };
    });
  }

  /** An answer that calls no tool. */
  reply(): Step {
    return this.#answer([]);
  }

  *#modelChange(): Generator<Step> {
    const { provider, model, api } = this.#model;
    yield this.#entry(0, 'model_change', () => ({ provider, modelId: model }));
    const thinkingLevel = this.#random.pick(['off', 'low', 'medium', 'high']);
    yield this.#entry(0, 'thinking_level_change', () => ({ thinkingLevel }));
    yield this.#entry(0, 'custom', (at) => ({
      customType: 'model-snapshot',
      data: { timestamp: at, provider, modelApi: api, modelId: model },
    }));
  }

  *#asides(): Generator<Step> {
    const random = this.#random;
    if (random.chance(0.05)) {
      yield this.#entry(0, 'custom', (at) => ({
        customType: 'openclaw.cache-ttl',
        data: { timestamp: at, provider: this.#model.provider, modelId: this.#model.model },
      }));
    }
    if (random.chance(0.05)) yield this.#mirror();
    if (random.chance(0.02)) yield this.#resultInUserMessage();
    if (this.#context > CONTEXT_LIMIT) {
      const tokensBefore = this.#context;
      this.#context = random.integer(20_000, 40_000);
      yield this.#entry(4000, 'compaction', () => ({
        summary: proseText(random, random.integer(2000, 9000)),
        firstKeptEntryId: this.#recentIds[2],
        tokensBefore,
        details: { readFiles: [], modifiedFiles: [] },
      }));
    }
  }

  /** A model's answer; it ends the turn when it calls no tool. */
  #answer(calls: readonly ToolCall[]): Step {
    const random = this.#random;
    const final = calls.length === 0;
    const content: unknown[] = [];
    if (random.chance(0.45)) {
      content.push({
        type: 'thinking',
        thinking: proseText(random, random.logNormal(650, 0.9)),
        ...(this.#model.api === 'anthropic-messages'
          ? { thinkingSignature: base64Passage(random, random.integer(300, 900)) }
          : {}),
      });
    }
    if (final || random.chance(0.35)) {
      content.push({ type: 'text', text: proseText(random, random.logNormal(final ? 870 : 150, 0.9)) });
    }
    content.push(...calls);
    const output = random.integer(20, 120) + Math.ceil(random.logNormal(320, 0.8));
    const usage = random.chance(0.01) ? null : usageOf(this.#model, this.#context, output, random);
    this.#context += output;
    return this.#assistant(content, usage, final ? (random.chance(0.01) ? 'length' : 'stop') : 'toolUse', {});
  }

  #unfinishedAnswer(stopReason: 'error' | 'aborted' | 'timeout'): Step {
    const random = this.#random;
    if (stopReason === 'error') {
      const errorMessage = random.pick(['429 rate_limit_error', '529 Overloaded', 'terminated']);
      return this.#assistant([], noUsage(), stopReason, { errorMessage });
    }
    const text = proseText(random, random.integer(20, 400));
    const usage = usageOf(this.#model, this.#context, Math.ceil(text.length / 4), random);
    return this.#assistant([{ type: 'text', text }], usage, stopReason, {});
  }

  #assistant(
    content: readonly unknown[],
    usage: Record<string, unknown> | null,
    stopReason: string,
    more: Record<string, unknown>,
  ): Step {
    const random = this.#random;
    const { api, provider, model } = this.#model;
    const latency = Math.ceil(random.logNormal(9000, 0.9));
    const measured = random.chance(0.1);
    const responseId = api === 'anthropic-messages' ? { responseId: `msg_${random.hex(22)}` } : {};
    // Some plugins put the usage beside the message.
    const beside = usage !== null && random.chance(0.005);
    return this.#message(
      latency,
      (_, stamp) => ({
        role: 'assistant',
        content,
        api,
        provider,
        model,
        ...(usage === null || beside ? {} : { usage }),
        stopReason,
        ...more,
        ...stamp(this.#lastAt),
        ...(measured ? { durationMs: latency } : {}),
        ...responseId,
      }),
      beside ? { usage } : {},
    );
  }

  #toolResult({ id, name }: ToolCall): Step {
    const random = this.#random;
    const text = outputText(random, Math.min(toolResultLength(random), this.#options.longestResult));
    const isError = random.chance(0.05);
    const details = toolDetails(name, text, isError, random);
    this.#context += Math.ceil(Math.min(text.length, 40_000) / 3.8);
    return this.#message(random.logNormal(1800, 1.2), (at, stamp) => ({
      role: 'toolResult',
      toolCallId: id,
      toolName: name,
      content: [{ type: 'text', text }],
      ...(details === null ? {} : { details }),
      isError,
      ...stamp(at),
    }));
  }

  /** A reply that went out beside the model; no model was asked. */
  #mirror(): Step {
    const random = this.#random;
    const text = proseText(random, random.integer(40, 400));
    const model = random.pick(['delivery-mirror', 'delivery-mirror', 'gateway-injected']);
    return this.#message(0, (at, stamp) => ({
      role: 'assistant',
      content: [{ type: 'text', text }],
      api: 'openai-responses',
      provider: 'openclaw',
      model,
      usage: noUsage(),
      stopReason: 'stop',
      ...stamp(at),
    }));
  }

  /** The shape that other agents' transcripts have: a tool's result as a block of a user message. */
  #resultInUserMessage(): Step {
    const random = this.#random;
    const block = {
      type: random.chance(0.35) ? 'tool_result_error' : 'tool_result',
      tool_use_id: `toolu_${random.hex(24)}`,
      content: 'done',
      is_error: random.chance(0.4),
    };
    return this.#message(500, (at, stamp) => ({ role: 'user', content: [block], ...stamp(at) }));
  }

  /** Now and then a record lacks its time; the message's own usually remains. */
  #message(
    pause: Milliseconds,
    message: (at: Milliseconds, stamp: Stamp) => MessageBody,
    beside: Record<string, unknown> = {},
  ): Step {
    const dated = !this.#random.chance(0.008);
    const stamp: Stamp = dated || this.#random.chance(0.6) ? (at) => ({ timestamp: at }) : () => ({});
    return this.#entry(pause, 'message', (at) => ({ message: message(at, stamp), ...beside }), dated);
  }

  #entry(pause: Milliseconds, type: string, body: (at: Milliseconds) => Record<string, unknown>, dated = true): Step {
    const id = this.#random.hex(8);
    return {
      pause,
      record: (at) => {
        const time = dated ? { timestamp: iso(at) } : {};
        const record = { type, id, parentId: this.#parentId, ...time, ...body(at) };
        this.#parentId = id;
        this.#lastAt = at;
        this.#recentIds.push(id);
        if (this.#recentIds.length > RECENT_IDS) this.#recentIds.shift();
        return record;
      },
    };
  }

  #choice(): DemoModel {
    return this.#random.chance(0.4) ? this.#options.favourite : this.#random.weighted(demoModels);
  }
}

/** The member that tells a message's own time, unless it was lost. */
type Stamp = (at: Milliseconds) => { timestamp?: Milliseconds };

function iso(at: Milliseconds): string {
  return new Date(at).toISOString();
}
