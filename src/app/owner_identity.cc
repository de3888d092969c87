#include "app/owner_identity.h"

#include <limits.h>
#include <unistd.h>

#include <charconv>

#include "base/text.h"
#include "io/file.h"

namespace weir::app {
namespace {

constexpr std::size_t kProcBytesMax = 4096;
// Of the fields behind the program's name, which is the second, the start time is the 22nd of all.
constexpr std::size_t kStartTimeField = 22 - 3;
constexpr std::size_t kThreadsField = 20 - 3;

Result<std::string> proc_line(const std::string& file) {
  WEIR_TRY(std::string text, io::read_file(file, kProcBytesMax));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<std::string> process_namespace() {
  char target[64];
  const ssize_t size = ::readlink("/proc/self/ns/pid", target, sizeof target);
  if (size < 0) return tl::unexpected(io::errno_error(errno, "cannot read /proc/self/ns/pid"));
  std::string digits;  // of "pid:[4026531836]"
  for (ssize_t i = 0; i < size; ++i) {
    if (target[i] >= '0' && target[i] <= '9') digits += target[i];
  }
  return digits;
}

// Those behind the program's name, from the state on.
std::vector<std::string_view> fields_of(std::string_view stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 > stat.size()) return {};
  return split(stat.substr(name_end + 2), ' ');
}

std::string_view boot_of(std::string_view boot_id) {
  return boot_id.substr(0, boot_id.find('/'));
}

}  // namespace

std::int64_t start_time_of(std::string_view stat) {
  const std::vector<std::string_view> fields = fields_of(stat);
  if (fields.size() <= kStartTimeField) return -1;
  const std::string_view field = fields[kStartTimeField];
  std::int64_t ticks = -1;
  std::from_chars(field.data(), field.data() + field.size(), ticks);
  return ticks;
}

bool is_left_over(std::string_view stat) {
  const std::vector<std::string_view> fields = fields_of(stat);
  if (fields.size() <= kStartTimeField) return false;
  return (fields[0] == "Z" || fields[0] == "X") && fields[kThreadsField] == "1";
}

Result<connector::Owner> this_process(const std::string& state_id) {
  connector::Owner owner;
  char host[HOST_NAME_MAX + 1] = {};
  if (::gethostname(host, HOST_NAME_MAX) != 0) {
    return tl::unexpected(io::errno_error(errno, "cannot tell the name of this host"));
  }
  owner.host = host;
  WEIR_TRY(const std::string boot, proc_line("/proc/sys/kernel/random/boot_id"));
  WEIR_TRY(const std::string space, process_namespace());
  owner.boot_id = boot + "/" + space;
  owner.pid = ::getpid();
  WEIR_TRY(const std::string stat, proc_line("/proc/self/stat"));
  owner.pid_started = start_time_of(stat);
  owner.state_id = state_id;
  return owner;
}

bool is_dead(const connector::Owner& owner, const connector::Owner& self) {
  if (owner.host != self.host) return false;
  if (boot_of(owner.boot_id) != boot_of(self.boot_id)) return true;
  if (owner.boot_id != self.boot_id) return false;
  const auto stat = proc_line(fmt::format("/proc/{}/stat", owner.pid));
  if (!stat) return stat.error().code == Code::kNotFound;
  const std::int64_t started = start_time_of(*stat);
  return started >= 0 && (started != owner.pid_started || is_left_over(*stat));
}

}  // namespace weir::app
