// Which build of a program runs: the bundle in ./dist while it is newer than every compiled package, else the packages themselves
// (a developer who ran only `tsc -b` runs what he compiled).
import { readdirSync, statSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** When a file was written, ms; undefined: there is none. */
function writtenAt(file) {
  return statSync(new URL(file, root), { throwIfNoEntry: false })?.mtimeMs;
}

function isBundleFresh(name) {
  const bundle = writtenAt(`dist/${name}.js`);
  if (bundle === undefined) return false;
  return readdirSync(new URL('packages/', root)).every((folder) => {
    const compiled = writtenAt(`packages/${folder}/dist/.tsbuildinfo`);
    return compiled === undefined || compiled <= bundle;
  });
}

/** The module of the program `name`, with its `main`. */
export function loadProgram(name) {
  const file = isBundleFresh(name) ? `dist/${name}.js` : `packages/${name}/dist/main.js`;
  return import(new URL(file, root).href);
}
