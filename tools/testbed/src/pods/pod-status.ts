/** What is reported of a pod, as far as controllers and people look at it. Pure. */
import type { Pod, PodPlace } from './pod-spec.ts';

/** How one container is. */
export type ContainerState =
  /** Not started: why, in a word and in a sentence. */
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly startedAt: string; readonly isReady: boolean }
  | {
      readonly kind: 'ended';
      readonly startedAt: string;
      readonly endedAt: string;
      readonly exitCode: number;
    };

/** The `status` of a pod with these containers. */
export function podStatus(
  pod: Pod,
  place: PodPlace,
  states: ReadonlyMap<string, ContainerState>,
): Readonly<Record<string, unknown>> {
  const all = pod.spec.containers.map(({ name }) => states.get(name));
  const isReady = all.every((state) => state?.kind === 'running' && state.isReady);
  const hasStarted = all.some((state) => state !== undefined && state.kind !== 'waiting');
  return {
    phase: hasStarted ? phaseOf(pod, all) : 'Pending',
    ...{ hostIP: place.hostIP, hostIPs: [{ ip: place.hostIP }] },
    ...(hasStarted ? { podIP: place.podIP, podIPs: [{ ip: place.podIP }] } : {}),
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Initialized', status: 'True' },
      { type: 'ContainersReady', status: isReady ? 'True' : 'False' },
      { type: 'Ready', status: isReady ? 'True' : 'False' },
    ],
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      ...{ name, image, imageID: '', restartCount: 0 },
      ...stateFields(states.get(name)),
    })),
  };
}

/** A pod that is to run for ever is running as long as nobody takes it away. */
function phaseOf({ spec }: Pod, states: readonly (ContainerState | undefined)[]): string {
  const codes = states.flatMap((state) => (state?.kind === 'ended' ? [state.exitCode] : []));
  if (spec.restartPolicy !== 'Never' || codes.length < states.length) return 'Running';
  return codes.every((code) => code === 0) ? 'Succeeded' : 'Failed';
}

function stateFields(state: ContainerState | undefined): Readonly<Record<string, unknown>> {
  if (state === undefined) return { ready: false, started: false };
  const { kind } = state;
  switch (kind) {
    case 'waiting': {
      const { reason, message } = state;
      return { ready: false, started: false, state: { waiting: { reason, message } } };
    }
    case 'running': {
      const { startedAt, isReady } = state;
      return { ready: isReady, started: true, state: { running: { startedAt } } };
    }
    case 'ended': {
      const { exitCode, startedAt, endedAt: finishedAt } = state;
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      const terminated = { exitCode, reason, startedAt, finishedAt };
      return { ready: false, started: false, state: { terminated } };
    }
  }
}
