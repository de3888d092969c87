#include "journal/file_reader.h"

#include <cstring>

#include "base/log.h"
#include "base/text.h"

namespace weir::journal {
namespace {

using document::ClockTicks;

}  // namespace

FileReader::FileReader(std::string journal, const FileJournalOptions& options)
    : journal_(std::move(journal)),
      options_(options),
      bytes_(journal_folder(options.root, journal_)) {}

Error FileReader::at(std::int64_t offset, Error problem) const {
  return with_context(fmt::format("journal {} at offset {}", journal_, offset), std::move(problem));
}

Error FileReader::shortened(std::int64_t offset) const {
  return Error{
      Code::kCorrupt,
      fmt::format(
          "journal {} was read to offset {} before, and ends earlier now: it was shortened or "
          "replaced. Restore it, or start over with a backfill",
          journal_, offset)};
}

Status FileReader::restore(const protocol::Source& position) {
  WEIR_TRY(const JournalBytes::Bounds bounds, bytes_.bounds(position.read_through));
  if (position.read_through > bounds.end) return tl::unexpected(shortened(position.read_through));
  reset_to(position);
  // What retention took away before anything was read is no gap.
  if (position == protocol::Source{} && bounds.begin > 0)
    scan_at_ = settled_ = plain_before_ = bounds.begin;
  return {};
}

void FileReader::reset_to(protocol::Source position) {
  ready_.clear();
  replay_.reset();
  producers_.clear();
  last_id_ = nullptr;
  last_producer_ = nullptr;
  held_bytes_ = 0;
  settled_ = plain_before_ = scan_at_ = position.read_through;
  for (const auto& [id, state] : position.producers) {
    Producer& producer = producers_[id];
    producer.sequence.last_commit = state.last_ack;
    producer.ignore_before = position.read_through;
    newest_ = std::max(newest_, state.last_ack);
    if (state.begin < 0 || state.begin >= position.read_through) continue;
    producer.ignore_before = state.begin;
    scan_at_ = std::min(scan_at_, state.begin);
  }
  restored_ = std::move(position);
}

void FileReader::rewind() {
  // Only unacknowledged lines are ever cut, and the position does not cover those.
  reset_to(position());
  durable_ = std::min(durable_, settled_);
}

Result<std::optional<Batch>> FileReader::next() {
  for (;;) {
    if (!ready_.empty()) {
      std::optional<Batch> batch(std::move(ready_.front()));
      ready_.pop_front();
      return batch;
    }
    if (replay_) {
      WEIR_RETURN_IF_ERROR(replay());
      continue;
    }
    WEIR_TRY(const bool more, scan());
    if (!more) return std::nullopt;
  }
}

// Whole lines from `offset` on; nullopt where there is none yet, or where scan_at_ moved.
Result<std::optional<FileReader::Chunk>> FileReader::read_chunk(std::int64_t offset) {
  WEIR_TRY(LineChunk chunk, read_lines(bytes_, offset, options_.read_bytes, &pool_));
  if (chunk.read.stop == JournalBytes::Stop::kCut) {
    if (offset <= settled_) return tl::unexpected(shortened(offset));
    rewind();
    return std::nullopt;
  }
  if (!chunk.buffer->empty()) return Chunk{std::move(chunk.buffer), offset};
  if (chunk.read.stop == JournalBytes::Stop::kFull)
    return tl::unexpected(at(
        offset, Error{Code::kCorrupt, fmt::format("a line of more than {} bytes", kLineBytesMax)}));
  if (chunk.read.stop == JournalBytes::Stop::kGap)
    WEIR_RETURN_IF_ERROR(skip_gap(chunk.read, offset));
  return std::nullopt;
}

// No whole line at `offset`, and no fragment behind what there is of one.
Status FileReader::skip_gap(const JournalBytes::Read& read, std::int64_t offset) {
  const std::int64_t from = offset + static_cast<std::int64_t>(read.bytes);
  if (!options_.skip_gaps)
    return error(
        Code::kCorrupt,
        "journal {} lacks the bytes from offset {} to {}: a fragment is missing. Put it back, or "
        "read on behind the gap with --skip-gaps",
        journal_, from, read.gap_end);
  log(LogLevel::kWarn, "reading on behind a gap",
      {{"journal", journal_}, {"from", from}, {"to", read.gap_end}});
  scan_at_ = read.gap_end;
  if (settled_ < scan_at_) settled_ = scan_at_;
  return {};
}

// Looks at the next chunk. False at the present end.
Result<bool> FileReader::scan() {
  const std::int64_t before = scan_at_;
  WEIR_TRY(const auto chunk, read_chunk(scan_at_));
  if (!chunk) return scan_at_ != before;
  const std::string& text = *chunk->buffer;
  std::size_t begin = 0;
  while (begin < text.size() && !replay_) {
    const auto* newline =
        static_cast<const char*>(std::memchr(text.data() + begin, '\n', text.size() - begin));
    const auto end = static_cast<std::size_t>(newline - text.data());
    const std::int64_t offset = chunk->begin + static_cast<std::int64_t>(begin);
    auto taken = take_line(*chunk, std::string_view(text).substr(begin, end - begin), offset);
    if (!taken || !*taken) {
      // What came before it is good, and the line is met again at the beginning of the next scan.
      if (offset > before) break;
      if (!taken) return tl::unexpected(at(offset, std::move(taken).error()));
      return false;
    }
    begin = end + 1;
    scan_at_ = chunk->begin + static_cast<std::int64_t>(begin);
  }
  if (scan_at_ <= bytes_.sealed_end()) settled_ = std::max(settled_, scan_at_);
  WEIR_RETURN_IF_ERROR(make_durable());
  if (producers_.size() > kProducersKept) forget_silent();
  return true;
}

// Nothing is handed out, and no position covers, what a power failure could take back.
Status FileReader::make_durable() {
  durable_ = std::max(durable_, bytes_.sealed_end());
  const std::int64_t needed = replay_ || !ready_.empty() ? scan_at_ : settled_;
  if (needed <= durable_) return {};
  WEIR_RETURN_IF_ERROR(bytes_.sync());
  durable_ = scan_at_;
  return {};
}

// False: the line is damaged, but may yet be cut off.
Result<bool> FileReader::take_line(const Chunk& chunk, std::string_view line, std::int64_t offset) {
  document::Uuid uuid;
  switch (inspect_line(line, uuid)) {
    case LineKind::kUuid: {
      WEIR_TRY(const bool settles, take_uuid_line(chunk, line, offset, uuid));
      if (settles)
        settled_ = std::max(settled_, offset + static_cast<std::int64_t>(line.size()) + 1);
      return true;
    }
    case LineKind::kPlain:
      if (offset >= plain_before_) hand_out(chunk.buffer, {line, 0, offset});
      settled_ = std::max(settled_, offset + static_cast<std::int64_t>(line.size()) + 1);
      return true;
    case LineKind::kUnreadable: break;
  }
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return true;  // a blank line
  WEIR_RETURN_IF_ERROR(unreadable(offset));
  return false;
}

// True where the line settled something, so that it will never be cut off.
Result<bool> FileReader::take_uuid_line(const Chunk& chunk, std::string_view line,
                                        std::int64_t offset, const document::Uuid& uuid) {
  Producer& producer = producer_of(uuid);
  if (offset < producer.ignore_before) return false;
  const std::int64_t begin = producer.sequence.begin;
  const ClockTicks above = producer.sequence.last_commit;
  WEIR_TRY(const Outcome outcome, apply(producer.sequence, uuid, offset));
  newest_ = std::max(newest_, uuid.clock);
  switch (outcome) {
    case Outcome::kCommitted: hand_out(chunk.buffer, {line, uuid.clock, offset}); return true;
    case Outcome::kPending: hold(producer, chunk, {line, uuid.clock, offset}); return false;
    case Outcome::kDuplicate: return false;
    case Outcome::kAckEmpty: return true;
    case Outcome::kAckCommit: commit(*last_id_, producer, begin, above, offset); return true;
    case Outcome::kRollback:
    case Outcome::kDeepRollback:
      for (const Batch& batch : producer.held) held_bytes_ -= batch.buffer->size();
      producer.held.clear();
      producer.let_go = false;
      return true;
  }
  return false;
}

FileReader::Producer& FileReader::producer_of(const document::Uuid& uuid) {
  const std::string_view id(reinterpret_cast<const char*>(uuid.producer.data()),
                            uuid.producer.size());
  if (last_id_ != nullptr && *last_id_ == id) return *last_producer_;
  const auto [found, added] = producers_.try_emplace(std::string(id));
  // One that the position does not name had nothing pending, and nothing that still counts, before
  // it.
  if (added) found->second.ignore_before = plain_before_;
  last_id_ = &found->first;
  last_producer_ = &found->second;
  return found->second;
}

void FileReader::hand_out(const Buffer& buffer, const Document& document) {
  if (ready_.empty() || ready_.back().buffer != buffer) ready_.push_back({buffer, {}});
  ready_.back().documents.push_back(document);
}

void FileReader::hold(Producer& producer, const Chunk& chunk, const Document& document) {
  if (producer.let_go) return;
  if (producer.held.empty() || producer.held.back().buffer != chunk.buffer) {
    held_bytes_ += chunk.buffer->size();
    if (held_bytes_ > options_.pending_bytes_max) {
      let_go_of_all();
      producer.let_go = true;
      return;
    }
    producer.held.push_back({chunk.buffer, {}});
  }
  producer.held.back().documents.push_back(document);
}

void FileReader::let_go_of_all() {
  for (auto& [id, producer] : producers_) {
    if (producer.held.empty()) continue;
    producer.held.clear();
    producer.held.shrink_to_fit();
    producer.let_go = true;
  }
  held_bytes_ = 0;
}

// The producer's documents in [begin, end) with clocks above `above` count now.
void FileReader::commit(const std::string& id, Producer& producer, std::int64_t begin,
                        ClockTicks above, std::int64_t end) {
  if (producer.let_go) {
    replay_ = Replay{id, begin, end, above};
    producer.let_go = false;
    return;
  }
  for (Batch& batch : producer.held) {
    held_bytes_ -= batch.buffer->size();
    if (!ready_.empty() && ready_.back().buffer == batch.buffer) {
      auto& documents = ready_.back().documents;
      documents.insert(documents.end(), batch.documents.begin(), batch.documents.end());
    } else {
      ready_.push_back(std::move(batch));
    }
  }
  producer.held.clear();
}

// Reads the next chunk of a committed run again.
Status FileReader::replay() {
  const std::int64_t scan_at = scan_at_;
  WEIR_TRY(const auto chunk, read_chunk(replay_->at));
  if (!chunk)
    return error(Code::kCorrupt,
                 "journal {} lost committed documents at offset {} while they were read", journal_,
                 replay_ ? replay_->at : scan_at);
  const std::string& text = *chunk->buffer;
  Batch batch{chunk->buffer, {}};
  for (std::size_t begin = 0; begin < text.size() && replay_->at < replay_->end;) {
    const std::size_t end = text.find('\n', begin);
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    document::Uuid uuid;
    if (inspect_line(line, uuid) == LineKind::kUuid && is_continue(uuid) &&
        std::memcmp(uuid.producer.data(), replay_->producer.data(), uuid.producer.size()) == 0 &&
        uuid.clock > replay_->above) {
      replay_->above = uuid.clock;
      batch.documents.push_back({line, uuid.clock, replay_->at});
    }
    begin = end + 1;
    replay_->at = chunk->begin + static_cast<std::int64_t>(begin);
  }
  if (replay_->at >= replay_->end) replay_.reset();
  if (!batch.documents.empty()) ready_.push_back(std::move(batch));
  return {};
}

// In the open fragment a damaged line is what a power failure may leave of documents whose
// acknowledgement was never written, and the next append cuts it off. Anywhere else, and before an
// acknowledgement, it is damage.
Status FileReader::unreadable(std::int64_t offset) {
  const Error damage{Code::kCorrupt, "a line that is no JSON object"};
  if (offset < bytes_.sealed_end()) return tl::unexpected(damage);
  WEIR_TRY(const bool acknowledged, acknowledged_behind(offset));
  if (acknowledged) return tl::unexpected(damage);
  return {};
}

Result<bool> FileReader::acknowledged_behind(std::int64_t offset) {
  for (;;) {
    WEIR_TRY(const LineChunk chunk, read_lines(bytes_, offset));
    if (chunk.read.stop == JournalBytes::Stop::kCut || chunk.buffer->empty()) return false;
    for (const std::string_view line : split(*chunk.buffer, '\n')) {
      document::Uuid uuid;
      if (inspect_line(line, uuid) == LineKind::kUuid && is_ack(uuid)) return true;
    }
    offset += static_cast<std::int64_t>(chunk.buffer->size());
  }
}

ClockTicks FileReader::newest_clock() const {
  // A producer whose clock is years ahead must not make all others look silent.
  const ClockTicks ours = document::clock_of(options_.clock->now() + kClockAheadMax);
  return std::min(newest_, ours);
}

bool FileReader::is_silent(const ProducerSequence& sequence, ClockTicks newest) {
  const ClockTicks last = std::max(sequence.last_commit, sequence.max_continue);
  return last < newest && newest - last > kSilentTicks;
}

void FileReader::forget_silent() {
  const ClockTicks newest = newest_clock();
  for (auto at = producers_.begin(); at != producers_.end();) {
    const bool forget = at->second.held.empty() && is_silent(at->second.sequence, newest);
    at = forget ? producers_.erase(at) : std::next(at);
  }
  last_id_ = nullptr;
  last_producer_ = nullptr;
}

protocol::Source FileReader::position() const {
  // What is pending is not known again before it was read again, and nothing else changes up to
  // there.
  if (scan_at_ < settled_) return restored_;
  protocol::Source source;
  source.read_through = settled_;
  const ClockTicks newest = newest_clock();
  for (const auto& [id, producer] : producers_) {
    const ProducerSequence& sequence = producer.sequence;
    const bool pending = sequence.begin >= 0 && sequence.begin < settled_;
    if (sequence.last_commit == 0 && !pending) continue;
    if (is_silent(sequence, newest)) continue;
    source.producers[id] = {sequence.last_commit, pending ? sequence.begin : -1};
  }
  return source;
}

std::int64_t FileReader::bytes_behind() const {
  // Of a large run all is settled before the first of it is handed out.
  std::int64_t from = settled_;
  if (replay_) from = std::min(from, replay_->at);
  if (!ready_.empty()) from = std::min(from, ready_.front().documents.front().begin);
  return std::max<std::int64_t>(0, bytes_.likely_end() - from);
}

}  // namespace weir::journal
