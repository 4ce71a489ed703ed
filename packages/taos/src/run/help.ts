/** What `help` prints. */
export const helpText = `Statements end with ; and may take several lines.

  <select or show> \\G            one line a value instead of a table
  <select> >> file.csv           the whole answer into a file
  insert into <table> file 'x'   the rows of such a file
  source <file>                  the statements of a file
  set max_binary_display_width <n | default>
                                 how many columns a string may take (30)
  clear, help, quit (q, exit)

Keys: Tab completes keywords, databases, tables and columns. Up and Down go through what was typed before and begins
alike, Ctrl-R looks for it anywhere. Ctrl-C ends what runs, or empties the line; Ctrl-D on an empty line leaves.

`;
