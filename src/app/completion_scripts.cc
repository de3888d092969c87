// The scripts of `weir completion`. They hold glue only: what is offered comes from
// `weir __complete`, which reads the table of commands.
#include "app/complete.h"

namespace weir::app {
namespace {

constexpr std::string_view kBash =
    R"SCRIPT(# bash completion of weir, as `weir completion bash` prints it.

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
)SCRIPT";

constexpr std::string_view kZsh = R"SCRIPT(#compdef weir
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
)SCRIPT";

constexpr std::string_view kFish =
    R"SCRIPT(# fish completion of weir, as `weir completion fish` prints it.

function __weir_complete
    set -l before (commandline -opc)
    set -l current (string replace -ra '["\'\\\\]' '' -- (commandline -ct))
    set -l program $before[1]
    set -e before[1]
    set -l answer ($program __complete -- $before "$current" 2>/dev/null)
    set -l kind (string split -m 1 ' ' -- $answer[1])
    set -e answer[1]
    set -l path (string sub -s (math 1 + (string length -- "$kind[2]")) -- "$current")
    set -l found
    switch "$kind[1]"
        case :files
            set found (__fish_complete_path "$path")
        case :folders
            set found (__fish_complete_directories "$path")
        case :catalogs
            set found (__fish_complete_path "$path" | string match -r '^.*(?:/|\.ya?ml|\.json)(?:\t.*)?$')
    end
    for each in $found
        echo "$kind[2]$each"
    end
    for each in $answer
        echo $each
    end
end

complete -c weir -f -k -a '(__weir_complete)'
)SCRIPT";

}  // namespace

std::string_view completion_script(Shell shell) {
  switch (shell) {
    case Shell::kBash: return kBash;
    case Shell::kZsh: return kZsh;
    case Shell::kFish: return kFish;
  }
  return {};
}

}  // namespace weir::app
