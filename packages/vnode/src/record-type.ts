/** Types of the records in a vnode's log: docs/format/wal.md. */
export const RecordType = { submit: 1, change: 2 } as const;
