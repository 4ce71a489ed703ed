/** Statements on tables and stables as SQL. */
import type * as ast from '../ast/table.ts';
import type { TableStatement } from '../ast/statement.ts';
import { printColumns, printLiteral, printName, printTableName } from './name.ts';
import { printSelect } from './select.ts';

/** SQL of a statement about tables. */
export function printTableStatement(statement: TableStatement): string {
  switch (statement.kind) {
    case 'createStable': {
      const { columns, tags } = statement;
      return `create stable ${printNew(statement)} (${printColumns(columns)}) tags (${printColumns(tags)})`;
    }
    case 'createTable':
      return `create table ${printNew(statement)} (${printColumns(statement.columns)})`;
    case 'createChildTables':
      return `create table ${statement.entries.map(printEntry).join(' ')}`;
    case 'createStream': {
      const { columns, select } = statement;
      const list = columns === undefined ? '' : ` (${printColumns(columns)})`;
      return `create table ${printNew(statement)}${list} as ${printSelect(select)}`;
    }
    case 'dropTable': {
      const condition = statement.ifExists ? 'if exists ' : '';
      return `drop ${tableOrStable(statement)} ${condition}${printTableName(statement.table)}`;
    }
    case 'alterTable': {
      const action = printAction(statement.action);
      return `alter ${tableOrStable(statement)} ${printTableName(statement.table)} ${action}`;
    }
    case 'describe':
      return `describe ${printTableName(statement.table)}`;
  }
}

function tableOrStable({ stable }: { readonly stable: boolean }): string {
  return stable ? 'stable' : 'table';
}

function printNew({
  ifNotExists,
  table,
}: Pick<ast.ChildTableEntry, 'ifNotExists' | 'table'>): string {
  return `${ifNotExists ? 'if not exists ' : ''}${printTableName(table)}`;
}

function printEntry(entry: ast.ChildTableEntry): string {
  const names =
    entry.tagNames === undefined ? '' : ` (${entry.tagNames.map(printName).join(', ')})`;
  const values = entry.tagValues.map(printLiteral).join(', ');
  return `${printNew(entry)} using ${printTableName(entry.stable)}${names} tags (${values})`;
}

function printAction(action: ast.AlterTableAction): string {
  switch (action.kind) {
    case 'addColumn':
      return `add column ${printColumns(action.columns)}`;
    case 'addTag':
      return `add tag ${printColumns(action.columns)}`;
    case 'modifyColumn':
      return `modify column ${printColumns(action.columns)}`;
    case 'modifyTag':
      return `modify tag ${printColumns(action.columns)}`;
    case 'dropColumn':
      return `drop column ${printName(action.name)}`;
    case 'dropTag':
      return `drop tag ${printName(action.name)}`;
    case 'renameTag':
      return `change tag ${printName(action.name)} ${printName(action.newName)}`;
    case 'setTag':
      return `set tag ${printName(action.name)} = ${printLiteral(action.value)}`;
  }
}
