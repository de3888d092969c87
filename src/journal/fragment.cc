#include "journal/fragment.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/text.h"
#include "journal/decompress.h"

namespace weir::journal {
namespace {

constexpr std::size_t kOffsetDigits = 16;
constexpr std::size_t kSha1Digits = 40;
constexpr std::string_view kOpenSuffix = ".open";

std::optional<std::int64_t> parse_offset(std::string_view digits) {
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  // from_chars would take a minus sign.
  if (digits.find('-') != std::string_view::npos) return std::nullopt;
  const auto read = std::from_chars(digits.data(), end, value, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

std::optional<Compression> compression_of(std::string_view suffix) {
  if (suffix == ".raw") return Compression::kNone;
  if (suffix == ".gz") return Compression::kGzip;
  if (suffix == ".zst") return Compression::kZstandard;
  return std::nullopt;
}

class RawReader final : public FragmentReader {
 public:
  RawReader(io::File file, const Fragment& fragment)
      : file_(std::move(file)), fragment_(fragment) {}

  Result<std::size_t> read_at(std::int64_t offset, std::span<char> out) override {
    const auto skip = static_cast<std::uint64_t>(offset - fragment_.begin);
    if (!fragment_.open()) {
      const auto left =
          static_cast<std::uint64_t>(std::max<std::int64_t>(0, fragment_.end - offset));
      if (out.size() > left) out = out.first(left);
    }
    WEIR_TRY(const std::size_t length, file_.read_at(skip, out));
    if (length < out.size() && !fragment_.open())
      return error(Code::kCorrupt, "{} is shorter than its name says", file_.path());
    return length;
  }
  Status sync() override { return fragment_.open() ? file_.sync() : Status(); }
  const io::File& file() const override { return file_; }

 private:
  io::File file_;
  const Fragment fragment_;
};

class CompressedReader final : public FragmentReader {
 public:
  CompressedReader(io::File file, const Fragment& fragment)
      : file_(std::move(file)), fragment_(fragment) {
    restart();
  }

  Result<std::size_t> read_at(std::int64_t offset, std::span<char> out) override {
    if (offset < at_) restart();
    char skipped[64 << 10];
    while (at_ < offset) {
      const auto step = std::min<std::uint64_t>(sizeof skipped, offset - at_);
      WEIR_RETURN_IF_ERROR(read_on({skipped, step}));
    }
    const auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(0, fragment_.end - offset));
    if (out.size() > left) out = out.first(left);
    WEIR_RETURN_IF_ERROR(read_on(out));
    return out.size();
  }
  Status sync() override { return {}; }
  const io::File& file() const override { return file_; }

 private:
  void restart() {
    at_ = fragment_.begin;
    auto source = [this, from = std::uint64_t{0}](std::span<char> out) mutable {
      auto length = file_.read_at(from, out);
      if (length) from += *length;
      return length;
    };
    plain_ = fragment_.compression == Compression::kGzip
                 ? gzip_decompressor(std::move(source))
                 : zstandard_decompressor(std::move(source));
  }

  Status read_on(std::span<char> out) {
    auto length = plain_->read(out);
    if (!length) return tl::unexpected(with_context(file_.path(), std::move(length).error()));
    if (*length < out.size())
      return error(Code::kCorrupt, "{} holds less than its name says", file_.path());
    at_ += static_cast<std::int64_t>(*length);
    return {};
  }

  io::File file_;
  const Fragment fragment_;
  std::int64_t at_ = 0;
  std::unique_ptr<Decompressor> plain_;
};

}  // namespace

std::optional<Fragment> parse_fragment_name(std::string_view name) {
  Fragment fragment;
  fragment.name = name;
  if (name.size() <= kOffsetDigits) return std::nullopt;
  const auto begin = parse_offset(name.substr(0, kOffsetDigits));
  if (!begin) return std::nullopt;
  fragment.begin = *begin;
  if (name.substr(kOffsetDigits) == kOpenSuffix) return fragment;
  constexpr std::size_t kSuffixAt = kOffsetDigits + 1 + kOffsetDigits + 1 + kSha1Digits;
  if (name.size() <= kSuffixAt || name[kOffsetDigits] != '-' || name[2 * kOffsetDigits + 1] != '-')
    return std::nullopt;
  const auto end = parse_offset(name.substr(kOffsetDigits + 1, kOffsetDigits));
  const auto compression = compression_of(name.substr(kSuffixAt));
  if (!end || !compression || *end < *begin ||
      !from_hex(name.substr(2 * kOffsetDigits + 2, kSha1Digits)))
    return std::nullopt;
  fragment.end = *end;
  fragment.compression = *compression;
  return fragment;
}

std::string open_fragment_name(std::int64_t begin) {
  return fmt::format("{:016x}{}", begin, kOpenSuffix);
}

std::string sealed_fragment_name(std::int64_t begin, std::int64_t end, std::string_view sha1) {
  return fmt::format("{:016x}-{:016x}-{}.raw", begin, end, hex_lower(sha1));
}

Result<FragmentList> FragmentList::load(const std::string& folder) {
  auto entries = io::list_folder(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return FragmentList();
    return tl::unexpected(std::move(entries).error());
  }
  std::vector<Fragment> fragments;
  for (const io::FolderEntry& entry : *entries) {
    if (entry.kind != io::FileKind::kFile) continue;
    if (auto fragment = parse_fragment_name(entry.name)) fragments.push_back(*std::move(fragment));
  }
  return of(std::move(fragments));
}

FragmentList FragmentList::of(std::vector<Fragment> fragments) {
  FragmentList list;
  for (const Fragment& fragment : fragments) {
    if (fragment.open() || fragment.end == fragment.begin) continue;
    list.sealed_end_ = std::max(list.sealed_end_, fragment.end);
    list.sealed_.push_back(fragment);
  }
  std::sort(list.sealed_.begin(), list.sealed_.end(), [](const Fragment& a, const Fragment& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  for (Fragment& fragment : fragments) {
    if (!fragment.open()) continue;
    if (fragment.begin < list.sealed_end_) {
      list.stale_.push_back(std::move(fragment));
    } else if (!list.open_ || fragment.begin < list.open_->begin) {
      // Of two that could be it, the nearer: the other lies behind a gap and is found there once
      // this one is sealed.
      list.open_ = std::move(fragment);
    }
  }
  return list;
}

std::int64_t FragmentList::begin() const {
  if (!sealed_.empty()) return sealed_.front().begin;
  return open_ ? open_->begin : 0;
}

const Fragment* FragmentList::covering(std::int64_t offset) const {
  const Fragment* best = nullptr;
  for (const Fragment& fragment : sealed_) {
    if (fragment.begin > offset) break;
    if (offset < fragment.end && (best == nullptr || fragment.end > best->end)) best = &fragment;
  }
  if (best == nullptr && open_ && open_->begin <= offset) best = &*open_;
  return best;
}

std::int64_t FragmentList::next_begin(std::int64_t offset) const {
  std::int64_t next = -1;
  for (const Fragment& fragment : sealed_) {
    if (fragment.begin <= offset) continue;
    next = fragment.begin;
    break;
  }
  if (next < 0 && open_ && open_->begin > offset) next = open_->begin;
  return next;
}

Result<std::unique_ptr<FragmentReader>> open_fragment(const std::string& folder,
                                                      const Fragment& fragment) {
  WEIR_TRY(io::File file, io::File::open(folder + "/" + fragment.name, io::File::Open::kRead));
  if (fragment.compression == Compression::kNone)
    return std::unique_ptr<FragmentReader>(new RawReader(std::move(file), fragment));
  return std::unique_ptr<FragmentReader>(new CompressedReader(std::move(file), fragment));
}

}  // namespace weir::journal
