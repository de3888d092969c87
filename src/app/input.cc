#include "app/input.h"

#include "io/file.h"

namespace weir::app {

Result<std::string> read_input(const std::string& file, std::size_t bytes_max) {
  auto text = io::read_file(file == "-" ? "/dev/stdin" : file, bytes_max);
  if (!text && file == "-") return tl::unexpected(with_context("standard input", text.error()));
  return text;
}

}  // namespace weir::app
