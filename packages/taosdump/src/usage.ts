/** What `taosdump --help` prints. */

/** See the head of this file. */
export const usage = `usage: taosdump [options] -o <folder> -A                      all databases to files
       taosdump [options] -o <folder> -D <database>[,...]      these
       taosdump [options] -o <folder> <database> [table ...]   these tables of it; a stable with its child tables
       taosdump [options] -i <folder>                          files to databases
       taosdump [options] -i <folder> --verify                 compares the databases with the files
       taosdump -i <folder> --check                            the files alone

Connection
  -h, --host=<host>          any dnode (default 127.0.0.1); the others are learned from show dnodes
  -P, --port=<port>          its serverPort (default 6030)
  -u, --user=<user>          (default root)
  -p, --password=<password>  (default taosdata)
  -c, --config-dir=<folder>  of taos.cfg, for TLS

What
  -s, --schemaonly           no rows
  -N, --without-property     databases without their options
  -S, --start-time=<time>    rows from then on: ticks since 1970 or a time as SQL takes it
  -E, --end-time=<time>      rows up to then
  -a, --allow-sys            with -A: the database log too
      --csv                  CSV instead of Parquet; such a dump cannot be read back
  -t, --table-batch=<n>      child tables in a file (default: 16 files a stable, up to 1000 tables in each)

How
  -T, --thread-num=<n>       files at a time (default 5)
  -B, --data-batch=<n>       rows of an insert at most (default 32766)
  -L, --max-sql-len=<bytes>  of an insert at most (default 1048576)
  -r, --resultFile=<file>    what was done is appended here (default ./dump_result.txt)
      --state=<file>         -i: what is restored already (default in the folder)
  -e UTF-8, -q <n>, -g       are taken and change nothing
  -V, --version  -?, --help

A dump or a restore that was killed goes on when the same command is given again.
`;
