# What bash offers behind lines: complete.bash <script of completions> <line>... One offer a line, and == behind those of each.
source "$1"
for line in "${@:2}"; do
  # As a terminal's bash splits it: a = is a word.
  COMP_WORDS=(${line//=/ = })
  [[ $line == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _clawgauge
  for offer in "${COMPREPLY[@]}"; do echo "$offer"; done
  echo ==
done
