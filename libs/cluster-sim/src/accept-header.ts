// Which form of an answer a client asks for. The real server offers the object itself, a Table
// (what kubectl prints) and metadata alone; all as JSON here.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources

/** The form of an answer. */
export type AnswerForm =
  | 'object'
  | 'table'
  /** The metadata of one object; refused for lists. */
  | 'partialMetadata'
  /** The metadata of each object of a list; refused for one object. */
  | 'partialMetadataList';

const formsByName: Readonly<Record<string, AnswerForm>> = {
  Table: 'table',
  PartialObjectMetadata: 'partialMetadata',
  PartialObjectMetadataList: 'partialMetadataList',
};

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The first form that an Accept header names and the simulator has; undefined for none. */
export function negotiateForm(accept: string | undefined): AnswerForm | undefined {
  const ranges = parseAccept(accept);
  if (ranges.length === 0) return 'object';
  for (const { type, parameters } of ranges) {
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = parameters.get('as');
    if (as === undefined) return 'object';
    const isKnown = parameters.get('g') === 'meta.k8s.io' && parameters.get('v') === 'v1';
    const form = isKnown && Object.hasOwn(formsByName, as) ? formsByName[as] : undefined;
    if (form !== undefined) return form;
  }
  return undefined;
}

/** A version of aggregated discovery. */
export type DiscoveryVersion = 'v2' | 'v2beta1';

/** The offered version of aggregated discovery that an Accept header prefers; undefined for plain. */
export function negotiateDiscovery(
  accept: string | undefined,
  offered: readonly DiscoveryVersion[],
): DiscoveryVersion | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json') continue;
    const version = parameters.get('v');
    if (parameters.get('as') === 'APIGroupDiscoveryList') {
      const found = offered.find((each) => each === version);
      if (found !== undefined) return found;
    } else return undefined;
  }
  return undefined;
}

function parseAccept(accept: string | undefined): MediaRange[] {
  const parts = (accept ?? '').split(',').map((part) => part.trim());
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const [type = '', ...pairs] = part.split(';').map((piece) => piece.trim());
      const parameters = new Map(
        pairs.map((pair) => {
          const equals = pair.indexOf('=');
          return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
        }),
      );
      return { type, parameters };
    });
}
