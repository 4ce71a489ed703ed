/** Names, words, literals and definitions as SQL. */
import type { ColumnDefinition, Literal, Option, TableName, Word } from '../ast/name.ts';
import { isIdentifier } from '../lexer/identifier.ts';
import { fallsBackToName, keywordAt } from '../lexer/keyword.ts';
import { quote, quoteEscaped } from '../lexer/quoted.ts';

/** Bare where it reads back as a name, else quoted. */
export function printName(name: string): string {
  return isIdentifier(name) || fallsBackToName(keywordAt(name, 0, name.length))
    ? name
    : quote(name);
}

/** `db.name` or `name`. */
export function printTableName({ db, name }: Pick<TableName, 'db' | 'name'>): string {
  return db === undefined ? printName(name) : `${printName(db)}.${printName(name)}`;
}

/** A password, privilege, end point or value. */
export function printWord({ text, quoted }: Word): string {
  return quoted ? quoteEscaped(text) : text;
}

/** What `like` compares with. */
export function printPattern({ text, quoted }: Word): string {
  return quoted ? quote(text) : text;
}

/** An end point or a dnode's number, whose quotes the tree does not keep. */
export function printDnode(text: string): string {
  return isIdentifier(text) || /^\d+$/.test(text) ? text : quoteEscaped(text);
}

/** A literal of an option or tag, quoted where it was a string. */
export function printLiteral({ form, text }: Literal): string {
  return form === 'string' ? quoteEscaped(text) : text;
}

/** `(a int, b binary(8))` without the parentheses. */
export function printColumns(columns: readonly ColumnDefinition[]): string {
  return columns.map(printColumn).join(', ');
}

function printColumn({ name, type, length }: ColumnDefinition): string {
  if (length !== undefined) return `${printName(name)} ${printName(type)}(${length})`;
  const unsigned = type.endsWith(' unsigned');
  const base = unsigned ? type.slice(0, -' unsigned'.length) : type;
  return `${printName(name)} ${printName(base)}${unsigned ? ' unsigned' : ''}`;
}

/** All options, each with a blank in front. */
export function printOptions(options: readonly Option[]): string {
  return options.map((option) => ` ${printOption(option)}`).join('');
}

function printOption({ name, values }: Option): string {
  const printValue = name === 'state' ? ({ text }: Literal) => printName(text) : printLiteral;
  return `${name} ${values.map(printValue).join(', ')}`;
}
