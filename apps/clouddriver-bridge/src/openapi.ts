/** The OpenAPI document of what this bridge serves. */

const text = { type: 'string' } as const;
const whole = { type: 'integer' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const orNull = <T extends { readonly type: string }>(schema: T) =>
  ({ ...schema, type: [schema.type, 'null'] }) as const;
const listOf = (items: object) => ({ type: 'array', items }) as const;
const objectOf = (properties: object) =>
  ({ type: 'object', required: Object.keys(properties), properties }) as const;
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` }) as const;

const accountStates = ['connecting', 'syncing', 'synced', 'stale', 'disconnected', 'rejected'];

const cluster = objectOf({
  ...{ server: text, certificateFingerprint: text, version: text, uid: text },
});

const schemas = {
  Account: objectOf({
    name: text,
    state: { ...text, enum: accountStates },
    reason: { ...text, description: 'Why it is in that state; empty when all is well.' },
    agent: { ...text, description: 'The agent that feeds it, or did last.' },
    bridge: { ...text, description: 'The bridge that feeds it; empty if nobody does.' },
    cluster,
    objects: { ...whole, description: 'Objects stored.' },
    asOf: { ...orNull(time), description: 'Up to when its rows are known to be true.' },
    lagMs: { ...orNull(whole), description: 'How far it is behind.' },
    kinds: listOf(text),
    properties: { type: 'object' },
  }),
  Feed: objectOf({
    kind: text,
    group: text,
    version: text,
    namespace: { ...text, description: 'Empty for all namespaces.' },
    state: text,
    reason: text,
    resourceVersion: text,
    objects: { ...orNull(whole), description: 'null for one of several feeds of a kind.' },
    asOf: orNull(time),
    verifiedAt: {
      ...orNull(time),
      description: 'When its rows were last compared with the cluster, and put right.',
    },
  }),
  CommittedEvent: objectOf({
    account: text,
    kind: text,
    type: { ...text, enum: ['added', 'modified', 'deleted'] },
    namespace: { ...text, description: 'Empty for cluster-scoped objects.' },
    name: text,
    uid: text,
    resourceVersion: { ...text, description: 'Empty if the version of a deletion is not known.' },
    committedAt: time,
  }),
  Agent: objectOf({
    name: text,
    instance: text,
    version: text,
    zone: text,
    connectedAt: time,
    lastHeardAt: time,
    accounts: listOf(
      objectOf({
        name: text,
        role: { ...text, enum: ['active', 'standby', 'rejected', 'undecided'] },
        reason: text,
      }),
    ),
  }),
  Replica: objectOf({
    name: text,
    self: { type: 'boolean', description: 'The one that answers.' },
    alive: { type: 'boolean', description: 'It has counted up within the last ten seconds.' },
    startedAt: time,
    beatAt: time,
  }),
  Move: objectOf({ name: text, from: ref('Cluster'), to: ref('Cluster') }),
  Cluster: cluster,
  Refresh: objectOf({
    resourceVersion: { ...text, description: 'Of the object, or at which there was none.' },
    found: { type: 'boolean', description: 'Whether the cluster has it.' },
    elapsedMs: whole,
  }),
  StoredObject: {
    ...objectOf({
      account: text,
      kind: { ...text, description: "Clouddriver's spelling, e.g. replicaSet." },
      apiVersion: text,
      namespace: text,
      name: text,
      application: text,
      cluster: text,
      resourceVersion: text,
      asOf: time,
    }),
    description: 'With include=manifest also `manifest`, byte for byte as stored.',
  },
  DeadLetter: {
    ...objectOf({
      id: text,
      account: text,
      kind: { ...text, description: "Clouddriver's spelling, e.g. replicaSet." },
      group: text,
      resource: text,
      namespace: text,
      name: text,
      uid: text,
      resourceVersion: text,
      operation: { ...text, enum: ['write', 'delete'] },
      reason: { ...text, enum: ['invalidJson', 'missingField', 'otherKind', 'notRead', 'refused'] },
      message: { ...text, description: "More of the reason, e.g. the database's words." },
      firstSeenAt: time,
      lastSeenAt: time,
      attempts: whole,
      bytes: { ...whole, description: 'Size of the object.' },
      isReplayable: { type: 'boolean', description: 'Whether there is what to try again.' },
    }),
    description: 'An object that was put aside. One alone also has `object`: its bytes in base64.',
  },
  Replay: objectOf({
    outcome: {
      ...text,
      enum: ['committed', 'refused', 'superseded'],
      description: 'superseded: the object has changed or gone since, and there is nothing to try.',
    },
    reason: { ...text, description: 'Why it was put aside again.' },
    message: text,
  }),
  Problem: objectOf({ type: text, title: text, status: whole, detail: text }),
};

const query = (name: string, description: string, schema: object = text) => ({
  name,
  in: 'query',
  description,
  schema,
});
const inPath = (name: string, description: string) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: text,
});

const paging = [
  query('limit', 'At most so many items.', { ...whole, minimum: 1, maximum: 1000, default: 100 }),
  query('continue', 'From the page before.'),
];

const json = (schema: object) => ({ 'application/json': { schema } });
const problems = {
  default: {
    description: 'RFC 9457 problem document.',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
};

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly object[];
  readonly answer: object;
}

function getOf(operation: Operation) {
  return { get: operationOf(operation) };
}

function postOf(operation: Operation) {
  return { post: operationOf(operation) };
}

function operationOf({ summary, parameters = [], answer }: Operation) {
  const responses = { 200: { description: 'The answer.', content: json(answer) }, ...problems };
  return { summary, parameters, responses };
}

const pageOf = (schema: string) => ({
  type: 'object',
  required: ['items'],
  properties: { items: listOf(ref(schema)), continue: text },
});

/** The document. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: { title: 'Fairlead bridge', version: '1' },
  components: {
    schemas,
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description:
          'A token of auth.clients, or a JSON Web Token. 401: not known; 429 with Retry-After: too ' +
          'many failures from this address; 503: nobody can say at the moment.',
      },
      certificate: { type: 'mutualTLS' },
    },
  },
  security: [{ bearer: [] }, { certificate: [] }, {}],
  paths: {
    '/api/v1/accounts': getOf({
      summary: 'All accounts.',
      parameters: paging,
      answer: pageOf('Account'),
    }),
    '/api/v1/accounts/{name}': getOf({
      summary: 'One account.',
      parameters: [inPath('name', 'The account.')],
      answer: ref('Account'),
    }),
    '/api/v1/accounts/{name}/feeds': getOf({
      summary: 'The feeds of an account.',
      parameters: [inPath('name', 'The account.'), ...paging],
      answer: pageOf('Feed'),
    }),
    '/api/v1/agents': getOf({
      summary: 'Agents that are connected to this bridge.',
      parameters: paging,
      answer: pageOf('Agent'),
    }),
    '/api/v1/replicas': getOf({
      summary: 'Bridges that share the database.',
      parameters: paging,
      answer: pageOf('Replica'),
    }),
    '/api/v1/accounts/{name}/move': {
      post: {
        summary: "Gives the name to another cluster: the old one's rows are deleted first.",
        description:
          'Without a uid: to the one that agents offer and that was rejected. Needs write access.',
        parameters: [inPath('name', 'The account.')],
        requestBody: {
          required: false,
          content: json({
            type: 'object',
            properties: {
              uid: { ...text, description: "uid of the new cluster's namespace kube-system." },
            },
          }),
        },
        responses: {
          202: { description: 'It has begun.', content: json(ref('Move')) },
          ...problems,
        },
      },
    },
    '/api/v1/events': {
      get: {
        summary: 'Every change that this bridge commits, as server-sent events; goes on for ever.',
        description:
          'event: change for each; event: lost when what followed Last-Event-ID is not known any more.',
        parameters: [
          query('account', 'Exact name.'),
          query('kind', 'Exact name, as it stands in the events.'),
          query('namespace', 'Exact name; _ for cluster-scoped objects.'),
          {
            ...{ name: 'Last-Event-ID', in: 'header', required: false, schema: text },
            description: 'The id of the last event that was seen.',
          },
        ],
        responses: {
          200: {
            description: 'The stream.',
            content: { 'text/event-stream': { schema: ref('CommittedEvent') } },
          },
          ...problems,
        },
      },
    },
    '/api/v1/accounts/{name}/refresh': {
      post: {
        summary: 'Reads one object from the cluster; answers when SQL holds what was read.',
        description:
          'Read access is enough. 404 for a kind that is not stored; 409 if it was put aside; 503 while no agent is there, or a snapshot of the kind takes longer than 15 s.',
        parameters: [inPath('name', 'The account.')],
        requestBody: {
          required: true,
          content: json({
            type: 'object',
            required: ['kind', 'name'],
            properties: {
              kind: { ...text, description: 'Spinnaker kind, plural, or either with its group.' },
              namespace: { ...text, description: 'Empty or _ for a cluster-scoped object.' },
              name: text,
            },
          }),
        },
        responses: {
          200: { description: 'It is stored as it was read.', content: json(ref('Refresh')) },
          ...problems,
        },
      },
    },
    '/cache/kubernetes/manifest': {
      post: {
        summary: "The same in the form that Clouddriver's callers know.",
        requestBody: {
          required: true,
          content: json({
            type: 'object',
            required: ['account', 'name'],
            properties: {
              account: text,
              location: { ...text, description: 'The namespace.' },
              name: { ...text, description: 'Kind and name with a space between them.' },
            },
          }),
        },
        responses: {
          200: {
            description: 'It is stored as it was read.',
            content: json(objectOf({ cachedIdentifiersByType: { type: 'object' } })),
          },
          ...problems,
        },
      },
    },
    '/api/v1/objects': getOf({
      summary: 'Search over the stored objects of all accounts. A page may be empty and lead on.',
      parameters: [
        query('account', 'Exact name.'),
        query('kind', 'In any spelling that Kubernetes or Spinnaker has for it.'),
        query('namespace', 'Exact name; _ for cluster-scoped objects.'),
        query('name', 'Exact name.'),
        query('application', 'Exact name.'),
        query('q', 'Part of the name or the namespace.'),
        query('labelSelector', 'As kubectl takes it.'),
        query('include', 'Also give the manifests.', { ...text, enum: ['manifest'] }),
        ...paging,
      ],
      answer: pageOf('StoredObject'),
    }),
    '/api/v1/objects/{account}/{kind}/{namespace}/{name}': getOf({
      summary: 'The manifest as it is stored, byte for byte.',
      parameters: [
        inPath('account', 'The account.'),
        inPath('kind', 'In any spelling.'),
        inPath('namespace', '_ for cluster-scoped objects.'),
        inPath('name', 'The name.'),
      ],
      answer: { type: 'object' },
    }),
    '/api/v1/dead-letters': getOf({
      summary: 'Objects that were put aside. A page may be short and lead on.',
      parameters: [query('account', 'Exact name.'), ...paging],
      answer: pageOf('DeadLetter'),
    }),
    '/api/v1/dead-letters/{id}': getOf({
      summary: 'One object that was put aside, with its bytes.',
      parameters: [inPath('id', 'The dead letter.')],
      answer: ref('DeadLetter'),
    }),
    '/api/v1/dead-letters/{id}/replay': postOf({
      summary: 'Tries again to store it. 503 while its account is not fed over this bridge.',
      parameters: [inPath('id', 'The dead letter.')],
      answer: ref('Replay'),
    }),
    '/api/v1/openapi.json': getOf({ summary: 'This document.', answer: { type: 'object' } }),
  },
};
