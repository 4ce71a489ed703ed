import { expect, test } from 'vitest';
import { comparable, isAsPrinted, parseTutorial } from './tutorial.ts';

const page = `# Two hosts

## Configure

\`\`\`cfg hadoop2 /etc/taos/taos.cfg
# where to ask
firstEp  hadoop1:6030
\`\`\`

## Only read this

\`\`\`sql
select 1;
\`\`\`

## Look

\`\`\`console
[root@hadoop1 tdnode]# taosd.sh start
taosd started (process 7)
[root@hadoop1 tdnode]# taos -h hadoop1
taos> show dnodes;
  1 | hadoop1
taos> show mnodes;
\`\`\`

\`\`\`console until
taos> show vgroups;
 two
\`\`\`
`;

test('what a page says to do, in its order', () => {
  const on = (host: string, shell: string | undefined, input: string, ...expected: string[]) => ({
    host,
    shell,
    input,
    expected,
  });
  expect(parseTutorial(page)).toEqual([
    {
      title: 'Configure',
      steps: [
        {
          kind: 'settings',
          host: 'hadoop2',
          file: '/etc/taos/taos.cfg',
          lines: ['firstEp  hadoop1:6030'],
        },
      ],
    },
    {
      title: 'Look',
      steps: [
        {
          kind: 'console',
          isRepeated: false,
          commands: [
            on('hadoop1', undefined, 'taosd.sh start', 'taosd started (process 7)'),
            on('hadoop1', 'taos -h hadoop1', 'show dnodes;', '  1 | hadoop1'),
            on('hadoop1', 'taos -h hadoop1', 'show mnodes;'),
          ],
        },
        {
          kind: 'console',
          isRepeated: true,
          commands: [on('hadoop1', 'taos -h hadoop1', 'show vgroups;', ' two')],
        },
      ],
    },
  ]);
});

test.each([
  ['output without a command', '## a\n\n```console\nwhat\n```\n', 'no command prints this'],
  ['a statement without a shell', '## a\n\n```console\ntaos> show dnodes;\n```\n', 'no host'],
  ['settings without a file', '## a\n\n```cfg hadoop1\n```\n', 'needs a host and a file'],
  ['a block before any heading', '```console\n[root@h1 ~]# ls\n```\n', 'before the first heading'],
])('refused: %s', (_, markdown, sentence) => {
  expect(() => parseTutorial(markdown)).toThrow(sentence);
});

test('what differs from run to run is not compared', () => {
  const shown = (cores: number, time: string, seconds: string): string[] => [
    '   id   | cores  |       create_time       | status |',
    '==========================================',
    `      1 | ${String(cores).padStart(6)} | ${time} | ready  |`,
    `Query OK, 1 row(s) in set (${seconds}s)`,
    '',
  ];
  const one = shown(4, '2021-06-15 12:59:24.184', '0.001604');
  const other = shown(16, '2026-01-02 03:04:05.678', '1.2');
  expect(comparable(one)).toEqual(comparable(other));
  expect(isAsPrinted(one, other)).toBe(true);
  const offline = other.map((line) => line.replace('ready  ', 'offline'));
  expect(isAsPrinted(one, offline)).toBe(false);
});

test.each([
  [['a', '...', 'z'], ['a', 'b', 'c', 'z'], true],
  [['a', '...', 'z'], ['a', 'z'], true],
  [['a', '...', 'z'], ['a', 'b'], false],
  [['4.… MiB (x)'], ['4.25 MiB (x)'], true],
  [['4.… MiB (x)'], ['5.25 MiB (x)'], false],
  [['a.b'], ['axb'], false],
  [['2017-07-14 a/b (1) {…}'], ['2017-07-14 a/b (1) {2}'], true],
  [['| …         | 3 |'], ['| slave     | 3 |'], true],
  [['a'], ['a', 'more'], false],
  [[], [], true],
  [[], ['something'], false],
])('%j against %j', (expected, output, is) => {
  expect(isAsPrinted(expected, output)).toBe(is);
});
