/** The door of the module: what its host may call. */
export {
  batchStart,
  layout,
  outStart,
  rowsStart,
  setFeed,
  takeItems,
  takeLines,
  typeStart,
} from './batch';
export { fieldsStart, scanObject, staticEnd, windowStart, wipeScratch } from './scanner';
