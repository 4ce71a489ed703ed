/** What a run is about to do, line by line as 2.1.2 lists it before it starts. */
import type { ColumnSpec, DatabaseJob, InsertJob, TableJob } from '../job.ts';

const COLUMNS_SHOWN = 20;

/** The list. */
export function parameterLines(job: InsertJob): readonly string[] {
  const { connection } = job;
  return [
    `host:                       ${connection.host}:${connection.port}`,
    `user:                       ${connection.user}`,
    `configDir:                  ${connection.configDir ?? ''}`,
    `resultFile:                 ${job.resultFile}`,
    `thread num of insert data:  ${job.threads}`,
    `thread num of create table: ${job.createThreads}`,
    `number of records per req:  ${job.rowsPerRequest}`,
    `max sql length:             ${job.databases[0]?.tables[0]?.maxSqlBytes ?? ''}`,
    `random seed:                ${job.seed}`,
    `database count:             ${job.databases.length}`,
    ...job.databases.flatMap(databaseLines),
    '',
  ];
}

function databaseLines(database: DatabaseJob, i: number): readonly string[] {
  return [
    `database[${i}]:`,
    `  database[${i}] name:      ${database.name}`,
    `  drop:                  ${yesNo(database.drop)}`,
    ...database.options.map(([name, value]) => `  ${`${name}:`.padEnd(22)} ${value}`),
    `  super table count:     ${database.tables.length}`,
    ...database.tables.flatMap(tableLines),
  ];
}

function tableLines(job: TableJob, i: number): readonly string[] {
  return [
    `  super table[${i}]:`,
    `      stbName:           ${job.isNormal ? '(normal tables)' : job.stable}`,
    `      autoCreateTable:   ${yesNo(job.autoCreate)}`,
    `      childTblExists:    ${yesNo(job.childTablesExist)}`,
    `      childTblCount:     ${job.childCount}`,
    `      childTblPrefix:    ${job.prefix}`,
    `      dataSource:        ${job.sampleFile === undefined ? 'rand' : 'sample'}`,
    `      iface:             ${job.via}`,
    ...(job.childLimit < 0
      ? []
      : [
          `      childTblLimit:     ${job.childLimit}`,
          `      childTblOffset:    ${job.childOffset}`,
        ]),
    `      insertRows:        ${job.insertRows}`,
    `      interlaceRows:     ${job.interlaceRows}`,
    `      disorderRange:     ${job.disorderRange}`,
    `      disorderRatio:     ${job.disorderRatio}`,
    `      maxSqlLen:         ${job.maxSqlBytes}`,
    `      timeStampStep:     ${job.timestampStep}`,
    `      startTimestamp:    ${new Date(job.startMs).toISOString()}`,
    `      sampleFile:        ${job.sampleFile ?? ''}`,
    `      tagsFile:          ${job.tagsFile ?? ''}`,
    `      columnCount:       ${job.columns.length}`,
    `        ${typeList('column', job.columns)}`,
    ...(job.isNormal
      ? []
      : [`      tagCount:          ${job.tags.length}`, `        ${typeList('tag', job.tags)}`]),
  ];
}

function typeList(what: string, columns: readonly ColumnSpec[]): string {
  const shown = columns.slice(0, COLUMNS_SHOWN).map(({ name, type, width }, i) => {
    const length = width > 0 ? `(${width})` : '';
    return `${what}[${i}]:${name} ${type}${length}`;
  });
  return shown.join(', ') + (columns.length > COLUMNS_SHOWN ? ', …' : '');
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
