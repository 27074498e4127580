/** GET /v1/export: rows for databases and spreadsheets, given out as they are read. */
import { pipeline, type Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { ClawgaugeError } from '../errors.ts';
import type { ExportFormat } from '../snapshot/export/export-query.ts';
import { ref } from '../snapshot/schemas.ts';
import type { Lane } from './lane.ts';
import { allowOnly } from './methods.ts';
import type { Parameters } from './parameter-check.ts';
import { exportParameters, exportQueryOf } from './parameters.ts';
import { securityHeaders } from './security.ts';
import type { UsageService } from './service.ts';

export interface ExportParts {
  readonly service: UsageService;
  /** The lane of exports. */
  readonly exports: Lane;
  /** The zone of a request that names none. */
  readonly timeZone: string;
}

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** Adds /v1/export; what is under way is cut short when the application begins to close, which would wait for it. */
export function addExports(app: FastifyInstance, { service, exports, timeZone }: ExportParts): void {
  const open = new Set<Readable>();
  app.get('/v1/export', {
    exposeHeadRoute: false,
    schema: {
      summary: 'Usage by step and every dimension, or sessions, as CSV or NDJSON',
      querystring: exportParameters,
      response: {
        200: { content: { 'text/csv': { schema: { type: 'string' } }, 'application/x-ndjson': { schema: {} } } },
        default: ref('Problem'),
      },
    },
    handler: async (request, reply) => {
      const query = exportQueryOf(request.query as Parameters<typeof exportParameters>, timeZone);
      const leave = exports.enter(service.now());
      const opened = await service.export(query);
      if (opened.kind !== 'open') {
        leave();
        if (opened.kind === 'error') throw opened.error;
        throw new ClawgaugeError('not_ready', 'Not everything is known yet; rows could not say so.');
      }
      const { stream, window } = opened;
      open.add(stream);
      stream.once('close', () => {
        open.delete(stream);
        leave();
      });
      const { what, format } = query;
      const name = `clawgauge-${what}-${window.startDate}-${window.endDate}.${format}`;
      reply.hijack();
      reply.raw.writeHead(200, {
        ...securityHeaders,
        'Cache-Control': 'no-store',
        'Cache-Status': `clawgauge; fwd=miss; detail=${service.head()?.state ?? 'warming'}`,
        'Content-Disposition': `attachment; filename="${name}"`,
        'Content-Type': TYPES[format],
      });
      // Whichever of the two fails ends the other: a client sees an answer without its end.
      pipeline(stream, reply.raw, (error) => {
        if (error) request.log.debug({ err: error }, 'export cut short');
      });
    },
  });
  allowOnly(app, '/v1/export', ['GET']);
  app.addHook('preClose', async () => {
    for (const stream of open) stream.destroy(new Error('the service ends'));
  });
}
