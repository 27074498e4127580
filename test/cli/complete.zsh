# What zsh offers behind lines: complete.zsh <script of completions> <line>... One offer a line, and == behind those of
# each. Completions work in a terminal only, so there is one, and what is offered there is told between marks.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=''; unsetopt zle_bracketed_paste; autoload -Uz compinit && compinit -u -D; source ${(q)1}"
zpty -w shell 'compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a offers; builtin compadd -A offers "$@"
    local offer; for offer in $offers; do print -r -- "<""offer>$offer</offer>"; done
  fi
  builtin compadd "$@"
}'
zpty -w shell 'finish() { print "<""end>" }; LISTMAX=10000; bindkey "^I" complete-word; print "<""ready>"'
zpty -r shell out '*<ready>*'
for line in $@[2,-1]; do
  zpty -w shell 'comppostfuncs=(finish)'
  zpty -w -n shell "$line"$'\t'
  zpty -r shell out '*<end>*'
  for said in ${(f)out}; do
    [[ $said =~ '<offer>(.*)</offer>' ]] && print -r -- $match[1]
  done
  print -r -- '=='
  # Empties the line.
  zpty -w -n shell $'\x15'
done
zpty -d shell
