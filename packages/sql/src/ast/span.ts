/** Where a node stands in the statement's text: characters `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
