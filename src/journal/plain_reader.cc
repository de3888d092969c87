#include "journal/plain_reader.h"

#include <algorithm>
#include <cstring>

#include "base/digest.h"
#include "base/log.h"
#include "journal/document_source.h"
#include "journal/line.h"
#include "journal/sequencer.h"
#include "json/events.h"

namespace weir::journal {
namespace {

constexpr std::size_t kIdBytes = 6;
constexpr std::size_t kPadding = 64;  // behind a buffer's text, for simdjson
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlank = " \t\r";
constexpr std::string_view kWayOut =
    "Put the file back as it was, or give new content a name of its own; to read everything anew, "
    "raise the binding's backfill";

std::string id_of(std::string_view name) {
  return sha256(name).substr(0, kIdBytes);
}

bool same(const io::FileInfo& a, const io::FileInfo& b) {
  return a.size == b.size && a.device == b.device && a.inode == b.inode && a.modified == b.modified;
}

// The first bytes of a byte order mark or of a compressed file, and not yet all of them.
bool begins_a_mark(std::string_view text) {
  for (const std::string_view mark :
       {kByteOrderMark, std::string_view("\x1f\x8b"), std::string_view("\x28\xb5\x2f\xfd")}) {
    if (mark.starts_with(text)) return true;
  }
  return false;
}

Error stop(const std::string& name, std::string_view what) {
  return Error{Code::kCorrupt, fmt::format("file {} {}. {}", printable_name(name), what, kWayOut)};
}

}  // namespace

PlainReader::PlainReader(std::string journal, FilePatterns patterns,
                         const PlainJournalOptions& options)
    : journal_(std::move(journal)),
      patterns_(std::move(patterns)),
      clock_(*options.clock),
      read_bytes_(options.read_bytes) {}

Status PlainReader::restore(const protocol::Source& position) {
  for (const auto& [id, state] : position.producers) {
    if (state.begin < 0)
      return error(Code::kCorrupt, "the checkpoint's position in {} is none of plain files",
                   journal_);
    File& file = files_[id];
    file.offset = static_cast<std::uint64_t>(state.begin);
    file.identity = state.last_ack & ~std::uint64_t{1};
    file.finished = (state.last_ack & 1) != 0;
  }
  position_ = position;
  return {};
}

// ------------------------------------------------------------------------------------------------
// rounds

Status PlainReader::look() {
  auto found = find_files(patterns_);
  if (!found) return tl::unexpected(with_context(journal_, std::move(found).error()));
  for (auto& [id, file] : files_) file.present = false;
  round_.clear();
  for (const FoundFile& each : found->files) WEIR_RETURN_IF_ERROR(take_found(each));
  WEIR_RETURN_IF_ERROR(check_vanished());
  forget_vanished();
  if (files_.empty()) tell_of_none();
  return {};
}

Status PlainReader::take_found(const FoundFile& found) {
  const std::string id = id_of(found.name);
  File& file = files_[id];
  if (!file.name.empty() && file.name != found.name)
    return error(Code::kLimit, "the names {} and {} have one digest; rename one of the files",
                 printable_name(file.name), printable_name(found.name));
  file.name = found.name;
  file.path = found.path;
  file.present = true;
  file.size = found.info.size;
  if (!file.seen || !same(*file.seen, found.info)) {
    round_.push_back(id);
  } else if (!file.finished) {
    tell_of_unfinished(file);
  }
  return {};
}

Status PlainReader::check_vanished() {
  for (auto at = files_.begin(); at != files_.end();) {
    const File& file = at->second;
    if (!file.present && !file.finished) {
      if (!file.name.empty())
        return tl::unexpected(
            stop(file.name, fmt::format("is gone, and was read to byte {} only", file.offset)));
      return error(Code::kCorrupt,
                   "{}: a file that was read to byte {} only is gone (its name is not known any "
                   "more). {}",
                   journal_, file.offset, kWayOut);
    }
    const bool nothing_known = !file.present && !position_.producers.contains(at->first);
    at = nothing_known ? files_.erase(at) : std::next(at);
  }
  return {};
}

// Their places are needed for others.
void PlainReader::forget_vanished() {
  for (auto at = files_.begin(); at != files_.end() && files_.size() > kPlainFilesMax;) {
    if (at->second.present) {
      ++at;
      continue;
    }
    position_.producers.erase(at->first);
    at = files_.erase(at);
  }
}

Result<std::optional<Batch>> PlainReader::next() {
  for (bool looked = false;;) {
    if (content_ != nullptr) {
      WEIR_TRY(auto batch, read_on());
      if (batch) return batch;
    } else if (!round_.empty()) {
      current_ = round_.front();
      round_.pop_front();
      WEIR_RETURN_IF_ERROR(open(files_.at(current_)));
    } else if (!looked) {
      WEIR_RETURN_IF_ERROR(look());
      looked = true;
    } else {
      return std::nullopt;
    }
  }
}

std::int64_t PlainReader::bytes_behind() const {
  std::uint64_t total = 0;
  for (const auto& [id, file] : files_) {
    if (!file.present) continue;
    if (file.compressed) {
      total += file.finished ? 0 : file.size;
    } else {
      total += file.size > file.offset ? file.size - file.offset : 0;
    }
  }
  return static_cast<std::int64_t>(total);
}

// ------------------------------------------------------------------------------------------------
// one file

Status PlainReader::open(File& file) {
  auto content = PlainContent::open(file.path);
  if (!content) {
    // Gone since the look: the next one judges.
    if (content.error().code == Code::kNotFound) return {};
    return tl::unexpected(std::move(content).error());
  }
  content_ = *std::move(content);
  file.compressed = content_->compression() != Compression::kNone;
  origin_ = std::make_shared<const FileOrigin>(FileOrigin{printable_name(file.name), file.path});
  at_ = file.offset;
  inside_line_ = false;
  if (file.offset > 0) {
    WEIR_RETURN_IF_ERROR(recognise(file));
    const bool done = file.compressed ? file.finished : content_->info().size == file.offset;
    if (!done) {
      WEIR_TRY(inside_line_, content_->inside_line(file.offset));
      return {};
    }
    if (!file.finished) WEIR_RETURN_IF_ERROR(settle(at_, true));
    close_file();
  } else if (file.compressed) {
    // Half of one must not come to count.
    if (auto whole = content_->check_whole(); !whole)
      return tl::unexpected(
          with_context("file " + origin_->name, compressed_problem(whole.error())));
  }
  return {};
}

// Is it what was read before, and maybe more?
Status PlainReader::recognise(const File& file) {
  const std::uint64_t size = content_->info().size;
  if (!file.compressed && size < file.offset)
    return tl::unexpected(
        stop(file.name, fmt::format("is shorter than what was read of it: {} bytes, and {} were "
                                    "read. It was cut off or replaced",
                                    size, file.offset)));
  const auto identity = content_->identity(file.offset);
  if (identity && *identity == file.identity) return {};
  if (!identity && identity.error().code != Code::kCorrupt) return tl::unexpected(identity.error());
  return tl::unexpected(
      stop(file.name, file.compressed
                          ? "is compressed and has changed since it was read, which it may not"
                          : "is not the one that was read: it was replaced or changed"));
}

void PlainReader::close_file() {
  files_.at(current_).seen = content_->info();
  content_.reset();
}

Result<std::optional<Batch>> PlainReader::read_on() {
  File& file = files_.at(current_);
  WEIR_TRY(const Piece piece, read_piece());
  Batch batch{piece.buffer, {}, origin_};
  WEIR_TRY(const Taken taken, take_lines(piece, batch));
  const bool end = piece.at_end && taken.all;
  if (taken.bytes > 0 || (end && !file.finished && !taken.unfinished)) {
    WEIR_RETURN_IF_ERROR(settle(at_ + taken.bytes, end && !taken.unfinished));
  } else if (taken.unfinished) {
    file.finished = false;
  }
  if (end) {
    close_file();
    if (taken.unfinished) tell_of_unfinished(file);
  }
  if (batch.documents.empty()) return std::nullopt;
  return batch;
}

// From at_ on: whole lines, and at the end of the file what follows them.
Result<PlainReader::Piece> PlainReader::read_piece() {
  const bool compressed = content_->compression() != Compression::kNone;
  std::size_t wanted = read_bytes_;
  if (!compressed) {
    WEIR_TRY(const std::uint64_t size, content_->size());
    if (size < at_)
      return tl::unexpected(stop(files_.at(current_).name, "became shorter while it was read"));
    // One byte more than there is tells the end.
    wanted = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, size - at_ + 1));
  }
  for (;;) {
    Piece piece{pool_.take(), false};
    piece.buffer->reserve(wanted + kPadding);
    piece.buffer->resize(wanted);
    auto got = content_->read_at(at_, *piece.buffer);
    if (!got) {
      return tl::unexpected(
          with_context("file " + origin_->name,
                       compressed ? compressed_problem(got.error()) : std::move(got).error()));
    }
    piece.at_end = *got < wanted;
    piece.buffer->resize(*got);
    if (piece.at_end) return piece;
    const std::size_t newline = piece.buffer->rfind('\n');
    if (newline != std::string::npos) {
      piece.buffer->resize(newline + 1);
      return piece;
    }
    if (wanted >= kLineBytesMax)
      return error(Code::kCorrupt, "{}: a line of more than {} bytes",
                   place_in_file(*origin_, at_, 0), kLineBytesMax);
    wanted = std::min(std::max(wanted, read_bytes_) * 4, kLineBytesMax);
  }
}

