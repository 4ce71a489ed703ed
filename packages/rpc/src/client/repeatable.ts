/** Statements of the mnode that may be sent again though nobody knows whether they were executed: twice is once. */

const REPEATABLE = [
  /^\s*(?:show|describe|desc|use)\b/i,
  /^\s*(?:create|drop)\s+\w+\s+if\s+(?:not\s+)?exists\b/i,
  // They say what is to be, not what is to be added.
  /^\s*alter\s+(?:user|database)\b/i,
];

/** See the head of this file. Other statements may be, too: this knows by their first words only. */
export function isRepeatable(sql: string): boolean {
  return REPEATABLE.some((pattern) => pattern.test(sql));
}
