import { manifestKey, parseManifests, printManifests, withoutHelm } from './manifest.ts';

const text = `---
# Source: a
apiVersion: apps/v1
kind: Deployment
metadata:
  name: a
  labels: { helm.sh/chart: a-1, app: a }
spec: { template: { metadata: { labels: { helm.sh/chart: a-1, app: a } } } }
---
---
apiVersion: v1
kind: Pod
metadata: { name: t, annotations: { helm.sh/hook: test } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: a, namespace: n }
`;

describe(parseManifests, () => {
  it('reads every document but the empty ones', () => {
    expect(parseManifests(text).map(manifestKey)).toEqual([
      'apps/v1 Deployment /a',
      'v1 Pod /t',
      'v1 ServiceAccount n/a',
    ]);
  });

  it('refuses what is no object, and what is no YAML', () => {
    expect(() => parseManifests('just words')).toThrow('no Kubernetes object: "just words"');
    expect(() => parseManifests('a: [')).toThrow();
  });

  it('reads back what printManifests prints', () => {
    const manifests = parseManifests(text);

    expect(parseManifests(printManifests(manifests))).toEqual(manifests);
  });
});

describe(withoutHelm, () => {
  it('leaves out hooks and labels of Helm, and puts first what others need', () => {
    const [first, second, ...rest] = withoutHelm(parseManifests(text));

    expect(first?.kind).toBe('ServiceAccount');
    expect(second).toMatchObject({ metadata: { labels: { app: 'a' } } });
    expect(JSON.stringify(second)).not.toContain('helm.sh');
    expect(rest).toEqual([]);
  });
});
