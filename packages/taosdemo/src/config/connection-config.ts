/** Where a JSON file connects to; equal in all kinds of files. */
import type { Connection } from '../job.ts';
import type { JsonReader } from './json-reader.ts';

/** Reads `host`, `port`, `user`, `password` and `cfgdir`. */
export function connectionOf(json: JsonReader): Connection {
  const configDir = json.text('cfgdir', '');
  return {
    host: json.text('host', '127.0.0.1'),
    port: json.count('port', 6030, { least: 1, most: 65_535 }),
    user: json.text('user', 'root'),
    password: json.text('password', 'taosdata'),
    configDir: configDir === '' ? undefined : configDir,
  };
}
