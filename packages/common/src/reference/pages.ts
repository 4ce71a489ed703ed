/** The reference pages of the manual as text, from the tables that the program itself uses. */
import type { Parameter, ParameterName } from '../config/parameters.ts';
import { hasFlag, parameterNames, parameters } from '../config/parameters.ts';
import { allErrors } from '../errors/codes.ts';

/** docs/reference/config.md */
export function configPage(): string {
  const isUnused = (name: ParameterName): boolean => hasFlag(name, 'unused');
  const rows = parameterNames.filter((name) => !isUnused(name)).map(configRow);
  const unused = parameterNames.filter(isUnused).map(unusedRow);
  return `# Parameters of taos.cfg

Lines are \`name value\`; \`#\` starts a comment; names may be written in any case; a value with blanks stands between
\`@\` signs. An unknown name is a warning, a value out of range keeps the default with a warning, a value of the wrong type
refuses to start. \`taosd -C\` prints what rules. A change counts from the next start. This page is made from the table in code by
\`scripts/gen-docs.mjs\`.

Notes: *cluster* must be equal on all dnodes ([offline reasons](../operations/troubleshooting.md#show-dnodes-says-offline) name those that
are compared); *alter* can also be changed while it runs, by
\`alter dnode 1 debugFlag 135\`, until the next start; *show* is in \`show variables\`; *client* is read by clients too; *fixed*
belongs to the build.

| name | type | default | allowed | unit | meaning | notes |
|---|---|---|---|---|---|---|
${rows.join('\n')}

## Without effect

TDengine's files may set these; their values are checked and shown, and nothing reads them.

| name | default | why |
|---|---|---|
${unused.join('\n')}
`;
}

function unusedRow(name: ParameterName): string {
  const { default: standard, meaning } = parameters[name];
  return `| \`${name}\` | ${standard === '' ? '' : `\`${standard}\``} | ${meaning} |`;
}

function configRow(name: ParameterName): string {
  const row: Parameter = parameters[name];
  const isNumber = row.kind === 'number';
  const allowed = isNumber ? `${row.min} … ${row.max}` : `at most ${row.maxLength} bytes`;
  const standard = !isNumber && row.default === '' ? '' : `\`${row.default}\``;
  const cells = [`\`${name}\``, row.type, standard, allowed, row.unit, row.meaning, notesOf(name)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function notesOf(name: ParameterName): string {
  const notes = [
    ['clusterWide', 'cluster'],
    ['alterable', 'alter'],
    ['show', 'show'],
    ['client', 'client'],
    ['fixed', 'fixed'],
  ] as const;
  return notes
    .filter(([flag]) => hasFlag(name, flag))
    .map(([, note]) => note)
    .join(', ');
}

/** docs/reference/errors.md */
export function errorsPage(): string {
  const rows = allErrors().map(
    ({ symbol, code, text, httpStatus }) =>
      `| ${code} | 0x${code.toString(16).padStart(4, '0')} | \`${symbol}\` | ${text.replaceAll('|', '\\|')} | ${httpStatus} |`,
  );
  return `# Error codes

\`code\` and \`desc\` of an error answer, as TDengine 2.1.2 has them, and the HTTP status that goes with them. What was wrong with
which name or value stands in the header \`X-Taos-Detail\`. This page is made from the table in code by \`scripts/gen-docs.mjs\`.

| code | hex | symbol | text | HTTP |
|---:|---|---|---|---:|
${rows.join('\n')}
`;
}
