/** A JSON file becomes a job, by its `filetype`. */
import type { Forced } from '../arguments.ts';
import type { Job } from '../job.ts';
import { JobError } from '../job-error.ts';
import { insertConfig, type ConfigContext } from './insert-config.ts';
import { JsonReader } from './json-reader.ts';
import { queryConfig } from './query-config.ts';

/** A file's job, and the keys in it that mean nothing. */
export interface JobFile {
  readonly job: Job;
  readonly unknownKeys: readonly string[];
}

/** Reads the text of `file`; what the command line says as well goes before it. */
export function jobFile(
  text: string,
  file: string,
  { force, context }: { readonly force: Forced; readonly context: ConfigContext },
): JobFile {
  const json = JsonReader.of(text, file);
  const type = json.text('filetype');
  const job = jobOf(type, json, context);
  const asksFirst = job.asksFirst && !force.answersYes;
  const unknownKeys = json.unknownKeys();
  if (job.kind === 'query') return { job: { ...job, asksFirst }, unknownKeys };
  const watchesVgroups = job.watchesVgroups || force.watchesVgroups;
  const seed = force.seed ?? job.seed;
  return { job: { ...job, asksFirst, watchesVgroups, seed }, unknownKeys };
}

function jobOf(type: string, json: JsonReader, context: ConfigContext) {
  switch (type) {
    case 'insert':
      return insertConfig(json, context);
    case 'query':
      return queryConfig(json);
    case 'subscribe':
      throw new JobError(
        `${json.place('filetype')}: subscribe is not offered, the server has no subscriptions; a query file with ` +
          'query_interval asks again and again',
      );
    default:
      throw new JobError(
        `${json.place('filetype')} is ${JSON.stringify(type)}, it must be "insert" or "query"`,
      );
  }
}
