#compdef weir
# zsh completion of weir, as `weir completion zsh` prints it.

_weir() {
  local -a plain answer suggestions
  local kind prefix line about
  plain=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  answer=("${(@f)$(${(Q)words[1]/#\~/$HOME} __complete -- "${(@)plain}" 2>/dev/null)}")
  kind=${answer[1]%% *}
  [[ $answer[1] == *' '* ]] && prefix=${answer[1]#* }
  case $kind in
    :files | :folders | :catalogs)
      [[ -n $prefix ]] && compset -P "${(b)prefix}"
      ;;
  esac
  case $kind in
    :files) _files ;;
    :folders) _files -/ ;;
    :catalogs) _files -g '*.(yaml|yml|json)' ;;
  esac
  for line in "${(@)answer[2,-1]}"; do
    [[ -n $line ]] || continue
    about=${line#*$'\t'}
    suggestions+=("${${line%%$'\t'*}//:/\\:}${about:+:$about}")
  done
  (( $#suggestions )) && _describe -t weir 'weir' suggestions
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _weir "$@"
else
  compdef _weir weir
fi
