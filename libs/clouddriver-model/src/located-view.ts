/**
 * Reads what projection needs of a usual object without parsing it: with the kernel of
 * `member-kernel.ts`, and with what the object before had in common with it (Pods come by owner, and
 * those of one ReplicaSet name it in the same bytes).
 */
import { MemberKernel, type WantedNames } from './member-kernel.ts';
import {
  ownersOf,
  parseObjectView,
  relatingFieldsOf,
  relatingMemberOf,
  type ObjectReference,
  type ProjectedView,
} from './object-view.ts';
import { readAnnotations } from './moniker.ts';

/** What the kernel looks for. */
export const wantedNames = [
  ['metadata', 'apiVersion', 'kind', 'spec', 'involvedObject'],
  ['annotations', 'name', 'namespace', 'uid', 'resourceVersion', 'ownerReferences'],
  readAnnotations,
] as const satisfies WantedNames;

type WantedName = (typeof wantedNames)[number][number];

const allNames: readonly WantedName[] = wantedNames.flat();
const place = Object.fromEntries(allNames.map((name, at) => [name, at])) as Readonly<
  Record<WantedName, number>
>;
const annotationPlaces = readAnnotations.map((name) => [name, place[name]] as const);

const none: Readonly<Record<string, never>> = Object.freeze({});
const nobody: readonly never[] = Object.freeze([]);

/** Longer lists of owners are not remembered. */
const maxOwnersChars = 2048;

/** What {@link threadKernel} answers, from its first use on. */
let kernelOfThread: MemberKernel | null | undefined;

/** The one kernel of this thread; `null` where it cannot run, and all is parsed instead. */
export function threadKernel(): MemberKernel | null {
  return (kernelOfThread ??= startedKernel());
}

/** Reads objects, one after the other. */
export class ViewReader {
  readonly #kernel: MemberKernel | null;
  #ownersText = '';
  #owners: readonly ObjectReference[] = nobody;

  /** `kernel`: one for {@link wantedNames}. */
  constructor(kernel: MemberKernel | null = threadKernel()) {
    this.#kernel = kernel;
  }

  /**
   * Reads one object. Objects with equal owners, one after the other, have the same list of them.
   * @throws ModelError as {@link parseObjectView}
   */
  read(object: Uint8Array): ProjectedView {
    const kernel = this.#kernel;
    const view = kernel?.find(object) === true ? this.#viewIn(kernel) : undefined;
    return view ?? parseObjectView(object);
  }

  /** `undefined` when a field is missing without which there is no key. */
  #viewIn(found: MemberKernel): ProjectedView | undefined {
    const apiVersion = found.stringOf(place.apiVersion) ?? '';
    const kind = found.stringOf(place.kind) ?? '';
    const name = found.stringOf(place.name) ?? '';
    if (apiVersion === '' || kind === '' || name === '') return undefined;
    const view = {
      apiVersion,
      kind,
      name,
      namespace: found.stringOf(place.namespace) ?? '',
      uid: found.stringOf(place.uid) ?? '',
      resourceVersion: found.stringOf(place.resourceVersion) ?? '',
      annotations: annotationsIn(found),
      owners: this.#ownersIn(found),
      ingressServices: nobody,
      serviceName: '',
    };
    const relating = relatingMemberOf(kind);
    if (relating === undefined) return view;
    const text = found.textOf(place[relating]);
    const { namespace } = view;
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    const fields = { apiVersion, kind, metadata: { namespace }, [relating]: value };
    return { ...view, ...relatingFieldsOf(fields) };
  }

  #ownersIn(found: MemberKernel): readonly ObjectReference[] {
    const text = found.textOf(place.ownerReferences);
    if (text === '') return nobody;
    if (text === this.#ownersText) return this.#owners;
    const owners = ownersOf(JSON.parse(text));
    if (text.length <= maxOwnersChars) {
      this.#owners = owners;
      this.#ownersText = text;
    }
    return owners;
  }
}

function annotationsIn(found: MemberKernel): Readonly<Record<string, string>> {
  let annotations: Record<string, string> | undefined;
  for (const [name, at] of annotationPlaces) {
    const value = found.stringOf(at);
    if (value !== undefined) (annotations ??= {})[name] = value;
  }
  return annotations ?? none;
}

function startedKernel(): MemberKernel | null {
  try {
    return new MemberKernel(wantedNames);
  } catch {
    // An engine without WebAssembly or SIMD, or one that forbids it: all is parsed, only slower.
    return null;
  }
}