Result<PlainReader::Taken> PlainReader::take_lines(const Piece& piece, Batch& batch) {
  const std::string_view text = *piece.buffer;
  Taken taken;
  if (at_ == 0) {
    if (const Status fine = check_encoding(text); !fine)
      return tl::unexpected(with_context("file " + origin_->name, fine.error()));
    if (text.starts_with(kByteOrderMark)) taken.bytes = kByteOrderMark.size();
  }
  while (taken.bytes < text.size()) {
    const std::size_t begin = taken.bytes;
    const auto* newline =
        static_cast<const char*>(std::memchr(text.data() + begin, '\n', text.size() - begin));
    const bool whole = newline != nullptr;
    const std::size_t end = whole ? static_cast<std::size_t>(newline - text.data()) : text.size();
    auto line = take_line(text.substr(begin, end - begin), at_ + begin, whole, batch);
    if (!line) {
      // What came before it is good, and the line is met again.
      if (!batch.documents.empty()) return taken;
      return tl::unexpected(std::move(line).error());
    }
    if (*line == Line::kUnfinished) {
      taken.unfinished = true;
      break;
    }
    taken.bytes = whole ? end + 1 : end;
  }
  taken.all = true;
  return taken;
}

// `whole`: its newline is there.
Result<PlainReader::Line> PlainReader::take_line(std::string_view line, std::uint64_t offset,
                                                 bool whole, Batch& batch) {
  const std::size_t first = line.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    if (whole) inside_line_ = false;
    return Line::kTaken;
  }
  const std::size_t last = line.find_last_not_of(kBlank);
  const std::string_view text = line.substr(first, last + 1 - first);
  offset += first;
  if (inside_line_)
    return error(Code::kInvalid, "{}: text behind the document of this line; a line holds one",
                 place_in_file(*origin_, offset, 0));
  document::Uuid uuid;
  const LineKind kind = inspect_line(text, uuid);
  if (kind == LineKind::kUnreadable) {
    const bool may_grow = !whole && content_->compression() == Compression::kNone;
    if (may_grow && (text.front() == '{' || (offset == 0 && begins_a_mark(text))))
      return Line::kUnfinished;
    return tl::unexpected(bad_line(text, offset));
  }
  inside_line_ = !whole;
  if (kind == LineKind::kUuid && is_ack(uuid)) return Line::kTaken;
  batch.documents.push_back(
      {text, kind == LineKind::kUuid ? uuid.clock : 0, static_cast<std::int64_t>(offset)});
  return Line::kTaken;
}

