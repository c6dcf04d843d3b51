/**
 * Reads the outline of a zod schema: which keys a map may have, what a list holds, whether a leaf
 * takes text. Key checks and environment overrides work from this outline, so that an app states
 * its configuration once, as a schema.
 */
import type { core } from 'zod';

/** Any zod schema. */
export type AnySchema = core.$ZodType;

/** Outline of one schema, wrappers (optional, default, pipe, ...) taken off. */
export type SchemaShape =
  | {
      readonly kind: 'map';
      /** Known keys. */
      readonly children: ReadonlyMap<string, AnySchema>;
      /** Schema of any other key (records, loose objects); `undefined` when keys are closed. */
      readonly rest: AnySchema | undefined;
      /** Whether a list stands as an alternative to the map. */
      readonly element: AnySchema | undefined;
    }
  | { readonly kind: 'list'; readonly element: AnySchema }
  | { readonly kind: 'leaf'; readonly takesText: boolean };

/** The outline of `schema`; a union of maps counts as a map with the keys of all. */
export function shapeOfSchema(schema: AnySchema): SchemaShape {
  const def = definitionOf(schema);
  switch (def.type) {
    case 'object':
      return {
        kind: 'map',
        children: new Map(Object.entries(def.shape)),
        rest: isClosed(def.catchall) ? undefined : def.catchall,
        element: undefined,
      };
    case 'record':
      return { kind: 'map', children: new Map(), rest: def.valueType, element: undefined };
    case 'array':
      return { kind: 'list', element: def.element };
    case 'union':
      return unionShape(def.options.map(shapeOfSchema));
    case 'lazy':
      return shapeOfSchema(def.getter());
    case 'pipe':
      return shapeOfSchema(definitionOf(def.in).type === 'transform' ? def.out : def.in);
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return shapeOfSchema(def.innerType);
    default:
      return { kind: 'leaf', takesText: textTypes.has(def.type) };
  }
}

const textTypes: ReadonlySet<string> = new Set([
  'string',
  'enum',
  'literal',
  'any',
  'unknown',
  'template_literal',
]);

function unionShape(options: readonly SchemaShape[]): SchemaShape {
  const maps = options.filter((option) => option.kind === 'map');
  const lists = options.filter((option) => option.kind === 'list');
  if (maps.length > 0) {
    return {
      kind: 'map',
      children: new Map(maps.flatMap((map) => [...map.children])),
      rest: maps.find((map) => map.rest !== undefined)?.rest,
      element: lists[0]?.element,
    };
  }
  if (lists[0] !== undefined) return lists[0];
  const takesText = options.some((option) => option.kind === 'leaf' && option.takesText);
  return { kind: 'leaf', takesText };
}

function isClosed(catchall: AnySchema | undefined): boolean {
  return catchall === undefined || definitionOf(catchall).type === 'never';
}

function definitionOf(schema: AnySchema): core.$ZodTypes['_zod']['def'] {
  return (schema as core.$ZodTypes)._zod.def;
}
