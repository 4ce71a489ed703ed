/**
 * The form of the code: imports go downwards only, a package is entered by its face, pure folders stay
 * pure, files stay small and say what they are, links in the docs lead somewhere.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DOCUMENTED, LAYERS, PURE_FOLDERS } from './layers.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

interface SourceFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly package: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
}

function* filesUnder(folder: string, ending: RegExp): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    const at = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesUnder(at, ending);
    else if (ending.test(entry.name)) yield at;
  }
}

function readSource(file: string): SourceFile {
  const text = readFileSync(path.join(root, file), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1]!);
  const isTest = /\.test\.ts$|\/test\//.test(file);
  return { path: file, package: file.split('/')[1]!, text, isTest, imports };
}

/** Tests, what only they import, and the simulator may stand on testkit. */
function isForTests(file: SourceFile): boolean {
  return file.isTest || file.package === 'sim' || /\/(testing|fixtures)\//.test(file.path);
}

/** Longer is two ideas; tables of data apart. */
const MAX_LINES = 500;

const sources = [...filesUnder('packages', /\.ts$/)].map(readSource);
const productive = sources.filter((file) => !file.isTest);

test('every package has its layer', () => {
  expect(readdirSync(path.join(root, 'packages')).sort()).toEqual(Object.keys(LAYERS).sort());
});

test('imports between packages go to a lower layer, by the package face', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    for (const name of file.imports) {
      const target = /^@tdnode\/([^/]+)(\/.*)?$/.exec(name);
      if (target === null) continue;
      if (target[2] !== undefined) wrong.push(`${file.path}: ${name} goes past the face`);
      const isDown = LAYERS[target[1]!]! < LAYERS[file.package]!;
      const isAllowed = target[1] === 'testkit' ? isForTests(file) : isDown;
      if (!isAllowed) wrong.push(`${file.path}: ${name} is not below ${file.package}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('inside a package the file is imported, never the own face', () => {
  const wrong = productive.filter((file) =>
    file.imports.some(
      (name) => /^\.\.?\/(.*\/)?index\.ts$/.test(name) && !file.path.endsWith('index.ts'),
    ),
  );
  expect(wrong.map((file) => file.path)).toEqual([]);
});

test('pure folders know no disk, clock, luck, socket or timer', () => {
  const banned =
    /\bDate\.now\b|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|'node:(?!zlib|crypto|assert)[^']*'|'(ws|undici|fastify|pino)'/;
  const wrong: string[] = [];
  for (const file of productive) {
    const isPure = PURE_FOLDERS.some((folder) => file.path.startsWith(`packages/${folder}`));
    const found = banned.exec(file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
    if (isPure && found !== null) wrong.push(`${file.path}: ${found[0]}`);
  }
  expect(wrong).toEqual([]);
});

test('no JSON between parser and disk', () => {
  const wrong = productive.filter(
    (file) =>
      /^packages\/(tsdb|wal)\/|^packages\/sql\/src\/insert\//.test(file.path) &&
      /JSON\.(parse|stringify)/.test(file.text),
  );
  expect(wrong.map((file) => file.path)).toEqual([]);
});

test('files stay small rooms', () => {
  const wrong = productive
    .filter(
      (file) => file.text.split('\n').length > MAX_LINES && !/errors\/codes\.ts$/.test(file.path),
    )
    .map((file) => `${file.path}: ${file.text.split('\n').length} lines`);
  expect(wrong).toEqual([]);
});

test('every file opens with what it is', () => {
  const wrong = productive.filter(
    (file) => !/^(#!.*\n)?\/[*/]/.test(file.text) && !file.path.endsWith('/index.ts'),
  );
  expect(wrong.map((file) => file.path)).toEqual([]);
});

test('every export says what it is', () => {
  const bare =
    /(?<!\*\/)\nexport (?:abstract |async )*(?:function\*?|const|class|interface|type) \w+/g;
  const wrong = productive
    .filter((file) => DOCUMENTED.has(file.package) && !/\.bench\./.test(file.path))
    .flatMap((file) => [...file.text.matchAll(bare)].map(([at]) => `${file.path}: ${at.trim()}`));
  expect(wrong).toEqual([]);
});

test('nothing is called utils, helpers or misc', () => {
  const wrong = sources.filter((file) =>
    /\/(utils?|helpers?|misc|common2|manager2)[./]/.test(file.path),
  );
  expect(wrong.map((file) => file.path)).toEqual([]);
});

test('links in the docs lead somewhere', () => {
  const wrong: string[] = [];
  const pages = [...filesUnder('docs', /\.md$/), ...filesUnder('packages', /\.md$/), 'README.md'];
  for (const page of pages) {
    const text = readFileSync(path.join(root, page), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
      if (!existsSync(path.join(root, path.dirname(page), target!)))
        wrong.push(`${page}: ${target!}`);
    }
  }
  for (const file of productive) {
    for (const [page] of file.text.matchAll(/\bdocs\/[a-z0-9/_-]+\.md\b/g)) {
      if (!existsSync(path.join(root, page))) wrong.push(`${file.path}: ${page}`);
    }
  }
  expect(wrong).toEqual([]);
});
