# Sourced by the other scripts, from the root of the tree.

# One compiler per core, but never more than the memory feeds: a file of tests needs up to 1.5 GB.
jobs_max() {
  local cores memory_kb by_memory
  cores=$(nproc)
  memory_kb=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  by_memory=$((memory_kb / 1500000))
  [ "$by_memory" -lt 1 ] && by_memory=1
  [ "$by_memory" -lt "$cores" ] && cores=$by_memory
  echo "$cores"
}

# ccache keeps its files in the home folder; where there is none to write to, they go beside the build.
if [ -z "${CCACHE_DIR:-}" ] && { [ -z "${HOME:-}" ] || [ ! -w "${HOME:-}" ]; }; then
  export CCACHE_DIR=$PWD/build/ccache
fi
