/** A programmer's error: an invariant that does not hold. Stops the vnode, never hides in an answer. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
