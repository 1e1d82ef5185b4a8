/**
 * Scripts that shells source to complete the command `tasks`. None of them evaluates what was typed: bash passes the line as it is,
 * zsh and fish pass words without their quotes.
 */
const BASH = `# Completion of \`tasks\` for bash.
_tasks() {
  local answer line
  COMPREPLY=()
  answer=$(command tasks __complete bash "\${COMP_LINE:0:COMP_POINT}" "$2" "$COMP_TYPE" "$COLUMNS" 2>/dev/null </dev/null) || return 0
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done <<<"$answer"
  if [[ \${COMPREPLY[0]-} == files ]]; then
    compopt -o default 2>/dev/null
  fi
  unset 'COMPREPLY[0]'
  COMPREPLY=("\${COMPREPLY[@]}")
}
complete -o nosort -F _tasks tasks 2>/dev/null || complete -F _tasks tasks
`;

const ZSH = `#compdef tasks
# Completion of \`tasks\` for zsh.
_tasks() {
  local -a lines values shown
  local line tab=$'\\t'
  local -i longest=0
  lines=("\${(@f)$(command tasks __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  for line in "\${(@)lines[2,-1]}"; do
    values+=("\${line%%$tab*}")
    (( \${#values[-1]} > longest )) && longest=\${#values[-1]}
  done
  for line in "\${(@)lines[2,-1]}"; do
    if [[ $line == *$tab* ]]; then
      shown+=("\${(r:longest:)\${line%%$tab*}}  -- \${line#*$tab}")
    else
      shown+=("$line")
    fi
  done
  [[ $lines[1] == files ]] && _files
  if [[ $answer == *$tab* || "\${lines[*]}" == *$tab* ]]; then
    compadd -V tasks -l -d shown -a -- values
  else
    compadd -V tasks -a -- values
  fi
}
if [[ $funcstack[1] == _tasks ]]; then
  _tasks "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _tasks tasks
fi
`;

const FISH = `# Completion of \`tasks\` for fish.
function __tasks_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -e words[1]
    set -l lines (command tasks __complete fish $words "$current" 2>/dev/null </dev/null)
    if test "$lines[1]" = files
        __fish_complete_path "$current"
    end
    set -e lines[1]
    string join \\n -- $lines
end
complete -c tasks -f -a '(__tasks_complete)'
`;

/** The script of each shell. */
export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;

export type Shell = keyof typeof SCRIPTS;
export const SHELLS = Object.keys(SCRIPTS) as Shell[];
