/**
 * Checked access to a JSON file: each value is taken once, by key, with what it must be; what is wrong is said in one
 * sentence with the file, the path of keys and the value. Keys that nobody asked for are collected.
 */
import { JobError } from '../job-error.ts';

/** Bounds of a whole number. */
export interface NumberRange {
  readonly least?: number;
  readonly most?: number;
}

type Json = Readonly<Record<string, unknown>>;

/** See the head of this file. */
export class JsonReader {
  readonly #at: string;
  readonly #object: Json;
  readonly #asked = new Set<string>();
  readonly #children: JsonReader[] = [];

  private constructor(at: string, object: Json) {
    this.#at = at;
    this.#object = object;
  }

  /** Reads a file's text; `file` is for sentences. */
  static of(text: string, file: string): JsonReader {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new JobError(`${file} is not JSON: ${(error as Error).message}`);
    }
    if (!isObject(value)) throw new JobError(`${file} must hold one object, { … }`);
    return new JsonReader(file, value);
  }

  /** Where a key stands, for sentences: `insert.json: databases[0].dbinfo.name`. */
  place(key: string): string {
    return `${this.#at}${this.#at.includes(': ') ? '.' : ': '}${key}`;
  }

  /** Whether the key is there. */
  has(key: string): boolean {
    this.#asked.add(key);
    return this.#object[key] !== undefined && this.#object[key] !== null;
  }

  /** A text; without `otherwise` it must be there. */
  text(key: string, otherwise?: string): string {
    if (!this.has(key)) return this.#missing(key, otherwise);
    const value = this.#object[key];
    if (typeof value === 'string') return value;
    throw this.#wrong(key, 'a text in quotes');
  }

  /** A whole number; without `otherwise` it must be there. Texts of digits are taken too. */
  count(key: string, otherwise: number | undefined, { least = 0, most }: NumberRange = {}): number {
    if (!this.has(key)) return this.#missing(key, otherwise);
    const value = this.#object[key];
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    const isWhole = typeof number === 'number' && Number.isSafeInteger(number);
    if (isWhole && number >= least && (most === undefined || number <= most)) return number;
    const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
    throw this.#wrong(key, `a whole number ${range}`);
  }

  /** `yes` or `no`. */
  isYes(key: string, otherwise: boolean): boolean {
    if (!this.has(key)) return otherwise;
    const value = this.#object[key];
    if (typeof value === 'string' && /^(yes|no)$/i.test(value)) return /^yes$/i.test(value);
    throw this.#wrong(key, '"yes" or "no"');
  }

  /** One of the words, any case; gives it as `words` has it. */
  oneOf<W extends string>(key: string, words: readonly W[], otherwise: W): W {
    if (!this.has(key)) return otherwise;
    const value = String(this.#object[key]).toLowerCase();
    const word = words.find((one) => one.toLowerCase() === value);
    if (word !== undefined) return word;
    throw this.#wrong(key, `one of ${words.join(', ')}`);
  }

  /** Text or number as it stands; undefined where it is not there. */
  word(key: string): string | number | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#object[key];
    if (typeof value === 'string' || typeof value === 'number') return value;
    throw this.#wrong(key, 'a text or a number');
  }

  /** An object; undefined where it is not there. */
  object(key: string): JsonReader | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#object[key];
    if (!isObject(value)) throw this.#wrong(key, 'an object, { … }');
    return this.#child(key, value);
  }

  /** Objects in a list; empty where it is not there. */
  objects(key: string): readonly JsonReader[] {
    if (!this.has(key)) return [];
    const value = this.#object[key];
    if (!Array.isArray(value)) throw this.#wrong(key, 'a list, [ … ]');
    return value.map((one: unknown, i) => {
      if (!isObject(one)) throw this.#wrong(`${key}[${i}]`, 'an object, { … }', one);
      return this.#child(`${key}[${i}]`, one);
    });
  }

  /** Places of keys that nobody asked for, here and below. */
  unknownKeys(): readonly string[] {
    const here = Object.keys(this.#object).filter((key) => !this.#asked.has(key));
    return [
      ...here.map((key) => this.place(key)),
      ...this.#children.flatMap((child) => child.unknownKeys()),
    ];
  }

  #child(key: string, value: Json): JsonReader {
    const child = new JsonReader(this.place(key), value);
    this.#children.push(child);
    return child;
  }

  #missing<T>(key: string, otherwise: T | undefined): T {
    if (otherwise !== undefined) return otherwise;
    throw new JobError(`${this.place(key)} is missing`);
  }

  #wrong(key: string, what: string, value: unknown = this.#object[key]): JobError {
    return new JobError(`${this.place(key)} is ${JSON.stringify(value)}, it must be ${what}`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
