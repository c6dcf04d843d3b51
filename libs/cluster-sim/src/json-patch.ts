// JSON Patch (RFC 6902), applied to a copy.
import {
  cloneJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  sameJson,
} from './json-value.ts';
import { StatusError } from './status-error.ts';

type MutableList = (JsonValue | undefined)[];
type Container = JsonObject | MutableList;

/**
 * Applies a JSON patch.
 *
 * @throws StatusError BadRequest when it is no patch, Invalid when it does not fit the document
 */
export function applyJsonPatch(document: JsonObject, patch: JsonValue): JsonObject {
  if (!Array.isArray(patch)) {
    throw new StatusError('BadRequest', 'error decoding patch: a list of operations is expected');
  }
  const root: JsonObject = { '': cloneJson(document) };
  for (const operation of patch as JsonValue[]) {
    if (!isJsonObject(operation)) throw notApplicable('an operation is not an object');
    applyOperation(root, operation);
  }
  const result = root[''];
  if (!isJsonObject(result)) throw notApplicable('the result is not an object');
  return result;
}

function applyOperation(root: JsonObject, operation: JsonObject): void {
  const { op, from, value } = operation;
  const path = pathText(operation.path);
  switch (op) {
    case 'add': {
      addAt(root, path, required(value));
      return;
    }
    case 'remove':
      removeAt(root, path);
      return;
    case 'replace':
      removeAt(root, path);
      {
        addAt(root, path, required(value));
        return;
      }
    case 'move': {
      addAt(root, path, removeAt(root, pathText(from)));
      return;
    }
    case 'copy': {
      addAt(root, path, cloneJson(readAt(root, pathText(from))));
      return;
    }
    case 'test':
      if (sameJson(readAt(root, path), value)) return;
      throw notApplicable(`testing value ${path} failed: test failed`);
    default:
      throw notApplicable(`unexpected kind: ${JSON.stringify(op)}`);
  }
}

function pathText(path: JsonValue | undefined): string {
  if (typeof path !== 'string') throw notApplicable('a path is missing');
  return path;
}

function required(value: JsonValue | undefined): JsonValue {
  if (value === undefined) throw notApplicable('a value is missing');
  return cloneJson(value);
}

function readAt(root: JsonObject, path: string): JsonValue {
  const { container, key } = locate(root, path);
  const value = memberOf(container, key);
  if (value === undefined) throw missing(path);
  return value;
}

function addAt(root: JsonObject, path: string, value: JsonValue): void {
  const { container, key } = locate(root, path);
  if (!Array.isArray(container)) {
    container[key] = value;
    return;
  }
  const index = key === '-' ? container.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > container.length) throw missing(path);
  container.splice(index, 0, value);
}

function removeAt(root: JsonObject, path: string): JsonValue {
  const { container, key } = locate(root, path);
  const value = memberOf(container, key);
  if (value === undefined) throw missing(path);
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else container[key] = undefined;
  return value;
}

function locate(root: JsonObject, path: string): { container: Container; key: string } {
  const steps = path.split('/').map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (steps[0] !== '') throw missing(path);
  const key = steps.pop() ?? '';
  let container: Container = root;
  for (const step of steps) {
    const next = memberOf(container, step);
    if (!Array.isArray(next) && !isJsonObject(next)) throw missing(path);
    container = next as Container;
  }
  return { container, key };
}

function memberOf(container: Container, key: string): JsonValue | undefined {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  return /^\d+$/.test(key) ? container[Number(key)] : undefined;
}

function missing(path: string): StatusError {
  return notApplicable(`unable to find path ${path}`);
}

function notApplicable(why: string): StatusError {
  return new StatusError(
    'Invalid',
    `the server rejected our request due to an error in our request: ${why}`,
  );
}
