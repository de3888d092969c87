#include "journal/bytes.h"

#include <algorithm>

namespace weir::journal {
namespace {

// How often a folder may change under one look before we give up for now.
constexpr int kLooksMax = 16;
constexpr std::size_t kPadding = 64;  // behind a buffer's text, for simdjson
// A listing taken while a fragment is renamed may show neither of its names. What seems to be
// missing is looked for this often.
constexpr int kLooksForMissing = 4;

}  // namespace

Status JournalBytes::look() {
  WEIR_TRY(list_, FragmentList::load(folder_));
  looked_ = true;
  return {};
}

bool JournalBytes::in_current(std::int64_t offset) const {
  if (current_ == nullptr || offset < fragment_.begin) return false;
  return fragment_.open() || offset < fragment_.end;
}

Result<JournalBytes::Read> JournalBytes::read(std::int64_t offset, std::span<char> out) {
  Read result;
  while (result.bytes < out.size()) {
    const std::int64_t at = offset + static_cast<std::int64_t>(result.bytes);
    if (!in_current(at)) {
      WEIR_TRY(const auto stop, locate(at, &result.gap_end));
      if (stop) {
        result.stop = *stop;
        return result;
      }
    }
    WEIR_TRY(const std::size_t length, current_->read_at(at, out.subspan(result.bytes)));
    result.bytes += length;
    if (length > 0) continue;
    WEIR_TRY(const auto stop, at_open_end(offset));
    if (stop) {
      result.stop = *stop;
      return result;
    }
    // What was read so far may have come from a part that was cut off since.
    result.bytes = 0;
  }
  return result;
}

// Opens the fragment that holds `offset`, or says why there is none.
Result<std::optional<JournalBytes::Stop>> JournalBytes::locate(std::int64_t offset,
                                                               std::int64_t* gap_end) {
  for (int i = 0; i < kLooksMax; ++i) {
    if (!looked_ || i > 0) WEIR_RETURN_IF_ERROR(look());
    const Fragment* found = list_.covering(offset);
    if (found == nullptr) {
      if (i == 0 || (i < kLooksForMissing && offset != list_.sealed_end())) continue;
      current_.reset();
      *gap_end = list_.next_begin(offset);
      if (*gap_end >= 0) return Stop::kGap;
      return offset > list_.sealed_end() ? Stop::kCut : Stop::kEnd;
    }
    auto opened = open_fragment(folder_, *found);
    if (!opened) {
      if (opened.error().code == Code::kNotFound) continue;
      return tl::unexpected(std::move(opened).error());
    }
    if (found->open()) {
      WEIR_TRY(const std::uint64_t size, (*opened)->file().size());
      if (found->begin + static_cast<std::int64_t>(size) < offset) {
        // It may have been sealed since, with the next one open.
        if (i < kLooksForMissing) continue;
        current_.reset();
        return Stop::kCut;
      }
    }
    current_ = *std::move(opened);
    fragment_ = *found;
    return std::nullopt;
  }
  return error(Code::kUnavailable, "{}: fragments come and go too fast", folder_);
}

// Nothing more is in the open fragment. Is it still the one that its name leads to? If not, all
// before `offset` was read and believed, and has to be there still.
Result<std::optional<JournalBytes::Stop>> JournalBytes::at_open_end(std::int64_t offset) {
  WEIR_TRY(const io::FileInfo ours, io::file_info(current_->file()));
  const auto named = io::file_info(path_of(fragment_));
  if (named && named->inode == ours.inode && named->device == ours.device)
    return fragment_.begin + static_cast<std::int64_t>(ours.size) < offset ? Stop::kCut
                                                                           : Stop::kEnd;
  if (!named && named.error().code != Code::kNotFound) return tl::unexpected(named.error());
  current_.reset();
  WEIR_RETURN_IF_ERROR(look());
  if (offset == fragment_.begin) return std::nullopt;
  // Sealed: all that we read of it is in a sealed fragment. Otherwise the part that we read last
  // was cut off.
  const Fragment* before = list_.covering(offset - 1);
  if (before != nullptr && !before->open()) return std::nullopt;
  return Stop::kCut;
}

Status JournalBytes::sync() {
  return current_ == nullptr ? Status() : current_->sync();
}

Result<JournalBytes::Bounds> JournalBytes::bounds(std::int64_t end_at_least) {
  for (int i = 0; i < kLooksMax; ++i) {
    WEIR_RETURN_IF_ERROR(look());
    Bounds bounds{list_.begin(), list_.sealed_end()};
    if (!list_.open()) {
      if (bounds.end < end_at_least && i < kLooksForMissing) continue;
      return bounds;
    }
    const auto info = io::file_info(path_of(*list_.open()));
    if (!info) {
      if (info.error().code == Code::kNotFound) continue;
      return tl::unexpected(info.error());
    }
    bounds.end = list_.open()->begin + static_cast<std::int64_t>(info->size);
    return bounds;
  }
  return error(Code::kUnavailable, "{}: fragments come and go too fast", folder_);
}

std::int64_t JournalBytes::likely_end() const {
  if (current_ != nullptr && fragment_.open()) {
    if (const auto size = current_->file().size())
      return fragment_.begin + static_cast<std::int64_t>(*size);
  }
  if (!list_.open()) return list_.sealed_end();
  const auto info = io::file_info(path_of(*list_.open()));
  return info ? list_.open()->begin + static_cast<std::int64_t>(info->size) : list_.sealed_end();
}

std::shared_ptr<std::string> BufferPool::take() {
  std::unique_ptr<std::string> buffer;
  {
    std::lock_guard lock(shelf_->mutex);
    if (!shelf_->buffers.empty()) {
      buffer = std::move(shelf_->buffers.back());
      shelf_->buffers.pop_back();
    }
  }
  if (buffer == nullptr) buffer = std::make_unique<std::string>();
  return {buffer.release(), [shelf = shelf_](std::string* used) {
            std::unique_ptr<std::string> back(used);
            std::lock_guard lock(shelf->mutex);
            // One that grew for a long line is not kept.
            const bool usual = back->capacity() <= 2 * kReadBytes;
            if (usual && shelf->buffers.size() < kSpareBuffers) {
              shelf->buffers.push_back(std::move(back));
            }
          }};
}

Result<LineChunk> read_lines(JournalBytes& bytes, std::int64_t offset, std::size_t bytes_wanted,
                             BufferPool* pool) {
  for (std::size_t size = bytes_wanted;; size = std::min(size * 4, kLineBytesMax)) {
    LineChunk chunk{pool != nullptr ? pool->take() : std::make_shared<std::string>(), offset, {}};
    chunk.buffer->reserve(size + kPadding);
    chunk.buffer->resize(size);
    WEIR_TRY(chunk.read, bytes.read(offset, *chunk.buffer));
    const std::string_view found(chunk.buffer->data(), chunk.read.bytes);
    const std::size_t newline = found.rfind('\n');
    chunk.buffer->resize(newline == std::string_view::npos ? 0 : newline + 1);
    const bool longer = chunk.buffer->empty() && chunk.read.stop == JournalBytes::Stop::kFull;
    if (!longer || size == kLineBytesMax) return chunk;
  }
}

}  // namespace weir::journal
