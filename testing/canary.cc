#include "testing/canary.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "store/rocksdb_store.h"

namespace weir::secrecy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAgeKey = "AGE-SECRET-KEY-1";
constexpr std::size_t kAgeKeyLetters = 16;  // so many behind it, and it is no mere name of the form
constexpr std::size_t kAround = 40;
constexpr std::size_t kRegionMax = 256u << 20;

// The letters of a base64 text that depend on the word alone, for each of its three positions.
std::vector<std::string> spellings() {
  std::vector<std::string> out{std::string(kCanary)};
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string coded = base64(std::string(shift, 'x') + std::string(kCanary));
    const std::size_t begin = (shift * 8 + 5) / 6;
    const std::size_t end = (shift + kCanary.size()) * 8 / 6;
    out.push_back(coded.substr(begin, end - begin));
  }
  std::string hexadecimal;
  for (const char c : kCanary) hexadecimal += fmt::format("{:02x}", static_cast<unsigned char>(c));
  out.push_back(std::move(hexadecimal));
  return out;
}

std::string masked(std::string_view text, std::size_t at, std::size_t size) {
  const std::size_t begin = at < kAround ? 0 : at - kAround;
  std::string out(text.substr(begin, at - begin));
  out += "<SECRET>";
  out += text.substr(at + size, kAround);
  for (const std::string& spelling : spellings()) {
    for (std::size_t i = 0; (i = out.find(spelling, i)) != std::string::npos;)
      out.replace(i, spelling.size(), "<SECRET>");
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '.';
  }
  return out;
}

bool is_age_key(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(std::min(text.size(), at + kAgeKey.size()));
  return rest.size() >= kAgeKeyLetters &&
         std::all_of(rest.begin(), rest.begin() + kAgeKeyLetters, [](unsigned char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void add(std::vector<std::string>& to, std::vector<std::string> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Values are compressed in the files of a store, and cut into blocks.
std::vector<std::string> leaks_in_store(const std::string& where, const std::string& folder) {
  const auto opened = store::open_rocksdb_read_only(folder);
  if (!opened) return {};  // killed before it was whole
  std::vector<std::string> out;
  if (const auto entries = (*opened)->scan("", SIZE_MAX)) {
    for (const auto& [key, value] : *entries) {
      add(out, leaks_in(fmt::format("{}, key {}", where, key), key));
      add(out, leaks_in(fmt::format("{}, value of {}", where, key), value));
    }
  }
  (void)(*opened)->close();
  return out;
}

}  // namespace

std::vector<std::string> leaks_in(std::string_view where, std::string_view text) {
  static const std::vector<std::string> kSpellings = spellings();
  std::vector<std::string> out;
  for (const std::string& spelling : kSpellings) {
    const std::size_t at = text.find(spelling);
    if (at == std::string_view::npos) continue;
    out.push_back(fmt::format("{} holds a secret: …{}…", where, masked(text, at, spelling.size())));
  }
  for (std::size_t at = 0; (at = text.find(kAgeKey, at)) != std::string_view::npos; ++at) {
    if (!is_age_key(text, at)) continue;
    out.push_back(fmt::format("{} holds an age secret key", where));
    break;
  }
  return out;
}

std::vector<std::string> leaks_in_folder(const std::string& folder, const MayHold& may_hold) {
  std::vector<std::string> out;
  std::vector<fs::path> stores;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(
           folder, fs::directory_options::skip_permission_denied, ignored)) {
    if (!entry.is_regular_file(ignored)) continue;
    const std::string name = fs::relative(entry.path(), folder).string();
    if (may_hold(name)) continue;
    if (entry.path().filename() == "CURRENT") stores.push_back(entry.path().parent_path());
    add(out, leaks_in(name, bytes_of(entry.path())));
  }
  for (const fs::path& store : stores)
    add(out, leaks_in_store(fs::relative(store, folder).string(), store.string()));
  return out;
}

std::vector<std::string> leaks_in_memory(pid_t process) {
  std::vector<std::string> out;
  const int memory = ::open(fmt::format("/proc/{}/mem", process).c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) return {"the memory of the process cannot be read"};
  std::ifstream maps(fmt::format("/proc/{}/maps", process));
  std::string bytes;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0;
    char access[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, access) != 3) continue;
    if (access[0] != 'r' || access[1] != 'w' || end - begin > kRegionMax) continue;
    bytes.resize(end - begin);
    std::size_t have = 0;
    while (have < bytes.size()) {
      const ssize_t n = ::pread(memory, bytes.data() + have, bytes.size() - have,
                                static_cast<off_t>(begin + have));
      if (n <= 0) break;
      have += static_cast<std::size_t>(n);
    }
    const std::string name = line.substr(line.rfind(' ') + 1);
    for (std::size_t at = 0; (at = bytes.find(kCanary, at)) < have; at += kCanary.size()) {
      out.push_back(fmt::format("{} at {:x} holds a secret: …{}…", name, begin + at,
                                masked(bytes, at, kCanary.size())));
    }
  }
  ::close(memory);
  return out;
}

std::string lines(const std::vector<std::string>& leaks) {
  std::string out;
  for (const std::string& leak : leaks) out += leak + "\n";
  return out;
}

}  // namespace weir::secrecy
