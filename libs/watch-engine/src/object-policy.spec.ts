import {
  acceptOf,
  DEFAULT_OBJECT_POLICY,
  formOf,
  problemsOfPolicy,
  scannerOptionsOf,
} from './object-policy.ts';
import type { ResourceType } from './resource-type.ts';
import { PODS } from './testing/index.ts';

const SECRETS: ResourceType = { ...PODS, resource: 'secrets', kind: 'Secret' };
const CUSTOM_SECRETS: ResourceType = { ...SECRETS, group: 'vault.example.com' };
const TABS: ResourceType = {
  ...PODS,
  group: 'stable.example.com',
  resource: 'crontabs',
  kind: 'CronTab',
};

describe(formOf, () => {
  it('asks for metadata of core Secrets alone, unless they are to be scrubbed', () => {
    const scrub = { ...DEFAULT_OBJECT_POLICY, secrets: 'scrub' } as const;

    expect(formOf(SECRETS, DEFAULT_OBJECT_POLICY)).toBe('metadata');
    expect(formOf(SECRETS, scrub)).toBe('object');
    expect(formOf(PODS, DEFAULT_OBJECT_POLICY)).toBe('object');
    expect(formOf(CUSTOM_SECRETS, DEFAULT_OBJECT_POLICY)).toBe('object');
  });
});

describe(acceptOf, () => {
  it('leaves a server no choice but to leave values out', () => {
    expect(acceptOf('metadata', 'list')).toBe(
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    );
    expect(acceptOf('metadata', 'watch')).toBe(
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    );
    expect(acceptOf('object', 'watch')).toBe('application/json');
  });
});

describe(scannerOptionsOf, () => {
  const policy = {
    ...DEFAULT_OBJECT_POLICY,
    redact: [
      { kinds: ['cronTab.stable.example.com'], paths: ['.spec.env[*].value', '.spec.token'] },
      { kinds: ['*'], paths: ['.spec.token'] },
    ],
  };

  it('takes the rules of a kind and those of all, each path once', () => {
    expect(scannerOptionsOf(TABS, policy)).toMatchObject({
      apiVersion: 'stable.example.com/v1',
      kind: 'CronTab',
      redact: ['.spec.env[*].value', '.spec.token'],
      prune: ['.metadata.managedFields'],
    });
    expect(scannerOptionsOf(PODS, policy).redact).toEqual(['.spec.token']);
  });

  it('has chunks overwritten that may hold what must not leave', () => {
    expect(scannerOptionsOf(TABS, policy).wipeChunks).toBe(true);
    expect(scannerOptionsOf(SECRETS, DEFAULT_OBJECT_POLICY).wipeChunks).toBe(true);
    expect(scannerOptionsOf(PODS, DEFAULT_OBJECT_POLICY).wipeChunks).toBe(false);
  });
});

describe(problemsOfPolicy, () => {
  it('names paths that are none, and rules without a kind', () => {
    const redact = [
      { kinds: ['pod'], paths: ['spec'] },
      { kinds: [], paths: ['.spec'] },
      { kinds: ['pod'], paths: ['.metadata.name'] },
    ];

    expect(problemsOfPolicy({ ...DEFAULT_OBJECT_POLICY, redact })).toHaveLength(3);
    expect(problemsOfPolicy(DEFAULT_OBJECT_POLICY)).toEqual([]);
  });
});
