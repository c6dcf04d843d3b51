import { CachedReadError } from './cached-read-error.ts';
import { readSelector } from './object-selector.ts';

const pod = Buffer.from(
  JSON.stringify({
    metadata: { name: 'web-1', namespace: 'a', labels: { app: 'web', tier: 'front' } },
    spec: { nodeName: 'n1', hostNetwork: true },
    status: { phase: 'Running' },
  }),
);
const event = Buffer.from(
  JSON.stringify({
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'web-1' },
    source: { component: 'kubelet' },
    reason: 'Pulled',
  }),
);

const select = (labelSelector: string, fieldSelector: string, resource = 'pods') =>
  readSelector({ labelSelector, fieldSelector, resource });

describe(readSelector, () => {
  it.each([
    ['app=web', '', true],
    ['app=web,tier notin (back)', 'status.phase=Running', true],
    ['app=db', '', false],
    ['', 'spec.nodeName=n1', true],
    ['', 'spec.nodeName==n1,status.phase!=Failed', true],
    ['', 'spec.nodeName=', false],
    ['', 'status.podIP=', true],
    ['', 'spec.hostNetwork=true', true],
    ['', 'metadata.name=web-1,metadata.namespace!=b', true],
    ['', 'metadata.name=web-2', false],
  ])('decides labels %j and fields %j', (labels, fields, isWanted) => {
    expect(select(labels, fields).matches?.(pod)).toBe(isWanted);
  });

  it.each([
    ['involvedObject.name=web-1,reason=Pulled', true],
    ['source=kubelet', true],
    ['source=scheduler', false],
    ['type=', true],
  ])('decides fields %j of an event', (fields, isWanted) => {
    expect(select('', fields, 'events').matches?.(event)).toBe(isWanted);
  });

  it('knows what an absent number or flag stands for', () => {
    const node = Buffer.from('{"metadata":{"name":"n"},"spec":{}}');

    expect(select('', 'spec.unschedulable=false', 'nodes').matches?.(node)).toBe(true);
  });

  it('wants everything when nothing is selected', () => {
    expect(select('', '').matches).toBeUndefined();
  });

  it('says which one object can be wanted', () => {
    expect(select('', 'metadata.name=x,metadata.namespace=a')).toMatchObject({
      ...{ name: 'x', namespace: 'a' },
    });
    expect(select('', 'metadata.name!=x').name).toBeUndefined();
  });

  it.each([
    ['a=b=c', ''],
    ['', 'spec.containers=x'],
    ['', 'status.phase'],
  ])('refuses labels %j and fields %j', (labels, fields) => {
    expect(() => select(labels, fields)).toThrow(CachedReadError);
  });

  it('does not take a field of one resource for another', () => {
    expect(() => select('', 'spec.nodeName=x', 'services')).toThrow(/only "metadata.name"/);
  });
});
