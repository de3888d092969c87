#include "app/folders.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"
#include "io/file.h"

namespace weir::app {
namespace {

constexpr std::size_t kFolderNameMax = 200;
constexpr std::size_t kIdBytesMax = 64;

bool has_option(const Command& command, std::string_view name) {
  for (const OptionInfo& option : command.options) {
    if (option.name == name) return true;
  }
  return false;
}

Result<std::string> folder_of_option(const Arguments& arguments, std::string_view option,
                                     const std::string& otherwise) {
  if (!has_option(arguments.command(), option) || !arguments.given(option)) return otherwise;
  return absolute_path(arguments.text(option));
}

std::string draw_id() {
  Random random(random_seed());
  std::string bytes;
  for (int word = 0; word < 2; ++word) {
    for (std::uint64_t bits = random.next(), i = 0; i < 8; ++i, bits >>= 8) {
      bytes += static_cast<char>(bits & 0xff);
    }
  }
  return hex_lower(bytes);
}

}  // namespace

Result<std::string> absolute_path(std::string_view path) {
  std::error_code failure;
  const std::filesystem::path working = std::filesystem::current_path(failure);
  if (failure)
    return tl::unexpected(io::errno_error(failure.value(), "cannot tell the working folder"));
  std::string absolute = (working / std::filesystem::path(path)).lexically_normal().string();
  if (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return absolute;
}

std::string join_path(std::string_view folder, std::string_view path) {
  return (std::filesystem::path(folder) / std::filesystem::path(path)).lexically_normal().string();
}

Result<Folders> find_folders(const Arguments& arguments, std::vector<std::string> flow) {
  Folders folders;
  if (flow.empty()) flow.emplace_back("flow.yaml");
  folders.flow = std::move(flow);
  WEIR_TRY(const std::string first, absolute_path(folders.flow.front()));
  const std::string beside = io::folder_of(first);
  WEIR_TRY(folders.state, folder_of_option(arguments, "--state", join_path(beside, ".weir")));
  WEIR_TRY(folders.journals,
           folder_of_option(arguments, "--journals", join_path(beside, "journals")));
  if (has_option(arguments.command(), "--identity"))
    folders.identities = arguments.texts("--identity");
  return folders;
}

Result<std::string> open_state(const std::string& state) {
  WEIR_RETURN_IF_ERROR(io::make_folders(state, 0700));
  const std::string file = join_path(state, "id");
  auto known = io::read_file(file, kIdBytesMax);
  if (!known && known.error().code != Code::kNotFound) return known;
  if (known) {
    while (known->ends_with('\n')) known->pop_back();
    if (from_hex(*known) && known->size() == 32) return known;
    return error(Code::kCorrupt,
                 "{} does not hold the identity of a state folder; remove it to get a new one",
                 file);
  }
  const std::string id = draw_id();
  WEIR_RETURN_IF_ERROR(io::write_file_atomically(file, id + "\n", 0600));
  return id;
}

std::string task_folder(const std::string& state, std::string_view materialization) {
  std::string name;
  for (const char c : materialization) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-_+=").find(c) != std::string_view::npos;
    if (plain) {
      name += c;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  if (name.size() > kFolderNameMax) {
    name = name.substr(0, kFolderNameMax - 33) + "~" +
           hex_lower(sha256(materialization)).substr(0, 32);
  }
  return join_path(join_path(state, "tasks"), name);
}

std::string control_folder(const std::string& state) {
  return join_path(state, "control");
}

}  // namespace weir::app
