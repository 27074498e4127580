/**
 * What Fastify validates parameters and serialises answers with: our own check, and JSON.stringify.
 * Loading its usual compilers takes as long as building all the rest of the application.
 */
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import type { FastifySerializerCompiler } from 'fastify/types/schema.js';
import { ClawgaugeError } from '../errors.ts';
import { checkParameters, type ParametersSchema } from './parameter-check.ts';

/** For routes whose `querystring` and `body` schemas are all `ParametersSchema`. */
export const validatorCompiler: FastifySchemaCompiler<unknown> = ({ schema }) => {
  return (data: unknown) => {
    try {
      return { value: checkParameters(schema as ParametersSchema, data) };
    } catch (error) {
      if (error instanceof ClawgaugeError) return { error };
      throw error;
    }
  };
};

export const serializerCompiler: FastifySerializerCompiler<unknown> = () => (data) => JSON.stringify(data);

/** The same for a whole application; Fastify's types of this option know only its own compilers. */
export const schemaController = {
  compilersFactory: { buildValidator: () => validatorCompiler, buildSerializer: () => serializerCompiler },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;
