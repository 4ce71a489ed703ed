/** `filetype: query`: a JSON file of 2.1.2 becomes a job. */
import { interfaceOf } from '../arguments.ts';
import type { QueryJob, QueryStatement } from '../job.ts';
import { JobError } from '../job-error.ts';
import { connectionOf } from './connection-config.ts';
import type { JsonReader } from './json-reader.ts';

/** Reads the whole file. */
export function queryConfig(json: JsonReader): QueryJob {
  const specified = json.object('specified_table_query');
  const eachTable = json.object('super_table_query');
  return {
    kind: 'query',
    connection: connectionOf(json),
    database: json.text('databases'),
    via: interfaceOf(json.text('query_mode', 'taosc'), json.place('query_mode')),
    times: json.count('query_times', 1, { least: 1 }),
    asksFirst: json.isYes('confirm_parameter_prompt', false),
    specified: specified && {
      intervalMs: intervalOf(specified),
      concurrent: specified.count('concurrent', 1, { least: 1, most: 1000 }),
      statements: statements(specified),
    },
    eachTable: eachTable && {
      stable: eachTable.text('stblname'),
      intervalMs: intervalOf(eachTable),
      threads: eachTable.count('threads', 1, { least: 1, most: 1000 }),
      statements: statements(eachTable),
    },
  };
}

/** Seconds between the rounds of a thread, as 2.1.2 counts them. */
function intervalOf(json: JsonReader): number {
  return json.count('query_interval', 0) * 1000;
}

function statements(json: JsonReader): readonly QueryStatement[] {
  return json.objects('sqls').map((one) => {
    const sql = one.text('sql').trim();
    if (sql === '') throw new JobError(`${one.place('sql')} is empty`);
    const result = one.text('result', '');
    return { sql, result: result === '' ? undefined : result };
  });
}
