/**
 * How OpenClaw spells the key under which a model's price is found: `provider/model` with the provider's aliases
 * resolved, and model ids resolved as the manifests of its bundled plugins say (2026.5.22).
 */

const PROVIDER_ALIASES: ReadonlyMap<string, string> = new Map([
  ['modelstudio', 'qwen'],
  ['qwencloud', 'qwen'],
  ['z.ai', 'zai'],
  ['z-ai', 'zai'],
  ['opencode-zen', 'opencode'],
  ['opencode-go-auth', 'opencode-go'],
  ['anthropic-cli', 'claude-cli'],
  ['kimi-code', 'kimi'],
  ['kimi-coding', 'kimi'],
  ['moonshotai', 'moonshot'],
  ['moonshot-ai', 'moonshot'],
  ['bedrock', 'amazon-bedrock'],
  ['aws-bedrock', 'amazon-bedrock'],
  ['bytedance', 'volcengine'],
  ['doubao', 'volcengine'],
]);

const CLAUDE: ReadonlyMap<string, string> = new Map([
  ['opus-4.6', 'claude-opus-4-6'],
  ['opus-4.5', 'claude-opus-4-5'],
  ['sonnet-4.6', 'claude-sonnet-4-6'],
  ['sonnet-4.5', 'claude-sonnet-4-5'],
]);

const GEMINI: ReadonlyMap<string, string> = new Map([
  ['gemini-3-pro', 'gemini-3.1-pro-preview'],
  ['gemini-3-pro-preview', 'gemini-3.1-pro-preview'],
  ['gemini-3-flash', 'gemini-3-flash-preview'],
  ['gemini-3.1-pro', 'gemini-3.1-pro-preview'],
  ['gemini-3.1-flash-lite', 'gemini-3.1-flash-lite-preview'],
  ['gemini-3.1-flash', 'gemini-3-flash-preview'],
  ['gemini-3.1-flash-preview', 'gemini-3-flash-preview'],
]);

const GROK: ReadonlyMap<string, string> = new Map([
  ['grok-code-fast-1', 'grok-build-0.1'],
  ['grok-code-fast', 'grok-build-0.1'],
  ['grok-code-fast-1-0825', 'grok-build-0.1'],
  ['grok-4-fast-reasoning', 'grok-4-fast'],
  ['grok-4-1-fast-reasoning', 'grok-4-1-fast'],
  ['grok-4.20-experimental-beta-0304-reasoning', 'grok-4.20-beta-latest-reasoning'],
  ['grok-4.20-experimental-beta-0304-non-reasoning', 'grok-4.20-beta-latest-non-reasoning'],
  ['grok-4.20-reasoning', 'grok-4.20-beta-latest-reasoning'],
  ['grok-4.20-non-reasoning', 'grok-4.20-beta-latest-non-reasoning'],
]);

const MODEL_ALIASES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['anthropic', CLAUDE],
  ['vercel-ai-gateway', CLAUDE],
  ['google', GEMINI],
  ['google-gemini-cli', GEMINI],
  ['google-vertex', GEMINI],
  ['xai', GROK],
]);

const GOOGLE_PREFIX = 'google/';

/** The id under which OpenClaw knows a provider: lower case, trimmed, aliases resolved. */
export function normalizeProvider(provider: string): string {
  const id = provider.trim().toLowerCase();
  return PROVIDER_ALIASES.get(id) ?? id;
}

/** The price key of a model as written; null when either part is empty. */
export function plainModelKey(provider: string, model: string): string | null {
  return joinKey(normalizeProvider(provider), model.trim());
}

/**
 * The price key of a model with its id resolved; null when either part is empty. The prefix rules of openrouter,
 * nvidia and huggingface are not here: a prefix equal to the provider does not change a key.
 */
export function resolvedModelKey(provider: string, model: string): string | null {
  const id = normalizeProvider(provider);
  return joinKey(id, resolveModel(id, model.trim()));
}

function resolveModel(provider: string, model: string): string {
  const aliases = MODEL_ALIASES.get(provider);
  if (aliases === undefined) return model;
  const alias = aliases.get(model.toLowerCase());
  if (provider === 'vercel-ai-gateway') {
    const id = alias ?? model;
    return id.toLowerCase().startsWith('claude-') && !id.includes('/') ? `anthropic/${id}` : id;
  }
  if (aliases === GEMINI && model.startsWith(GOOGLE_PREFIX)) {
    const id = model.slice(GOOGLE_PREFIX.length);
    return `${GOOGLE_PREFIX}${GEMINI.get(id) ?? id}`;
  }
  return alias ?? model;
}

/** A model that already names its provider is not prefixed again. */
function joinKey(provider: string, model: string): string | null {
  if (provider === '' || model === '') return null;
  return model.toLowerCase().startsWith(`${provider}/`) ? model : `${provider}/${model}`;
}
