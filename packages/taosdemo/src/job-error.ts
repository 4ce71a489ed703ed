/** What the user asked for wrongly: an option, a value in a file. One sentence, no stack. */
export class JobError extends Error {
  override readonly name = 'JobError';
}
