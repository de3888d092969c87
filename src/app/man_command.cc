// weir man
#include <charconv>
#include <cstdlib>

#include "app/folders.h"
#include "app/man.h"
#include "app/output.h"
#include "base/clock.h"
#include "io/file.h"

namespace weir::app {
namespace {

// Today, or the day that SOURCE_DATE_EPOCH says, by which builds are made repeatable.
std::string date_of_pages() {
  Timestamp time = system_clock().now();
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH"); epoch != nullptr) {
    const std::string_view text(epoch);
    std::int64_t seconds = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failure == std::errc() && end == text.data() + text.size())
      time = Timestamp{std::chrono::seconds(seconds)};
  }
  return format_timestamp(time).substr(0, 10);
}

Status write_pages(const std::string& folder) {
  const std::string date = date_of_pages();
  WEIR_RETURN_IF_ERROR(io::make_folders(folder, 0755));
  WEIR_RETURN_IF_ERROR(
      io::write_file_atomically(join_path(folder, "weir.1"), man_page(date), 0644));
  for (const Command* command : commands()) {
    WEIR_RETURN_IF_ERROR(io::write_file_atomically(join_path(folder, man_name(*command) + ".1"),
                                                   man_page(*command, date), 0644));
  }
  return {};
}

ExitCode run(const Arguments& arguments) {
  const Status written = write_pages(arguments.positionals().front());
  if (written) return ExitCode::kDone;
  print_error(written.error().message);
  return exit_code_of(written.error().code);
}

}  // namespace

const Command& man_command() {
  static const Command command{
      .name = "man",
      .summary = "Write the manual pages into a folder",
      .description =
          "Writes weir.1 and a page for each command, such as weir-run.1, into a folder, which is "
          "made if it is missing. Packages bring the pages along; read them by `man weir-run`.",
      .positionals = {{.name = "DIR", .help = "Where to write them", .at_least = 1}},
      .options = {},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "a page could not be written"},
                {ExitCode::kUsage, {}}},
      .examples = {{"weir man ~/.local/share/man/man1", "Where man looks, beside the system's."}},
      .run = run};
  return command;
}

}  // namespace weir::app