// Everything before `offset` was handed out.
Status PlainReader::settle(std::uint64_t offset, bool finished) {
  File& file = files_.at(current_);
  WEIR_TRY(file.identity, content_->identity(offset));
  position_.read_through += static_cast<std::int64_t>(offset - file.offset);
  file.offset = at_ = offset;
  file.finished = finished;
  file.told = false;
  position_.producers[current_] = {.last_ack = file.identity | (finished ? 1 : 0),
                                   .begin = static_cast<std::int64_t>(offset)};
  return {};
}

void PlainReader::tell_of_unfinished(File& file) const {
  if (file.told || clock_.now() - file.seen->modified < kUnfinishedAge) return;
  file.told = true;
  log(LogLevel::kWarn, "the last line is no whole document; it is read once it is",
      {{"file", printable_name(file.name)}, {"byte", file.offset}});
}

// Perhaps they come later; perhaps the pattern is misspelt.
void PlainReader::tell_of_none() {
  if (std::exchange(told_of_none_, true)) return;
  std::string patterns;
  for (const std::string& pattern : patterns_.patterns)
    patterns += (patterns.empty() ? "" : ", ") + printable_name(pattern);
  log(LogLevel::kWarn, "no file matches yet",
      {{"journal", journal_},
       {"files", patterns},
       {"folder", patterns_.folder.empty() ? "." : printable_name(patterns_.folder)}});
}

