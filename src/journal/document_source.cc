#include "journal/document_source.h"

#include <algorithm>
#include <cstring>

#include "journal/decompress.h"

namespace weir::journal {
namespace {

constexpr std::size_t kPieceBytes = 128u << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstandardMagic = "\x28\xb5\x2f\xfd";
constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kPackedBytes = 10;  // that tell a file which is packed in another way

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Fills `piece` from its size on, up to `wanted` bytes in all; less only at the end.
Status fill(const ByteSource& source, std::string& piece, std::size_t wanted) {
  while (piece.size() < wanted) {
    const std::size_t have = piece.size();
    piece.resize(wanted);
    const auto got = source({piece.data() + have, wanted - have});
    piece.resize(have + (got ? *got : 0));
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return {};
  }
  return {};
}

// Gives `first` before what the source has.
ByteSource with_first(std::string first, ByteSource source) {
  return [first = std::move(first), at = std::size_t{0},
          source = std::move(source)](std::span<char> out) mutable -> Result<std::size_t> {
    if (at == first.size()) return source(out);
    const std::size_t length = std::min(out.size(), first.size() - at);
    std::memcpy(out.data(), first.data() + at, length);
    at += length;
    return length;
  };
}

// Follows one JSON array and blanks what separates its items.
class ArrayEraser {
 public:
  Status erase(std::span<char> text) {
    for (char& c : text) {
      WEIR_RETURN_IF_ERROR(take(c));
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else {
        ++column_;
      }
    }
    return {};
  }
  Status finish() const {
    if (state_ == State::kAfter) return {};
    return error(Code::kInvalid, "{}:{}: the array that begins here does not end", array_line_,
                 array_column_);
  }

 private:
  enum class State { kBefore, kFirstItem, kItem, kInItem, kBehindItem, kAfter };

  Error wrong(std::string_view message) const {
    return Error{Code::kInvalid, fmt::format("{}:{}: {}", line_, column_, message)};
  }

  Status take(char& c) {
    if (state_ == State::kInItem) return inside(c);
    if (is_space(c)) return {};
    switch (state_) {
      case State::kBefore:
        array_line_ = line_;
        array_column_ = column_;
        state_ = State::kFirstItem;
        c = ' ';
        return {};
      case State::kBehindItem:
        if (c != ',' && c != ']') return tl::unexpected(wrong("expected , or ] behind an item"));
        state_ = c == ',' ? State::kItem : State::kAfter;
        c = ' ';
        return {};
      case State::kFirstItem:
        if (c == ']') {
          state_ = State::kAfter;
          c = ' ';
          return {};
        }
        break;
      case State::kItem: break;
      case State::kInItem: break;
      case State::kAfter: return tl::unexpected(wrong("text behind the end of the array"));
    }
    if (c != '{')
      return tl::unexpected(wrong("an item of the array is no object, and a document is one"));
    state_ = State::kInItem;
    depth_ = 1;
    return {};
  }

  Status inside(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
      state_ = State::kBehindItem;
    }
    return {};
  }

  State state_ = State::kBefore;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  std::uint64_t line_ = 1;
  std::uint64_t column_ = 1;
  std::uint64_t array_line_ = 1;
  std::uint64_t array_column_ = 1;
};

class Converter {
 public:
  Converter(ByteSource input, DocumentSourceOptions options, DetectedInput* detected)
      : input_(std::move(input)), options_(std::move(options)), detected_(detected) {}

  Result<std::size_t> read(std::span<char> out) {
    if (!begun_) {
      WEIR_RETURN_IF_ERROR(begin());
      begun_ = true;
    }
    WEIR_TRY(const std::size_t length,
             format_ == InputFormat::kCsv ? read_table(out) : read_plain(out));
    given_ += length;
    if (given_ <= options_.bytes_max) return length;
    return error(Code::kLimit, "more than {} bytes of documents", options_.bytes_max);
  }

 private:
  Status begin() {
    std::string first;
    if (options_.decompress) WEIR_RETURN_IF_ERROR(fill(input_, first, kMagicBytes));
    const Compression compression = detect_compression(first);
    ByteSource raw = with_first(std::move(first), std::move(input_));
    if (compression == Compression::kNone) {
      plain_ = std::move(raw);
    } else {
      std::shared_ptr<Decompressor> decompressor = compression == Compression::kGzip
                                                       ? gzip_decompressor(std::move(raw))
                                                       : zstandard_decompressor(std::move(raw));
      plain_ = [decompressor](std::span<char> out) { return decompressor->read(out); };
    }
    WEIR_RETURN_IF_ERROR(find_format());
    if (detected_ != nullptr) *detected_ = {format_, compression};
    if (format_ == InputFormat::kCsv) table_ = std::make_unique<CsvReader>(options_.csv);
    return {};
  }

