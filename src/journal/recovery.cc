#include "journal/recovery.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "journal/bytes.h"
#include "journal/line.h"
#include "json/events.h"

namespace weir::journal {
namespace {

class Scanner {
 public:
  Scanner(JournalBytes& bytes, const document::Producer& own, const IndexRecord& known)
      : bytes_(bytes), own_(own) {
    sequences_[own].last_commit = known.clock;
  }

  Result<Recovered> scan(std::int64_t from) {
    std::int64_t offset = from;
    for (;;) {
      WEIR_TRY(const LineChunk chunk, read_lines(bytes_, offset));
      if (!chunk.buffer->empty()) {
        WEIR_RETURN_IF_ERROR(take(chunk));
        offset += static_cast<std::int64_t>(chunk.buffer->size());
        continue;
      }
      if (chunk.read.stop == JournalBytes::Stop::kGap) {
        // Appending needs no more than what is there.
        offset = chunk.read.gap_end;
        continue;
      }
      if (chunk.read.stop == JournalBytes::Stop::kFull)
        return error(Code::kCorrupt, "a line of more than {} bytes at offset {}", kLineBytesMax,
                     offset);
      if (chunk.read.bytes > 0 && damaged_at_ < 0) damaged_at_ = offset;
      break;
    }
    recovered_.own = sequences_[own_];
    recovered_.torn = damaged_at_ >= 0;
    recovered_.good_end = recovered_.torn ? damaged_at_ : offset;
    return std::move(recovered_);
  }

 private:
  Status take(const LineChunk& chunk) {
    const std::string_view text(*chunk.buffer);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      const std::int64_t offset = chunk.begin + static_cast<std::int64_t>(begin);
      WEIR_RETURN_IF_ERROR(take_line(text.substr(begin, end - begin), offset));
      begin = end + 1;
    }
    return {};
  }

  Status take_line(std::string_view line, std::int64_t offset) {
    document::Uuid uuid;
    const LineKind kind = inspect_line(line, uuid);
    // Documents are synced before their acknowledgement is written: damage before one is not the
    // work of a crash.
    if (damaged_at_ >= 0) {
      if (kind == LineKind::kUuid && is_ack(uuid)) return damage(damaged_at_);
      return {};
    }
    const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
    if (!blank && (kind == LineKind::kUnreadable || !is_json(line, offset))) {
      if (offset < bytes_.sealed_end()) return damage(offset);
      damaged_at_ = offset;
      return {};
    }
    if (kind != LineKind::kUuid) return {};
    // What a foreign producer got wrong is for readers to complain of.
    const auto outcome = apply(sequences_[uuid.producer], uuid, offset);
    if (!outcome || *outcome != Outcome::kAckCommit) return {};
    if (const std::string_view digest = batch_digest_of(line); !digest.empty())
      recovered_.batches.push_back({offset + static_cast<std::int64_t>(line.size()) + 1,
                                    sequences_[own_].last_commit, 0, std::string(digest)});
    return {};
  }

  // Sealed fragments were synced whole; in the open one any page may be missing.
  bool is_json(std::string_view line, std::int64_t offset) {
    if (offset < bytes_.sealed_end()) return true;
    arena_.reset();
    return json::parse(line, arena_, json::Duplicates::kLastWins).has_value();
  }

  static Status damage(std::int64_t offset) {
    return error(
        Code::kCorrupt,
        "a line that is no JSON object at offset {}, and what follows it counts: restore the "
        "fragment that holds it",
        offset);
  }

  JournalBytes& bytes_;
  const document::Producer own_;
  std::map<document::Producer, ProducerSequence> sequences_;
  std::int64_t damaged_at_ = -1;
  json::Arena arena_;
  Recovered recovered_;
};

std::uint64_t anchor_before(JournalBytes& bytes, std::int64_t through) {
  const std::int64_t begin =
      std::max<std::int64_t>(0, through - static_cast<std::int64_t>(kAnchorBytes));
  std::string before(static_cast<std::size_t>(through - begin), '\0');
  const auto read = bytes.read(begin, before);
  if (!read || read->bytes != before.size() || read->stop == JournalBytes::Stop::kCut) return 0;
  return anchor_of(before);
}

}  // namespace

std::uint64_t anchor_at(const std::string& folder, std::int64_t through) {
  JournalBytes bytes(folder);
  return anchor_before(bytes, through);
}

Result<Recovered> recover(const std::string& folder, const document::Producer& own,
                          JournalIndex& index) {
  JournalBytes bytes(folder);
  WEIR_TRY(const JournalBytes::Bounds bounds, bytes.bounds());
  index.refresh();
  const IndexRecord& known = index.last();
  const bool believed = known.through > 0 && known.through <= bounds.end && known.anchor != 0 &&
                        anchor_before(bytes, known.through) == known.anchor;
  if (!believed) index.clear();
  const std::int64_t from = believed ? index.last().through : bounds.begin;
  return Scanner(bytes, own, index.last()).scan(from);
}

}  // namespace weir::journal
