import { chunksOf, noBody, readRequestInfo, type RequestInfo } from '@fairlead/api-tunnel';
import type { ClusterRequest } from '@fairlead/cluster-client';
import { KindLookup } from './kind-lookup.ts';

function infoOf(target: string): RequestInfo {
  const reading = readRequestInfo({ method: 'GET', target });
  if (reading.kind === 'ambiguous') throw new Error(reading.reason);
  return reading.info;
}

const resourceList = JSON.stringify({
  kind: 'APIResourceList',
  resources: [
    { name: 'doors', kind: 'Door' },
    { name: 'doors/status', kind: 'DoorStatus' },
    { name: 7, kind: 'Odd' },
  ],
});
const doors = infoOf('/apis/x.io/v1/namespaces/a/doors/d');

function setUp(answer: { status: number; text: string } | Error) {
  const state = { answer, nowMs: 0, asked: [] as string[] };
  const request = ({ path }: ClusterRequest) => {
    state.asked.push(path);
    const { answer: next } = state;
    if (next instanceof Error) return Promise.reject(next);
    const text = () => Promise.resolve(next.text);
    return Promise.resolve({
      status: next.status,
      headers: {},
      body: chunksOf(noBody),
      text,
    });
  };
  return {
    state,
    kinds: new KindLookup(
      () => ({ request }),
      () => state.nowMs,
    ),
  };
}

describe(KindLookup, () => {
  it('asks the discovery of the group once, and again after ten minutes', async () => {
    const { state, kinds } = setUp({ status: 200, text: resourceList });

    expect(await kinds.kindOf(doors)).toBe('Door');
    expect(await kinds.kindOf(infoOf('/apis/x.io/v1/doors/d/status'))).toBe('Door');
    state.nowMs = 600_000;
    expect(await kinds.kindOf(doors)).toBe('Door');

    expect(state.asked).toEqual(['/apis/x.io/v1', '/apis/x.io/v1']);
  });

  it('asks again soon for what is not there yet', async () => {
    const { state, kinds } = setUp({ status: 404, text: '{}' });

    expect(await kinds.kindOf(doors)).toBeUndefined();
    expect(await kinds.kindOf(doors)).toBeUndefined();
    state.nowMs = 5_000;
    state.answer = { status: 200, text: resourceList };

    expect(await kinds.kindOf(doors)).toBe('Door');
    expect(state.asked).toHaveLength(2);
  });

  it.each([
    ['the API server cannot be reached', new Error('down')],
    ['the answer is none', { status: 200, text: '<html>' }],
    ['the answer is of another kind', { status: 200, text: '{"resources":{}}' }],
  ])('does not know when %s', async (_, answer) => {
    expect(await setUp(answer).kinds.kindOf(doors)).toBeUndefined();
  });

  it('goes on with what it knew when it cannot ask again', async () => {
    const { state, kinds } = setUp({ status: 200, text: resourceList });
    await kinds.kindOf(doors);

    state.nowMs = 700_000;
    state.answer = new Error('down');

    expect(await kinds.kindOf(doors)).toBe('Door');
  });

  it('asks for the core group at its own place', async () => {
    const { state, kinds } = setUp({ status: 200, text: resourceList });

    await kinds.kindOf(infoOf('/api/v1/pods'));

    expect(state.asked).toEqual(['/api/v1']);
  });
});