  // Looks as far as the first byte that is no white space.
  Status find_format() {
    std::string first;
    WEIR_RETURN_IF_ERROR(fill(plain_, first, kPackedBytes));
    WEIR_RETURN_IF_ERROR(check_encoding(first));
    if (first.starts_with(kByteOrderMark)) first.erase(0, kByteOrderMark.size());
    const auto begins = [&] {
      return std::find_if_not(first.begin(), first.end(), is_space) - first.begin();
    };
    std::size_t at = static_cast<std::size_t>(begins());
    while (at == first.size() && first.size() < kPieceBytes) {
      const std::size_t before = first.size();
      WEIR_RETURN_IF_ERROR(fill(plain_, first, first.empty() ? 64 : first.size() * 2));
      if (first.size() == before) break;
      at = static_cast<std::size_t>(begins());
    }
    if (at < first.size()) {
      format_ = first[at] == '{'   ? InputFormat::kObjects
                : first[at] == '[' ? InputFormat::kArray
                : options_.csv     ? InputFormat::kCsv
                                   : InputFormat::kObjects;
    }
    plain_ = with_first(std::move(first), std::move(plain_));
    return {};
  }

  Result<std::size_t> read_plain(std::span<char> out) {
    WEIR_TRY(const std::size_t length, plain_(out));
    if (format_ != InputFormat::kArray || out.empty()) return length;
    WEIR_RETURN_IF_ERROR(length == 0 ? array_.finish() : array_.erase(out.first(length)));
    return length;
  }

  Result<std::size_t> read_table(std::span<char> out) {
    while (at_ == rows_.size() && !ended_) {
      rows_.clear();
      at_ = 0;
      if (left_.empty()) {
        piece_.resize(kPieceBytes);
        WEIR_TRY(const std::size_t length, plain_(piece_));
        left_ = std::string_view(piece_).substr(0, length);
        ended_ = length == 0;
      }
      WEIR_RETURN_IF_ERROR(ended_ ? table_->finish(rows_) : table_->add(left_, rows_));
    }
    const std::size_t length = std::min(out.size(), rows_.size() - at_);
    std::memcpy(out.data(), rows_.data() + at_, length);
    at_ += length;
    return length;
  }

  ByteSource input_;
  const DocumentSourceOptions options_;
  DetectedInput* const detected_;
  ByteSource plain_;
  InputFormat format_ = InputFormat::kUnknown;
  bool begun_ = false;
  std::uint64_t given_ = 0;
  ArrayEraser array_;
  std::unique_ptr<CsvReader> table_;
  std::string piece_;
  std::string_view left_;  // of the piece
  std::string rows_;       // made of the table so far, from at_ on
  std::size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace

std::string_view name_of(InputFormat format) {
  switch (format) {
    case InputFormat::kUnknown: return "nothing";
    case InputFormat::kObjects: return "JSON";
    case InputFormat::kArray: return "a JSON array";
    case InputFormat::kCsv: return "CSV";
  }
  return "?";
}

Status check_encoding(std::string_view first_bytes) {
  if (first_bytes.starts_with("\xff\xfe") || first_bytes.starts_with("\xfe\xff"))
    return error(Code::kInvalid, "this is UTF-16; iconv -f utf-16 -t utf-8 makes UTF-8 of it");
  constexpr std::pair<std::string_view, std::string_view> kPacked[] = {
      {"PK\x03\x04", "a zip archive"},
      {"\xfd\x37zXZ", "an xz file"},
      {"BZh91AY&SY", "a bzip2 file"},
  };
  for (const auto& [begin, what] : kPacked) {
    if (first_bytes.starts_with(begin))
      return error(Code::kInvalid, "this is {}; unpack it: plain, gzip and zstd files are read",
                   what);
  }
  return {};
}

Compression detect_compression(std::string_view first_bytes) {
  if (first_bytes.starts_with(kGzipMagic)) return Compression::kGzip;
  if (first_bytes.starts_with(kZstandardMagic)) return Compression::kZstandard;
  return Compression::kNone;
}

ByteSource make_document_source(ByteSource input, const DocumentSourceOptions& options,
                                DetectedInput* detected) {
  const auto converter = std::make_shared<Converter>(std::move(input), options, detected);
  return [converter](std::span<char> out) { return converter->read(out); };
}

}  // namespace weir::journal
