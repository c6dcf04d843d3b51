// The query of lists and watches, checked as the real server checks it.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
import { isTrue } from './request-target.ts';
import { type StreamingLists } from './server-version.ts';
import { type ServedResource } from './served-resource.ts';
import { StatusError } from './status-error.ts';

/** The options of a list or a watch. */
export interface ListOptions {
  /** Label selector text. */
  readonly labelSelector: string;
  /** Field selector text. */
  readonly fieldSelector: string;
  /** At most so many items on a page; 0 for all. */
  readonly limit: number;
  /** Token of the next page, or ''. */
  readonly continueToken: string;
  /** '' when the client does not say. */
  readonly resourceVersion: string;
  /** How to understand `resourceVersion`. */
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  /** Watch only: end after so many seconds; 0 leaves it to the server. */
  readonly timeoutSeconds: number;
  /** Watch only. */
  readonly allowWatchBookmarks: boolean;
  /** Watch only: first the present objects, then a bookmark; undefined when not asked. */
  readonly sendInitialEvents: boolean | undefined;
}

/**
 * Reads the options of a list or a watch.
 *
 * @throws StatusError Invalid or BadRequest for what the real server refuses
 */
export function parseListOptions(
  type: ServedResource,
  query: URLSearchParams,
  use: { verb: 'list' | 'watch'; streamingLists: StreamingLists },
): ListOptions {
  const options: ListOptions = {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: Number(query.get('limit') ?? 0) || 0,
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: (query.get('resourceVersionMatch') ?? '') as '' | 'Exact',
    timeoutSeconds: Number(query.get('timeoutSeconds') ?? 0) || 0,
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents:
      query.has('sendInitialEvents') && use.streamingLists !== 'unknown'
        ? isTrue(query.get('sendInitialEvents'))
        : undefined,
  };
  const problems = use.verb === 'list' ? listProblems(options) : watchProblems(options, use);
  if (problems.length > 0) throw invalidOptions(type, problems);
  if (!/^\d*$/.test(options.resourceVersion)) {
    throw new StatusError(
      'Invalid',
      `resourceVersion: Invalid value: "${options.resourceVersion}"`,
    );
  }
  return options;
}

type Problem = readonly [field: string, message: string];

function listProblems(options: ListOptions): Problem[] {
  const { resourceVersionMatch: match, resourceVersion, continueToken } = options;
  const field = 'resourceVersionMatch';
  const problems: Problem[] = [];
  if (options.sendInitialEvents !== undefined) {
    problems.push(['sendInitialEvents', 'sendInitialEvents is forbidden for list']);
  }
  if ((match as string) === '') return problems;
  if (resourceVersion === '') {
    problems.push([field, 'resourceVersionMatch is forbidden unless resourceVersion is provided']);
  }
  if (continueToken !== '') {
    problems.push([field, 'resourceVersionMatch is forbidden when continue is provided']);
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    problems.push([field, `Unsupported value: "${match as string}"`]);
  }
  if (match === 'Exact' && resourceVersion === '0') {
    problems.push([field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"']);
  }
  return problems;
}

function watchProblems(options: ListOptions, use: { streamingLists: StreamingLists }): Problem[] {
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  const problems: Problem[] = [];
  if (sendInitialEvents !== undefined) {
    if (match !== 'NotOlderThan') {
      const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
      problems.push(['resourceVersionMatch', why]);
    }
    if (use.streamingLists !== 'served') {
      const why =
        'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
      problems.push(['sendInitialEvents', why]);
    }
  } else if ((match as string) !== '') {
    const unless = use.streamingLists === 'unknown' ? '' : ' unless sendInitialEvents is provided';
    const why = `resourceVersionMatch is forbidden for watch${unless}`;
    problems.push(['resourceVersionMatch', why]);
  }
  return problems;
}

function invalidOptions(type: ServedResource, problems: readonly Problem[]): StatusError {
  const worded = problems.map(([field, why]) => `${field}: Forbidden: ${why}`);
  const list = worded.length === 1 ? (worded[0] ?? '') : `[${worded.join(', ')}]`;
  return new StatusError('Invalid', `ListOptions.meta.k8s.io "" is invalid: ${list}`, {
    details: {
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: problems.map(([field, why]) => ({
        reason: 'FieldValueForbidden',
        message: `Forbidden: ${why}`,
        field,
      })),
    },
  });
}
