export type { RequestContext, SqlResult, SqlService } from './sql-service.ts';
