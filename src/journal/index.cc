#include "journal/index.h"

#include <charconv>

#include "base/digest.h"
#include "base/text.h"
#include "io/file.h"

namespace weir::journal {
namespace {

constexpr std::string_view kHead = "weir journal index 1\n";
constexpr std::size_t kDigestDigits = 32;

bool parse_hex(std::string_view digits, std::uint64_t& out) {
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, out, 16);
  return digits.size() == 16 && read.ec == std::errc() && read.ptr == end;
}

}  // namespace

std::uint64_t anchor_of(std::string_view bytes_before) {
  const std::string digest = sha1(bytes_before);
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | static_cast<unsigned char>(digest[i]);
  return value == 0 ? 1 : value;
}

bool JournalIndex::take(std::string_view line) {
  const auto parts = split(line, ' ');
  IndexRecord record;
  std::uint64_t through = 0;
  if (parts.size() != 4 || !parse_hex(parts[0], through) || !parse_hex(parts[1], record.clock) ||
      !parse_hex(parts[2], record.anchor))
    return false;
  record.through = static_cast<std::int64_t>(through);
  if (record.through < last_.through) return false;
  if (parts[3] != "-") {
    if (parts[3].size() != kDigestDigits || !from_hex(parts[3])) return false;
    record.digest = parts[3];
    digests_.insert(record.digest);
  }
  last_ = std::move(record);
  return true;
}

void JournalIndex::refresh() {
  added_.clear();
  const auto file = io::File::open(path_, io::File::Open::kRead);
  const auto info =
      file ? io::file_info(*file) : Result<io::FileInfo>(tl::unexpected(file.error()));
  if (!info || info->size > kIndexBytesMax) return clear();
  if (info->inode != inode_ || info->size < read_to_) {
    digests_.clear();
    last_ = {};
    read_to_ = 0;
    inode_ = info->inode;
  }
  std::string text(info->size - read_to_, '\0');
  const auto length = file->read_at(read_to_, text);
  if (!length) return clear();
  text.resize(*length);
  std::string_view rest = text;
  if (read_to_ == 0) {
    if (!rest.starts_with(kHead)) return clear();
    rest.remove_prefix(kHead.size());
    read_to_ = kHead.size();
  }
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (!take(rest.substr(0, end))) break;
    read_to_ += end + 1;
    rest.remove_prefix(end + 1);
  }
}

void JournalIndex::clear() {
  (void)io::remove_file(path_);
  last_ = {};
  digests_.clear();
  added_.clear();
  read_to_ = 0;
  inode_ = 0;
}

void JournalIndex::add(IndexRecord record) {
  added_ += fmt::format("{:016x} {:016x} {:016x} {}\n", record.through, record.clock, record.anchor,
                        record.digest.empty() ? "-" : record.digest);
  if (!record.digest.empty()) digests_.insert(record.digest);
  last_ = std::move(record);
}

void JournalIndex::flush() {
  if (added_.empty()) return;
  const std::string text = std::exchange(added_, {});
  auto file = io::File::open(path_, io::File::Open::kReadWriteCreate);
  if (!file) return;
  const auto info = io::file_info(*file);
  if (!info) return;
  inode_ = info->inode;
  // Behind the last good line: what follows it was torn.
  const std::string lines = (read_to_ == 0 ? std::string(kHead) : std::string()) + text;
  if (file->truncate(read_to_) && file->write_at(read_to_, lines)) {
    read_to_ += lines.size();
  } else {
    (void)file->truncate(read_to_);
  }
}

}  // namespace weir::journal