Error PlainReader::bad_line(std::string_view line, std::uint64_t offset) const {
  json::Arena arena;
  const auto parsed = json::parse(line, arena, json::Duplicates::kLastWins);
  const std::uint64_t column = parsed ? 1 : parsed.error().place.column;
  std::string_view what = "a document is an object and begins with {";
  if (line.front() == '{' && !parsed) what = parsed.error().message;
  std::string_view way = "mend the line, or take it out";
  if (line.front() == '{' && column > line.size())
    way = "mend the line, or take it out; weir append takes documents over several lines";
  if (line.front() == '[') way = "of an array, weir append makes documents";
  if (line.front() != '{' && line.front() != '[' && offset <= kByteOrderMark.size())
    way = "of CSV with a header, weir append makes documents";
  return Error{Code::kInvalid,
               fmt::format("{}: {}; {}", place_in_file(*origin_, offset, column), what, way)};
}

// ------------------------------------------------------------------------------------------------
// places

std::string place_in_file(const FileOrigin& file, std::uint64_t offset, std::uint64_t column) {
  const auto content = PlainContent::open(file.path);
  std::uint64_t line = 1;
  std::uint64_t line_begin = 0;
  std::string piece(64u << 10, '\0');
  for (std::uint64_t at = 0; at < offset;) {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), offset - at));
    const auto got = content ? (*content)->read_at(at, {piece.data(), wanted}) : 0;
    if (!got || *got == 0) return fmt::format("{} at byte {}", file.name, offset);
    for (std::size_t i = 0; i < *got; ++i) {
      if (piece[i] != '\n') continue;
      ++line;
      line_begin = at + i + 1;
    }
    at += *got;
  }
  if (column == 0) return fmt::format("{}:{}", file.name, line);
  return fmt::format("{}:{}:{}", file.name, line, offset - line_begin + column);
}

std::uint64_t column_of_problem(std::string_view text) {
  json::Arena arena;
  const auto parsed = json::parse(text, arena, json::Duplicates::kLastWins);
  return parsed ? 0 : parsed.error().place.column;
}

}  // namespace weir::journal
