/**
 * Output of the feeds that tell of changes of the API itself: CustomResourceDefinitions and
 * APIServices. Each change asks for a discovery; the deltas go on to the account's own output if
 * the kind is followed anyway.
 */
import type { Delta, FeedOutput, FeedStatus } from './delta-sink.ts';
import type { ResourceType } from './resource-type.ts';

/** Group and resource of the two types whose changes change what is served. */
const API_TYPES: readonly { readonly group: string; readonly resource: string }[] = [
  { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  { group: 'apiregistration.k8s.io', resource: 'apiservices' },
];

/** Whether objects of this type say what is served. */
export function isApiType(type: Pick<ResourceType, 'group' | 'resource'>): boolean {
  return API_TYPES.some(
    ({ group, resource }) => group === type.group && resource === type.resource,
  );
}

/** Wraps the output of such a feed; `inner` is absent when the kind is not followed. */
export function apiChangeOutput(onChange: () => void, inner?: FeedOutput): FeedOutput {
  return {
    write(delta: Delta, bytes: number): Promise<void> | void {
      // Every object of a snapshot would be one too many: its end stands for all.
      if (delta.kind === 'applied' || delta.kind === 'deleted' || delta.kind === 'initDone') {
        onChange();
      }
      return inner?.write(delta, bytes);
    },
    status(status: FeedStatus): void {
      inner?.status(status);
    },
  };
}
