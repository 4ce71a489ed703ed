/** What `--check` and `--repair` print, as lines. */
import type { FileFinding, RepairReport } from '@tdnode/common';

/** A table of findings: what, file (below `dataDir`), state. */
export function findingLines(findings: readonly FileFinding[], dataDir: string): string[] {
  const rows = findings.map(
    (finding) => [finding.part, nameOf(finding.file, dataDir), stateText(finding)] as const,
  );
  const partWidth = Math.max(4, ...rows.map(([part]) => part.length));
  const fileWidth = Math.max(4, ...rows.map(([, file]) => file.length));
  return [['what', 'file', 'state'] as const, ...rows].map(
    ([part, file, state]) => `${part.padEnd(partWidth)}  ${file.padEnd(fileWidth)}  ${state}`,
  );
}

/** One line for all of it. */
export function summaryLine(findings: readonly FileFinding[]): string {
  const files = (state: FileFinding['state']): number =>
    new Set(findings.filter((finding) => finding.state === state).map(({ file }) => file)).size;
  const all = new Set(findings.map(({ file }) => file)).size;
  const damaged = files('damaged');
  const torn = files('torn');
  const tornText = torn === 0 ? '' : `, ${torn} with a torn tail`;
  if (damaged === 0) return `${all} files, none damaged${tornText}`;
  return `${all} files, ${damaged} damaged${tornText}: taosd --repair keeps what can be read`;
}

/** What was done to one part; nothing when nothing was. */
export function reportLines(name: string, report: RepairReport): string[] {
  const lines: string[] = [];
  for (const text of report.done) lines.push(`${name}: ${text}`);
  for (const file of report.aside) lines.push(`${name}: kept aside ${file}`);
  for (const text of report.lost) lines.push(`${name}: lost ${text}`);
  for (const text of report.failed) lines.push(`${name}: cannot be repaired: ${text}`);
  return lines;
}

function stateText(finding: FileFinding): string {
  const { state, offset, what, affected } = finding;
  if (state === 'ok') return 'ok';
  if (state === 'torn')
    return `torn tail at byte ${offset} (${what}), will be cut at start: ${affected}`;
  return `damaged at byte ${offset} (${what}): ${affected}`;
}

function nameOf(file: string, dataDir: string): string {
  return file.startsWith(`${dataDir}/`) ? file.slice(dataDir.length + 1) : file;
}
