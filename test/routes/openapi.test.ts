import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportParameters, sessionsParameters, usageParameters } from '../../src/routes/parameters.ts';
import { shapes } from '../../src/snapshot/schemas.ts';
import { appOver, MemoryService } from './memory-service.ts';

interface Operation {
  parameters?: Array<{ name: string; in: string; required?: boolean; schema: Record<string, unknown> }>;
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>;
}

interface Description {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

const service = new MemoryService();
const app = appOver(service);
let description: Description;

beforeAll(async () => {
  description = (await app.inject('/openapi.json')).json();
});

afterAll(() => app.close());

describe('the description', () => {
  test('is OpenAPI 3.1 of this version', () => {
    expect(description.openapi).toBe('3.1.0');
    expect(description.info.version).toBe('1.2.3');
  });

  test('names each route with its own method only', () => {
    const methods = Object.entries(description.paths).map(([path, item]) => [path, Object.keys(item)]);
    expect(Object.fromEntries(methods)).toEqual({
      '/health': ['get'],
      '/ready': ['get'],
      '/rpc': ['post'],
      '/v1/usage': ['get'],
      '/v1/sessions': ['get'],
      '/v1/sessions/{key}': ['get'],
      '/v1/sessions/{key}/timeseries': ['get'],
      '/v1/sessions/{key}/logs': ['get'],
      '/v1/export': ['get'],
      '/v1/status': ['get'],
      '/v1/budgets': ['get'],
      '/v1/cache': ['get'],
      '/v1/refresh': ['post'],
      '/metrics': ['get'],
      '/v1/events': ['get'],
      '/openapi.json': ['get'],
    });
  });

  test('has the very parameters that are checked', () => {
    for (const [path, schema] of [
      ['/v1/usage', usageParameters],
      ['/v1/sessions', sessionsParameters],
      ['/v1/export', exportParameters],
    ] as const) {
      const parameters = description.paths[path]!.get!.parameters!;
      expect(parameters.map(({ name }) => name)).toEqual(Object.keys(schema.properties));
      expect(parameters.every((parameter) => parameter.in === 'query' && parameter.required !== true)).toBe(true);
    }
    const range = description.paths['/v1/usage']!.get!.parameters!.find(({ name }) => name === 'range');
    expect(range!.schema.enum).toEqual(usageParameters.properties.range.enum);
    const key = description.paths['/v1/sessions/{key}']!.get!.parameters!.find(({ name }) => name === 'key');
    expect(key).toMatchObject({ in: 'path', required: true });
  });

  test('shows the shape of each view, of a view to come, and of problems', () => {
    const { responses } = description.paths['/v1/usage']!.get!;
    const shapeOf = (status: string) => responses[status]!.content!['application/json']!.schema.$ref;
    expect(shapeOf('200')).toBe('#/components/schemas/UsageAnswer');
    expect(shapeOf('202')).toBe('#/components/schemas/PendingAnswer');
  });

  test('holds every shape, and no reference to one that it lacks', () => {
    const { schemas } = description.components;
    expect(Object.keys(schemas).sort()).toEqual(Object.keys(shapes).sort());
    const text = JSON.stringify(description);
    for (const [, name] of text.matchAll(/"\$ref":"([^"]*)"/g)) {
      expect(name).toMatch(/^#\/components\/schemas\//);
      expect(schemas).toHaveProperty(name!.slice('#/components/schemas/'.length));
    }
  });

  test('lets null be where the contract has it', () => {
    const usage = shapes.UsageAnswer as { properties: Record<string, { type?: unknown }> };
    const nullable = Object.entries(usage.properties).filter(([, { type }]) => Array.isArray(type));
    expect(nullable.map(([name]) => name)).toEqual(['previous', 'split', 'undated', 'latency']);
  });

  test('is the same each time, on a lane of its own', async () => {
    expect((await app.inject('/openapi.json')).json()).toEqual(description);
    const replies = await Promise.all(Array.from({ length: 12 }, () => app.inject('/openapi.json')));
    expect(replies.some(({ statusCode }) => statusCode === 429)).toBe(true);
  });
});
