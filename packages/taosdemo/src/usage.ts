/** What `taosdemo --help` prints. */

/** See the head of this file. */
export const usage = `usage: taosdemo [options]            fills a database with meters
       taosdemo -f <file.json> [-y]  does what a file says: filetype insert or query

Connection
  -h <host>      any dnode (default 127.0.0.1); the others are learned from show dnodes
  -p <port>      its serverPort (default 6030); also -P and a number, --port
  -u <user>      (default root)
  -P <password>  (default taosdata); also -p and what is no number, --password
  -c <folder>    of taos.cfg, for TLS
  -I <interface> taosc: serverPort (default), rest: serverPort + 11

What is made
  -d <database>  (default test)
  -a <replica>   replicas of it, 1 to 3 (default 1)
  -m <prefix>    of the tables' names (default d: d0, d1, ...)
  -N             normal tables, no stable
  -t <tables>    (default 10000)
  -n <rows>      a table (default 10000)
  -b <types>     of columns col0, col1, ...: INT,FLOAT,BINARY,... instead of a meter's current, voltage, phase
  -l <columns>   how many there are; INT where -b names fewer
  -w <length>    of BINARY and NCHAR (default 16)
  -O <percent>   of rows out of their order, 0 to 50 (default 0)
  -R <ms>        how far they lie back at most (default 1000)
  -D <0|1>       1: drop the database first (default 1)
  --seed <n>     another number, other values (default 1); the same number, the same values

How
  -T <threads>   requests under way at a time (default 10)
  -r <rows>      a request (default 30000), as far as 1 MiB of SQL holds them
  -B <rows>      of a table before it is the next one's turn (default 0: fill one table after the other)
  -i <ms>        between requests of a thread (default 0)
  --watch-vgroups  print how vgroups fill while tables are made

Besides
  -x             afterwards: aggregates over what was stored, timed
  -s <file>      run the statements of a file instead
  -o <file>      the result also goes here (default ./output.txt)
  -y             do not ask before the start
  -q -qt -g -gg -pp  are taken and change nothing
  -V, --version  --help
`;
