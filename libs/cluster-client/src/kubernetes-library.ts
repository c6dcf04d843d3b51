/**
 * What of `@kubernetes/client-node` is used at all. A module of its own, to be imported when needed:
 * a bundler then sees which part of the library that is, and leaves the models of the whole
 * Kubernetes API out.
 */
export { KubeConfig } from '@kubernetes/client-node';
