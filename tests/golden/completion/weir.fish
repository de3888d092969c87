# fish completion of weir, as `weir completion fish` prints it.

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
