# bash completion of weir, as `weir completion bash` prints it.

_weir() {
  COMPREPLY=()
  # The words as they were typed: bash also breaks them at '=' and ':'. `before` is what of the
  # word being typed stands in front of the part that bash is going to replace.
  local rest=${COMP_LINE:0:COMP_POINT} trimmed word before='' i
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=${rest#"${rest%%[![:space:]]*}"}
    word=${COMP_WORDS[i]}
    if ((i == COMP_CWORD)) || [[ ${trimmed:0:${#word}} != "$word" ]]; then word=$trimmed; fi
    if ((${#words[@]})) && [[ $trimmed == "$rest" ]]; then
      before=${words[-1]}
      words[-1]+=$word
      case $word in '=' | ':' | '=:') before=${words[-1]} ;; esac
    else
      before=''
      words+=("$word")
    fi
    rest=${trimmed:${#word}}
  done

  local quoted=no
  case ${words[-1]-} in [\"\']*) quoted=yes ;; esac
  before=${before//[\"\'\\]/}
  local -a plain=("${words[@]//[\"\'\\]/}")
  local current=${plain[-1]-}

  local -a answer=() found=()
  mapfile -t answer < <("${1/#\~/$HOME}" __complete -- "${plain[@]:1}" 2>/dev/null)
  local kind=${answer[0]-} prefix=''
  if [[ $kind == *' '* ]]; then
    prefix=${kind#* }
    kind=${kind%% *}
  fi
  local each path=${current#"$prefix"}
  case $kind in
    :files | :catalogs) mapfile -t found < <(compgen -f -- "$path") ;;
    :folders) mapfile -t found < <(compgen -d -- "$path") ;;
  esac
  if ((${#found[@]})); then compopt -o filenames 2>/dev/null; fi
  for each in "${found[@]}"; do
    if [[ $kind == :catalogs && $each != *.@(yaml|yml|json) && ! -d ${each/#\~/$HOME} ]]; then
      continue
    fi
    each=$prefix$each
    COMPREPLY+=("${each#"$before"}")
  done
  for each in "${answer[@]:1}"; do
    each=${each%%$'\t'*}
    each=${each#"$before"}
    if [[ $quoted == no ]]; then printf -v each '%q' "$each"; fi
    COMPREPLY+=("$each")
  done
}

complete -F _weir weir
