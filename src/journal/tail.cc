#include "journal/tail.h"

#include <algorithm>

#include "base/digest.h"
#include "base/fault.h"
#include "journal/append.h"
#include "journal/fragment.h"

namespace weir::journal {
namespace {

constexpr std::size_t kCopyBytes = 1u << 20;

// Reads the first `size` bytes and gives each piece to `take`.
template <typename Take>
Status for_each_piece(const io::File& file, std::uint64_t size, Take take) {
  std::string piece;
  for (std::uint64_t at = 0; at < size; at += piece.size()) {
    piece.resize(std::min<std::uint64_t>(kCopyBytes, size - at));
    WEIR_TRY(const std::size_t length, file.read_at(at, piece));
    if (length < piece.size())
      return error(Code::kCorrupt, "{} became shorter while it was read", file.path());
    WEIR_RETURN_IF_ERROR(take(at, piece));
  }
  return {};
}

}  // namespace

Result<JournalTail> JournalTail::open(const std::string& folder, std::uint64_t fragment_bytes_max) {
  WEIR_TRY(const FragmentList list, FragmentList::load(folder));
  JournalTail tail(folder, fragment_bytes_max);
  for (const Fragment& stale : list.stale())
    WEIR_RETURN_IF_ERROR(io::remove_file(tail.path_of(stale.name)));
  tail.begin_ = list.sealed_end();
  if (!list.open()) return tail;
  tail.begin_ = list.open()->begin;
  WEIR_TRY(tail.file_, io::File::open(tail.path_of(list.open()->name), io::File::Open::kReadWrite));
  WEIR_TRY(const io::FileInfo info, io::file_info(tail.file_));
  tail.size_ = info.size;
  return tail;
}

Status JournalTail::seal_if_old(Timestamp now) {
  if (!file_.is_open() || size_ == 0) return {};
  WEIR_TRY(const io::FileInfo info, io::file_info(file_));
  if (!info.born || now - *info.born < kFragmentAgeMax) return {};
  return seal();
}

Status JournalTail::create() {
  const std::string path = path_of(open_fragment_name(begin_));
  WEIR_TRY(file_, io::File::open(path, io::File::Open::kCreateNew));
  size_ = 0;
  fault_point("journal.created");
  return io::sync_folder(folder_);
}

Status JournalTail::append(std::string_view lines) {
  if (!file_.is_open()) WEIR_RETURN_IF_ERROR(create());
  WEIR_RETURN_IF_ERROR(file_.write_at(size_, lines));
  size_ += lines.size();
  return size_ >= fragment_bytes_max_ ? seal() : Status();
}

Status JournalTail::sync() {
  return file_.is_open() ? file_.sync() : Status();
}

Status JournalTail::reserve(std::uint64_t bytes) {
  if (!file_.is_open()) WEIR_RETURN_IF_ERROR(create());
  reserved_ = true;
  Status status = file_.reserve(size_, bytes);
  if (!status) release();
  return status;
}

void JournalTail::release() {
  // Setting the size that a file has frees the blocks behind it.
  if (std::exchange(reserved_, false) && file_.is_open()) (void)file_.truncate(size_);
}

Status JournalTail::seal() {
  release();
  WEIR_RETURN_IF_ERROR(file_.sync());
  Sha1 digest;
  WEIR_RETURN_IF_ERROR(for_each_piece(file_, size_, [&](std::uint64_t, std::string_view piece) {
    digest.update(piece);
    return Status();
  }));
  fault_point("journal.sealing");
  const std::string name = sealed_fragment_name(begin_, end(), digest.finish());
  WEIR_RETURN_IF_ERROR(io::rename_file(file_.path(), path_of(name)));
  fault_point("journal.sealed");
  WEIR_RETURN_IF_ERROR(io::sync_folder(folder_));
  begin_ = end();
  size_ = 0;
  file_.close();
  return {};
}

Status JournalTail::cut(std::int64_t offset) {
  if (!file_.is_open()) return {};
  const auto kept = static_cast<std::uint64_t>(offset - begin_);
  if (kept > 0) {
    // No fragment's name until it is whole.
    const std::string temporary = path_of(".cut");
    WEIR_RETURN_IF_ERROR(io::remove_file(temporary));
    WEIR_TRY(io::File copy, io::File::open(temporary, io::File::Open::kCreateNew));
    Sha1 digest;
    WEIR_RETURN_IF_ERROR(for_each_piece(file_, kept, [&](std::uint64_t at, std::string_view piece) {
      digest.update(piece);
      return copy.write_at(at, piece);
    }));
    WEIR_RETURN_IF_ERROR(copy.sync());
    fault_point("journal.cutting");
    const std::string name = sealed_fragment_name(begin_, offset, digest.finish());
    WEIR_RETURN_IF_ERROR(io::rename_file(temporary, path_of(name)));
    WEIR_RETURN_IF_ERROR(io::sync_folder(folder_));
  }
  fault_point("journal.cut");
  WEIR_RETURN_IF_ERROR(io::remove_file(file_.path()));
  WEIR_RETURN_IF_ERROR(io::sync_folder(folder_));
  begin_ = offset;
  size_ = 0;
  file_.close();
  return {};
}

}  // namespace weir::journal
