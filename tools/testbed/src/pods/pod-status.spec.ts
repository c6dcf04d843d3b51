import { podStatus, type ContainerState } from './pod-status.ts';
import { aPlace, aPod } from './testing.ts';

const pod = aPod({ containers: [{ name: 'app', image: 'example/app:1' }] });
const startedAt = '2026-01-02T03:04:05Z';

function statusOf(state?: ContainerState, restartPolicy = 'Always') {
  return podStatus(
    { ...pod, spec: { ...pod.spec, restartPolicy } },
    aPlace,
    new Map(state ? [['app', state]] : []),
  );
}

function conditionOf(state: ContainerState, type: string) {
  const { conditions } = statusOf(state) as {
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.find((condition) => condition.type === type)?.status;
}

describe(podStatus, () => {
  it('is pending, and says why, until a container has started', () => {
    const status = statusOf({ kind: 'waiting', reason: 'Wrong', message: 'no such Secret' });

    expect(status).toMatchObject({
      phase: 'Pending',
      containerStatuses: [
        { name: 'app', state: { waiting: { reason: 'Wrong', message: 'no such Secret' } } },
      ],
    });
    expect(status).not.toHaveProperty('podIP');
  });

  it('is ready when every container is', () => {
    expect(conditionOf({ kind: 'running', startedAt, isReady: true }, 'Ready')).toBe('True');
    expect(conditionOf({ kind: 'running', startedAt, isReady: false }, 'Ready')).toBe('False');
    expect(statusOf({ kind: 'running', startedAt, isReady: false })).toMatchObject({
      phase: 'Running',
      podIP: '127.0.0.1',
    });
  });

  it('tells how a container ended', () => {
    const ended = { kind: 'ended', startedAt, endedAt: startedAt, exitCode: 2 } as const;

    expect(statusOf(ended)).toMatchObject({
      containerStatuses: [
        { ready: false, state: { terminated: { exitCode: 2, reason: 'Error' } } },
      ],
    });
    expect(conditionOf(ended, 'Ready')).toBe('False');
    expect(statusOf(ended)).toMatchObject({ phase: 'Running' });
  });

  it.each([
    [0, 'Succeeded'],
    [2, 'Failed'],
  ])('is through with exit code %s when nobody wants it again: %s', (exitCode, phase) => {
    const ended = { kind: 'ended', startedAt, endedAt: startedAt, exitCode } as const;

    expect(statusOf(ended, 'Never')).toMatchObject({ phase });
  });
});
