/** Builders of Kubernetes objects, for the tests of whoever projects or stores them. */
export { aPod, aReplicaSet, anObject, bytesOf, type ObjectParts } from './objects.ts';
export { goldenFolder, goldenObjects, type GoldenObject } from './golden-objects.ts';
