/** What the user asked for wrongly, or a dump that cannot be used: one sentence, no stack. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
}
