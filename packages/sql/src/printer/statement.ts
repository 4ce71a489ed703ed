/** The inverse of the parser: a tree as SQL that parses to the same tree, spans apart. */
import type { InsertStatement, Statement } from '../ast/statement.ts';
import { printAdminStatement, printDatabaseStatement } from './admin.ts';
import { printExpression } from './expression.ts';
import { printTableName } from './name.ts';
import { printSelect } from './select.ts';
import { printTableStatement } from './table.ts';

/** A statement as SQL; `insert` cannot be printed, because its tree does not hold its rows. */
export function printStatement(statement: Exclude<Statement, InsertStatement>): string {
  switch (statement.kind) {
    case 'select':
      return printSelect(statement);
    case 'explain':
      return `explain ${statement.analyze ? 'analyze ' : ''}${printSelect(statement.select)}`;
    case 'delete':
      return `delete from ${printTableName(statement.table)} where ${printExpression(statement.where)}`;
    case 'createStable':
    case 'createTable':
    case 'createChildTables':
    case 'createStream':
    case 'dropTable':
    case 'alterTable':
    case 'describe':
      return printTableStatement(statement);
    case 'createDatabase':
    case 'alterDatabase':
    case 'dropDatabase':
    case 'use':
    case 'syncDatabase':
      return printDatabaseStatement(statement);
    default:
      return printAdminStatement(statement);
  }
}
