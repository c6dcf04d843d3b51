/** What the query of a list or a watch asks for (`metav1.ListOptions`), checked as the API server does. */
import { CachedReadError } from './cached-read-error.ts';
import { isOrdered } from './resource-version.ts';

/** The options that have a meaning for the cache. */
export interface ListOptions {
  readonly isWatch: boolean;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** Objects of a page at most; 0: all. */
  readonly limit: number;
  /** `''`: the first page. */
  readonly continueToken: string;
  /** `''`: none. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: 'NotOlderThan' | 'Exact' | '';
  /** `undefined`: not said. */
  readonly sendInitialEvents: boolean | undefined;
  readonly allowWatchBookmarks: boolean;
  /** 0: as the server likes. */
  readonly timeoutSeconds: number;
}

/** Reads a query. Throws {@link CachedReadError} 400. */
export function readListOptions(query: string): ListOptions {
  const parameters = new URLSearchParams(query);
  const text = (name: string): string => parameters.get(name) ?? '';
  const options: ListOptions = {
    isWatch: flag(text('watch'), 'watch') ?? false,
    labelSelector: text('labelSelector'),
    fieldSelector: text('fieldSelector'),
    limit: count(text('limit'), 'limit'),
    continueToken: text('continue'),
    resourceVersion: versionIn(text('resourceVersion')),
    resourceVersionMatch: matchIn(text('resourceVersionMatch')),
    sendInitialEvents: flag(text('sendInitialEvents'), 'sendInitialEvents'),
    allowWatchBookmarks: flag(text('allowWatchBookmarks'), 'allowWatchBookmarks') ?? false,
    timeoutSeconds: count(text('timeoutSeconds'), 'timeoutSeconds'),
  };
  checkTogether(options);
  return options;
}

/** The rules of apimachinery's `ValidateListOptions`. */
function checkTogether(options: ListOptions): void {
  const { isWatch, resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options;
  if (isWatch) {
    const isWanted = sendInitialEvents !== undefined;
    if (isWanted && match !== 'NotOlderThan') {
      throw invalid('sendInitialEvents', 'needs resourceVersionMatch=NotOlderThan');
    }
    if (!isWanted && match !== '') {
      throw invalid('resourceVersionMatch', 'is for watches with sendInitialEvents only');
    }
    return;
  }
  if (sendInitialEvents !== undefined) throw invalid('sendInitialEvents', 'is for watches only');
  if (options.continueToken !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    throw invalid('resourceVersion', 'must not be given with continue');
  }
  if (match !== '' && resourceVersion === '') {
    throw invalid('resourceVersionMatch', 'needs a resourceVersion');
  }
  if (match === 'Exact' && resourceVersion === '0') {
    throw invalid('resourceVersionMatch', 'Exact needs another resourceVersion than 0');
  }
}

/** As Go's `strconv.ParseBool`, but for the empty text: not said. */
function flag(text: string, name: string): boolean | undefined {
  if (text === '') return undefined;
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw invalid(name, 'must be true or false');
}

function count(text: string, name: string): number {
  if (text === '') return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid(name, 'must be a whole number');
}

function versionIn(text: string): string {
  if (text === '' || isOrdered(text)) return text;
  throw invalid('resourceVersion', 'must be a whole number');
}

function matchIn(text: string): ListOptions['resourceVersionMatch'] {
  if (text === '' || text === 'NotOlderThan' || text === 'Exact') return text;
  throw invalid('resourceVersionMatch', 'must be NotOlderThan or Exact');
}

function invalid(name: string, message: string): CachedReadError {
  return new CachedReadError(400, `${name}: ${message}`);
}
